"""The programs that the checks of image and chart need (`make ops` installs most of them into .tools)."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile

from missing import not_here

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"


def program(name: str) -> str:
    """Where it is. The test can't run without."""
    found = shutil.which(name, path=f"{TOOLS / 'bin'}{os.pathsep}{os.environ['PATH']}")
    return found or not_here(f"there is no {name}: `make ops` installs it, or says why it can't")


def run(name: str, *arguments: str | Path, stdin: str | None = None, environ: Mapping[str, str] | None = None) -> str:
    """What it prints when it ends well. Raises AssertionError with all that it said when it doesn't."""
    code, said = attempt(name, *arguments, stdin=stdin, environ=environ)
    assert code == 0, f"{name} ended with {code}:\n{said}"
    return said


def attempt(
    name: str, *arguments: str | Path, stdin: str | None = None, environ: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Its exit code, and what it printed; with 0 the standard output alone."""
    # Files and not pipes: what podman leaves running would keep a pipe open.
    with TemporaryFile("w+") as out, TemporaryFile("w+") as err:
        done = subprocess.run(
            [program(name), *map(str, arguments)],
            input=stdin,
            stdout=out,
            stderr=err,
            text=True,
            cwd=ROOT,
            env={**os.environ, **(environ or {})},
            check=False,
        )
        out.seek(0)
        err.seek(0)
        return done.returncode, out.read() if done.returncode == 0 else out.read() + err.read()
