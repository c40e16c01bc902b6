"""The chart on a real API server: `make k8s-e2e`. Not a part of any other target: its programs take twenty minutes to build."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any

import pytest
from deploying.chart import CHART
from deploying.cluster import Cluster, running_cluster
from waiting import eventually

_NAMESPACE = "campaigns"
_VALUES = ("--namespace", _NAMESPACE, "--values", CHART / "ci" / "minimal-values.yaml", "--wait", "--timeout", "3m")
# As short as they may be, so that three rollouts don't take minutes.
_QUICK = ("--set", "settings.kafka.session_timeout=3s", "--set", "minReadySeconds=3")


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    with ExitStack() as until_the_end:
        made = await running_cluster(until_the_end)
        made.kubectl("create", "namespace", _NAMESPACE)
        made.kubectl("label", "namespace", _NAMESPACE, "pod-security.kubernetes.io/enforce=restricted")
        yield made


def _pods(cluster: Cluster) -> list[dict[str, Any]]:
    found = cluster.get(_NAMESPACE, "pods")["items"]
    return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]


def _names(cluster: Cluster) -> set[str]:
    return {pod["metadata"]["name"] for pod in _pods(cluster)}


def _images(cluster: Cluster) -> Counter[str]:
    return Counter(pod["spec"]["containers"][0]["image"] for pod in _pods(cluster))


@pytest.mark.timeout(900)
async def test_it_is_installed_upgraded_rolled_back_and_drained(cluster: Cluster) -> None:
    cluster.helm("install", "bridge", CHART, *_VALUES, *_QUICK)
    assert _images(cluster) == {"campaign-bridge:0.1.0": 3}
    assert len({pod["spec"]["nodeName"] for pod in _pods(cluster)}) == 3, "spread over the nodes"

    newer = ("--set", "image.tag=0.2.0")
    cluster.helm("upgrade", "bridge", CHART, *_VALUES, *_QUICK, *newer, "--set", "lookups.files.x=y")
    await eventually(lambda: _images(cluster) == {"campaign-bridge:0.2.0": 3}, within=60, every=1)
    assert len({pod["spec"]["nodeName"] for pod in _pods(cluster)}) == 3, "each version is spread on its own"

    names = _names(cluster)
    cluster.helm("upgrade", "bridge", CHART, *_VALUES, *_QUICK, *newer, "--set", "lookups.files.x=z")
    assert _names(cluster) == names, "a changed lookup is no rollout"

    cluster.helm("rollback", "bridge", "1", "--namespace", _NAMESPACE, "--wait", "--timeout", "3m")
    await eventually(lambda: _images(cluster) == {"campaign-bridge:0.1.0": 3}, within=60, every=1)

    await eventually(lambda: _allowed(cluster) == 1, within=30, every=1)
    first, second, _ = _names(cluster)
    assert cluster.evict(_NAMESPACE, first)
    assert not cluster.evict(_NAMESPACE, second), "one at a time"
    await eventually(lambda: _allowed(cluster) == 1 and len(_pods(cluster)) == 3, within=60, every=1)

    cluster.helm("uninstall", "bridge", "--namespace", _NAMESPACE, "--wait")
    assert cluster.get(_NAMESPACE, "deployments,services,poddisruptionbudgets")["items"] == []


def _allowed(cluster: Cluster) -> int:
    allowed: int = cluster.get(_NAMESPACE, "poddisruptionbudget", "bridge")["status"]["disruptionsAllowed"]
    return allowed
