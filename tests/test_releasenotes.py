import pytest

from tools.releasenotes import notes

CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n## [1.1.0] - unreleased\n\n- A\n\n## [1.0.0] - 2026-01-02\n\n### Added\n\n- B\n\n## [0.9.0] - 2025-01-02\n"


def test_notes_are_the_section_of_the_version() -> None:
    assert notes(CHANGELOG, "1.0.0") == "### Added\n\n- B\n"


@pytest.mark.parametrize(
    ("version", "why"),
    [("1.1.0", "is unreleased"), ("0.9.0", "says nothing"), ("100", "no section"), ("1.0", "no section")],
)
def test_a_version_without_notes_is_not_released(version: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        notes(CHANGELOG, version)
