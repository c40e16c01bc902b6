"""What is locked may be used, and an audit that did not happen is not passed."""

from pathlib import Path

import pytest

from tools import audit, licences


def test_every_package_that_is_locked_is_permissively_licensed(capsys: pytest.CaptureFixture[str]) -> None:
    assert licences.main() == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    "word", ["GPL-3.0-or-later", "AGPL-3.0", "SSPL-1.0", "MPL-2.0", "Proprietary", "BUSL-1.1", "MITX"]
)
def test_another_licence_is_none_of_these(word: str) -> None:
    assert licences._PERMISSIVE.fullmatch(word) is None


def test_every_exception_is_for_a_package_that_is_locked() -> None:
    assert all(f'name = "{name}"\n' in licences.LOCK.read_text() for name in licences._ALLOWED)


@pytest.mark.parametrize(("code", "end"), [(0, 0), (1, 1), (2, 2), (101, 2)])
def test_an_audit_that_got_no_answer_is_not_passed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], code: int, end: int
) -> None:
    uv = tmp_path / "uv"
    uv.write_text(f"#!/bin/sh\nexit {code}\n")
    uv.chmod(0o755)
    assert audit.main(str(uv)) == end
    assert ("NOT AUDITED" in capfd.readouterr().out) == (end == 2)
