"""The chart, as Kubernetes would take it: each set of values on the oldest and the newest version."""

from pathlib import Path
from typing import Any

import pytest
from deploying.chart import CHART, SETS, VERSIONS, Manifest, manifests, rendered
from deploying.programs import TOOLS, run

pytestmark = pytest.mark.slow

each_set = pytest.mark.parametrize("values", SETS, ids=lambda path: path.name.removesuffix("-values.yaml"))
each_version = pytest.mark.parametrize("version", VERSIONS)

_VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}

# What kube-score wants and this chart has otherwise, each with its reason.
_OTHERWISE = {
    "pod-networkpolicy": "off by default: nobody but you knows where your Kafka is; the set `network` has it",
    "container-image-pull-policy": "the tag is a version, which does not change; Always makes a registry that is away an outage",
    "deployment-has-host-podantiaffinity": "topologySpreadConstraints do it, for zones too",
}
_ALSO = ("container-seccomp-profile", "container-ports-check")


def test_there_are_enough_sets() -> None:
    assert len(SETS) >= 8


@each_set
def test_lint_finds_nothing(values: Path) -> None:
    run("helm", "lint", CHART, "--strict", "--values", values, "--kube-version", VERSIONS[0])


@each_version
@each_set
def test_every_object_fits_its_schema(values: Path, version: str) -> None:
    where = TOOLS / "schemas"
    run(
        "kubeconform",
        "-strict",
        "-kubernetes-version",
        version,
        "-schema-location",
        f"{where}/{{{{.NormalizedKubernetesVersion}}}}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json",
        "-schema-location",
        f"{where}/crds/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json",
        stdin=rendered(values, version=version),
    )


@each_set
def test_every_pod_is_restricted(values: Path) -> None:
    """The profile `restricted` of the Pod Security Standards, control by control."""
    pods = [_pod(one) for one in manifests(rendered(values)) if one["kind"] in {"Deployment", "Pod"}]
    assert pods
    for pod in pods:
        assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for volume in pod["volumes"]:
            assert set(volume) - {"name"} <= _VOLUMES, volume
        for container in (*pod["containers"], *pod.get("initContainers", ())):
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False, container["name"]
            assert context["readOnlyRootFilesystem"] is True, container["name"]
            assert context["capabilities"] == {"drop": ["ALL"]}, container["name"]


@each_set
def test_kube_score_finds_nothing_that_has_no_reason(values: Path) -> None:
    ignored = [part for check in _OTHERWISE for part in ("--ignore-test", check)]
    also = [part for check in _ALSO for part in ("--enable-optional-test", check)]
    # Without a limit of CPU: a throttled event loop makes late calls.
    said = run(
        "kube-score",
        "score",
        *ignored,
        *also,
        "--ignore-container-cpu-limit",
        "--kubernetes-version",
        "v1.35",
        "--exit-one-on-warning",
        "--output-format",
        "ci",
        "-",
        stdin=rendered(values),
    )
    assert "[OK]" in said


def test_the_units_pass() -> None:
    run("untt", "--color=false", CHART)


def test_every_value_is_described() -> None:
    """The README is what helm-docs makes of the values' comments."""
    arguments = ("--chart-search-root", CHART, "--sort-values-order", "file", "--dry-run")
    assert run("helm-docs", *arguments).strip() == (CHART / "README.md").read_text().strip()
    undescribed = [line for line in (CHART / "README.md").read_text().splitlines() if line.endswith("|  |")]
    assert not undescribed


def test_its_version_is_the_services() -> None:
    project = (CHART.parents[1] / "pyproject.toml").read_text()
    (version,) = (line.split('"')[1] for line in project.splitlines() if line.startswith("version = "))
    assert f'appVersion: "{version}"' in (CHART / "Chart.yaml").read_text()


def _pod(manifest: Manifest) -> dict[str, Any]:
    found: dict[str, Any] = manifest["spec"] if manifest["kind"] == "Pod" else manifest["spec"]["template"]["spec"]
    return found
