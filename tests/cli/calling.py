"""A verb, called in this process, with none of the caller's own settings."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from typer.testing import CliRunner

from bridge.cli import app

_NONE = {"BRIDGE_ROUTES": None, "BRIDGE_CONFIG": None}


class Ended(NamedTuple):
    """Exit code, output, complaint."""

    code: int
    said: str
    complaint: str

    @property
    def words(self) -> list[str]:
        """The lines, with single spaces."""
        return [" ".join(line.split()) for line in self.said.splitlines()]


def call(*arguments: str | Path, given: bytes = b"", env: Mapping[str, str] = {}) -> Ended:
    ended = CliRunner().invoke(app, [*map(str, arguments)], env=_NONE | dict(env), input=given)
    assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exception
    return Ended(ended.exit_code, ended.stdout, ended.stderr)
