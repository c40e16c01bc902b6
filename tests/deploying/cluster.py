"""A Kubernetes without machines: a real API server, etcd, controllers and scheduler; kwok plays the kubelets."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from deploying.programs import TOOLS, attempt, program, run
from waiting import eventually

from bridge.demo.ports import free_ports
from bridge.demo.processes import ChildProcess

_TOKEN = "for-this-cluster-alone"


class Cluster:
    """Its objects, by kubectl and helm."""

    def __init__(self, kubeconfig: Path, folder: Path) -> None:
        self._kubeconfig = kubeconfig
        self._folder = folder

    def kubectl(self, *arguments: str | Path, stdin: str | None = None) -> str:
        return run("kubectl", "--kubeconfig", self._kubeconfig, *arguments, stdin=stdin)

    def helm(self, *arguments: str | Path) -> str:
        home = {name: str(self._folder) for name in ("HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME")}
        return run("helm", "--kubeconfig", self._kubeconfig, *arguments, environ=home)

    def get(self, namespace: str, *what: str) -> Any:
        return json.loads(self.kubectl("--namespace", namespace, "get", *what, "--output", "json"))

    def evict(self, namespace: str, pod: str) -> bool:
        """Whether the API server lets it go."""
        eviction = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": pod, "namespace": namespace},
        }
        path = f"/api/v1/namespaces/{namespace}/pods/{pod}/eviction"
        arguments = ("--kubeconfig", self._kubeconfig, "create", "--raw", path, "-f", "-")
        code, said = attempt("kubectl", *arguments, stdin=json.dumps(eviction))
        assert code == 0 or "disruption budget" in said, said
        return code == 0


@contextmanager
def _started(folder: Path, name: str, *arguments: str | Path) -> Iterator[None]:
    with ChildProcess([program(name), *arguments], log=folder / f"{name}.log"):
        yield


async def running_cluster(until_the_end: ExitStack, nodes: int = 3) -> Cluster:
    """With so many nodes, ready, in three zones; ends with the stack."""
    folder = Path(until_the_end.enter_context(tempfile.TemporaryDirectory(prefix="cluster-")))
    client, peer, secure, manager, scheduler = free_ports(5)
    etcd = f"http://127.0.0.1:{client}"
    peers = f"http://127.0.0.1:{peer}"
    key = folder / "sa.key"
    run("openssl", "genrsa", "-out", key, "2048")
    (folder / "tokens.csv").write_text(f"{_TOKEN},admin,admin,system:masters\n")
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(json.dumps(_kubeconfig(secure)))

    def start(name: str, *arguments: str | Path) -> None:
        until_the_end.enter_context(_started(folder, name, *arguments))

    start(
        "etcd", "--data-dir", folder / "etcd", "--listen-client-urls", etcd, "--advertise-client-urls", etcd,
        "--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers, "--initial-cluster", f"default={peers}",
        "--unsafe-no-fsync",
    )  # fmt: skip
    start(
        "kube-apiserver", f"--etcd-servers={etcd}", f"--secure-port={secure}", f"--cert-dir={folder / 'certs'}",
        f"--token-auth-file={folder / 'tokens.csv'}", "--authorization-mode=RBAC",
        "--service-account-issuer=https://kubernetes.default", f"--service-account-signing-key-file={key}",
        f"--service-account-key-file={key}", "--service-cluster-ip-range=10.0.0.0/24", "--bind-address=127.0.0.1",
    )  # fmt: skip
    cluster = Cluster(kubeconfig, folder)
    await eventually(lambda: _answers(cluster), within=120, every=1)
    start(
        "kube-controller-manager", f"--kubeconfig={kubeconfig}", f"--secure-port={manager}",
        f"--service-account-private-key-file={key}", "--leader-elect=false", f"--cert-dir={folder / 'manager'}",
    )  # fmt: skip
    start(
        "kube-scheduler", f"--kubeconfig={kubeconfig}", f"--secure-port={scheduler}", "--leader-elect=false",
        f"--cert-dir={folder / 'scheduler'}",
    )  # fmt: skip
    start("kwok", f"--kubeconfig={kubeconfig}", "--manage-all-nodes=true", f"--config={TOOLS / 'kwok-stages.yaml'}")
    for number in range(nodes):
        cluster.kubectl("apply", "-f", "-", stdin=json.dumps(_node(number)))
    cluster.kubectl("wait", "nodes", "--all", "--for=condition=Ready", "--timeout=60s")
    return cluster


def _answers(cluster: Cluster) -> bool:
    try:
        return cluster.kubectl("get", "--raw", "/readyz").strip() == "ok"
    except AssertionError:
        return False


def _kubeconfig(port: int) -> dict[str, Any]:
    server = {"server": f"https://127.0.0.1:{port}", "insecure-skip-tls-verify": True}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "test", "cluster": server}],
        "users": [{"name": "admin", "user": {"token": _TOKEN}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "admin"}}],
        "current-context": "test",
    }


def _node(number: int) -> dict[str, Any]:
    name = f"node-{number}"
    size = {"cpu": "8", "memory": "16Gi", "pods": "110", "ephemeral-storage": "100Gi"}
    labels = {"kubernetes.io/hostname": name, "topology.kubernetes.io/zone": f"zone-{number}"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels, "annotations": {"kwok.x-k8s.io/node": "fake"}},
        "status": {"allocatable": size, "capacity": size},
    }
