import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.configfile import ConfigError, Document, Place, load, parse
from bridge.configfile.building import DEEPEST
from bridge.configfile.loading import LARGEST_FILE


def read(text: str, **environ: str) -> Document:
    return parse(text, "f.yaml", environ)


def complaints(text: str, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(text, **environ)
    return str(caught.value).splitlines()


def test_words_that_yaml_1_1_took_for_something_else_are_text() -> None:
    words = ["yes", "no", "on", "off", "y", "12:30:45", "2026-02-05", "1_000", "0b11", "Infinity", "nan"]
    assert read("\n".join(f"- {word}" for word in words)).data == words


def test_unquoted_words_follow_the_core_schema() -> None:
    text = "[null, ~, true, False, 12, -3, +4, 0x1F, 1.5, .5, 1e3, 0, -0.25]"
    expected = [None, None, True, False, 12, -3, 4, 31, 1.5, 0.5, 1000.0, 0, -0.25]
    read_back = read(text).data
    assert read_back == expected
    assert [type(value) for value in read_back] == [type(value) for value in expected]


def test_quoted_words_are_text() -> None:
    assert read("""["12", 'true', "null", ""]""").data == ["12", "true", "null", ""]


@pytest.mark.parametrize(
    "word", ["0123", "-007", "0o17", ".inf", "-.INF", ".nan", "1e999", "18446744073709551616", "9" * 5000]
)
def test_numbers_that_nobody_can_mean_are_refused(word: str) -> None:
    (complaint,) = complaints(f"a: 1\nb: {word}")
    assert complaint.startswith("f.yaml:2:4: error: ")
    assert "quote it" in complaint


def test_every_problem_is_told_at_once_with_its_place() -> None:
    text = "a: ${NOT_SET}\na: 1\n1: x\nb: !!str 2\nc: [0123]\n<<: {x: 1}\n? [k]\n: v\n"
    assert [line.split(" error: ")[0] for line in complaints(text)] == [
        "f.yaml:1:4:",
        "f.yaml:2:1:",
        "f.yaml:3:1:",
        "f.yaml:4:4:",
        "f.yaml:5:5:",
        "f.yaml:6:1:",
        "f.yaml:7:3:",
    ]


def test_a_repeated_key_names_the_line_of_the_first() -> None:
    assert complaints("a:\n  x: 1\n  y: 2\n  x: 3\n") == [
        "f.yaml:4:3: error: 'x' is already set in line 2: remove one of them"
    ]


@pytest.mark.parametrize("key", ["1", "true", "null", "~", "1.5", "", "[a]", "{a: 1}", "&a b", "!t c", "*a"])
def test_a_key_that_is_no_plain_text_is_refused(key: str) -> None:
    assert "f.yaml:1:" in complaints(f"? {key}\n: 1\n")[0]


def test_a_tag_is_refused_as_it_is_written() -> None:
    assert complaints("a: !!python/name:os.system x") == [
        "f.yaml:1:4: error: tags are not supported: remove !!python/name:os.system"
    ]


def test_a_second_document_is_refused() -> None:
    assert complaints("a: 1\n---\nb: 2\n") == ["f.yaml:2:1: error: a second document begins here: a file holds one"]


def test_directives_are_refused() -> None:
    assert "directives" in complaints("%YAML 1.1\n---\na: 1\n")[0]


def test_an_alias_repeats_what_its_anchor_marks() -> None:
    assert read("a: &x {b: [1]}\nc: *x\n").data == {"a": {"b": [1]}, "c": {"b": [1]}}


@pytest.mark.parametrize("text", ["a: *x", "a: &x [*x]"])
def test_an_alias_of_nothing_or_of_itself_is_refused(text: str) -> None:
    assert "refers to nothing" in complaints(text)[0]


def test_aliases_of_aliases_end_before_they_fill_the_memory() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert "values" in complaints("\n".join(lines))[0]


def test_deep_nesting_is_refused() -> None:
    assert read("[" * DEEPEST + "]" * DEEPEST).data
    assert f"f.yaml:1:{DEEPEST + 1}: error: nested deeper" in complaints("[" * 100_000)[0]


@pytest.mark.parametrize(
    ("text", "place"),
    [("a: 'x\n", "2:1"), ("a: b\n c: 2\n", "2:3"), ("a:\n\t- x", "2:1"), ("a: x\n\x01", "2:1"), ("a: {", "1:5")],
)
def test_what_is_no_yaml_is_told_with_its_place(text: str, place: str) -> None:
    assert complaints(text)[0].startswith(f"f.yaml:{place}: error: ")


def test_a_reference_in_a_flow_mapping_is_told_to_be_quoted() -> None:
    assert "quote a text that holds ${...}" in complaints("a: {b: ${X}}", X="1")[0]


def test_places_are_those_of_the_file() -> None:
    document = read("a:\n  b: [x, {c: 1}]\n")
    assert document.place(("a", "b", 1, "c")) == Place("f.yaml", 2, 14)
    assert document.place(("a", "b"), key=True) == Place("f.yaml", 2, 3)
    assert document.place(("a", "b", 0)) == Place("f.yaml", 2, 7)
    assert document.place(()) == Place("f.yaml", 1, 1)


def test_what_the_file_lacks_is_placed_at_the_key_of_what_it_has() -> None:
    document = read("x: 1\na:\n  b: {}\n")
    assert document.place(("a", "b", "missing")) == Place("f.yaml", 3, 3)
    assert document.place(("nothing", "here")) == Place("f.yaml", 1, 1)


def test_an_empty_file_holds_nothing() -> None:
    assert read("").data is None
    assert read("# only a comment\n").data is None


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere.yaml:1:1: error: can't read this file: No such file"):
        load(tmp_path / "nowhere.yaml", {})


def test_a_file_that_is_not_utf8_is_told_with_the_place_of_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes("a: é\nb: ö".encode() + b"\xff")
    with pytest.raises(ConfigError, match=r"f.yaml:2:5: error: the file is not UTF-8"):
        load(path, {})


def test_a_byte_order_mark_is_nothing(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1")
    document = load(path, {})
    assert document.data == {"a": 1}
    assert document.place(("a",), key=True).column == 1


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes(b"#" * (LARGEST_FILE + 1))
    with pytest.raises(ConfigError, match="larger than"):
        load(path, {})


@settings(max_examples=400, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("ab1:-[]{},&*!|>#%\"'?~<$\\xU \n\t.é\x00\ud800")), max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(ConfigError):
        read(text)


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.from_regex("[a-z]{2,6}", fullmatch=True), inner, max_size=3)
        ),
    )
)
def test_what_json_writes_is_read_back(data: object) -> None:
    assert parse(json.dumps(data), "f", {}).data == data


def test_an_escaped_character_of_two_halves_is_one_character() -> None:
    text = r'a: "\ud83d\ude00!"' + "\n" + r'"\ud83d\ude00": b'
    assert parse(text, "f", {}).data == {"a": "\U0001f600!", "\U0001f600": "b"}


@pytest.mark.parametrize("text", [r'a: "\ud83d"', r'"\ude00": b', r'a: ["x\ude00\ud83d"]'])
def test_half_a_character_is_an_error_at_its_place(text: str) -> None:
    with pytest.raises(ConfigError, match=r"f:1:\d: error: half of a character"):
        parse(text, "f", {})
