"""The image, built once for all tests, with buildah and without an engine."""

import os
from functools import cache
from pathlib import Path

from deploying.programs import ROOT, attempt, program, run
from missing import not_here

IMAGE = "localhost/campaign-bridge:ops"
BASE = "docker.io/library/python:3.13-slim-trixie"
STAND_IN = "localhost/stand-in-for-python:3.13-trixie"
RUNTIME = ("--runtime", "runc")
CONTAINERS = {"CONTAINERS_CONF": str(Path(__file__).with_name("containers.conf"))}


@cache
def built() -> str:
    """Its name: one that podman has already (BRIDGE_TEST_IMAGE), or built here. On the real base where that can be had, else on a stand-in made of Debian's packages; the second is said."""
    if os.geteuid() != 0:
        not_here("buildah and podman without an engine need root")
    if given := os.environ.get("BRIDGE_TEST_IMAGE"):
        return given
    # The machine's certificates, for the build alone: package registries may be behind an authority of its own.
    trust = ("--volume", "/etc/ssl/certs:/etc/ssl/certs:ro")
    run(
        "buildah", "bud", "--isolation", "chroot", "--network", "host", "--pull-never", *trust,
        "--build-arg", f"BASE={_base()}", "--tag", IMAGE, ROOT,
        environ=CONTAINERS,
    )  # fmt: skip
    return IMAGE


def _base() -> str:
    if attempt("podman", "image", "exists", BASE, environ=CONTAINERS)[0] == 0:
        return BASE
    if attempt("buildah", "pull", BASE, environ=CONTAINERS)[0] == 0:
        return BASE
    print(f"{BASE} can't be had: built on a stand-in of Debian's packages")  # noqa: T201 - shown with -rA, and when a test fails
    if attempt("podman", "image", "exists", STAND_IN, environ=CONTAINERS)[0] != 0:
        _make_stand_in()
    return STAND_IN


def _make_stand_in() -> None:
    program("mmdebstrap")
    tar = ROOT / ".tools" / "stand-in.tar"
    tar.parent.mkdir(exist_ok=True)
    run(
        "mmdebstrap",
        "--variant=minbase",
        "--include=python3,python3-venv,ca-certificates",
        "trixie",
        tar,
    )
    run("podman", "import", tar, STAND_IN, environ=CONTAINERS)
    tar.unlink()
