from pathlib import Path

import pytest

from bridge.configfile import ConfigError, parse
from bridge.configfile.loading import UnreadPartsError


def read(text: str, **environ: str) -> object:
    return parse(text, "f.yaml", environ).data


def complaint(text: str, **environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse(text, "f.yaml", environ)
    return str(caught.value)


def test_a_variable_is_read_inside_a_text() -> None:
    assert read('a: "x-${A}-${B}"', A="1", B="2") == {"a": "x-1-2"}


def test_what_comes_out_is_always_text() -> None:
    assert read("[${A}, ${B}, ${C}]".replace("${", '"${').replace("}", '}"'), A="12", B="true", C="null") == [
        "12",
        "true",
        "null",
    ]
    assert read("a: ${A}", A="12") == {"a": "12"}


def test_a_value_cannot_change_the_structure() -> None:
    assert read("a: ${A}\n", A="x\nb: injected ${B} *alias") == {"a": "x\nb: injected ${B} *alias"}


def test_an_empty_variable_counts_as_unset() -> None:
    assert read("a: ${A:-fallback}", A="") == {"a": "fallback"}
    assert "A is not set (or empty): set it" in complaint("a: ${A}", A="")


def test_a_default_may_be_empty_or_hold_a_colon() -> None:
    assert read('["${A:-}", "${A:-b:-c}"]') == ["", "b:-c"]


def test_a_default_is_unused_when_the_variable_is_set() -> None:
    assert read('"${A:-no}"', A="yes") == "yes"


def test_a_doubled_dollar_is_a_literal() -> None:
    assert read('"$${A} costs $5, {b}"') == "${A} costs $5, {b}"


def test_an_unset_variable_is_told_with_its_place() -> None:
    assert complaint("a:\n  - x ${NOWHERE}\n").startswith(
        "f.yaml:2:5: error: the environment variable NOWHERE is not set"
    )


@pytest.mark.parametrize("text", ["${}", "${a b}", "${A-x}", "${A", "${1}"])
def test_what_looks_like_a_reference_but_is_none_is_refused(text: str) -> None:
    assert "write $${ for a literal" in complaint(f'"{text}"', A="1")


def test_comments_and_keys_are_not_interpolated() -> None:
    assert read('# ${NOWHERE}\n"${KEY}": 1') == {"${KEY}": 1}


def test_a_mounted_secret_is_read_and_stripped(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("  s3cret \n")
    assert read(f'"${{file:{secret}}}"') == "s3cret"


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"", "is empty"), (b" \n", "is empty"), (b"\xff", "not UTF-8"), (b"x" * 70_000, "larger than")],
)
def test_a_secret_that_is_none_is_told(tmp_path: Path, content: bytes, expected: str) -> None:
    secret = tmp_path / "key"
    secret.write_bytes(content)
    assert expected in complaint(f'"${{file:{secret}}}"')


def test_a_missing_secret_is_told_with_its_path(tmp_path: Path) -> None:
    text = complaint(f'a: "${{file:{tmp_path}/none}}"')
    assert text.startswith("f.yaml:1:4: error: can't read the file")
    assert "No such file" in text
    assert "must begin with /" in complaint('"${file:relative}"')


def test_the_files_that_are_referred_to_are_known_also_those_that_can_not_be_read(tmp_path: Path) -> None:
    there, missing = tmp_path / "there", tmp_path / "missing"
    there.write_text("secret")
    assert parse(f"a: [1, {{b: '${{file:{there}}}'}}]", "f.yaml", {}).secrets == {there}
    with pytest.raises(UnreadPartsError) as caught:
        parse(f"a: 'x${{file:{there}}}${{file:{missing}}}'", "f.yaml", {})
    assert caught.value.document.secrets == {there, missing}


def test_what_stands_in_a_reference_that_is_none_is_not_shown() -> None:
    """It may be a part of a password."""
    said = complaint("a: 'pass${wo rd}'")
    assert "what begins with ${ is none of ${NAME}, ${NAME:-default} and ${file:/path}" in said
    assert "wo rd" not in said
