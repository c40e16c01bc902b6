from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from bridge.configfile import ConfigError, Problem, parse, problems_of


class Item(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    size: int = 0
    kind: Literal["small", "large"] = "small"


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid")
    items: list[Item] = []
    named: dict[str, Item | None] = {}
    switch: bool = False


def messages(text: str, overrides: dict[tuple[str | int, ...], str] | None = None) -> list[str]:
    document = parse(text, "f.yaml", {})
    with pytest.raises(ValidationError) as caught:
        Table.model_validate(document.data)
    problems = problems_of(caught.value, document, Table, overrides=overrides)
    return str(ConfigError(problems)).splitlines()


def test_an_unknown_setting_is_placed_at_its_key_with_a_suggestion() -> None:
    assert messages("items:\n  - name: a\n    sizze: 3\n") == [
        "f.yaml:3:5: error: items[0].sizze: unknown setting; did you mean 'size'?"
    ]


def test_suggestions_reach_through_mappings_and_optional_values() -> None:
    assert messages("named: {x: {name: a, kinds: small}}")[0].endswith("unknown setting; did you mean 'kind'?")


def test_what_is_required_is_placed_at_the_mapping_that_lacks_it() -> None:
    assert messages("named:\n  x:\n    size: 1\n") == ["f.yaml:2:3: error: named.x.name: required, but not set"]


def test_a_number_where_text_is_due_is_told_to_be_quoted() -> None:
    assert messages("items: [{name: 12}]") == [
        'f.yaml:1:16: error: items[0].name: must be a text, not a bare number or true/false: quote it ("...")'
    ]


def test_one_of_several_words_gets_a_suggestion() -> None:
    assert messages("items: [{name: a, kind: smal}]") == [
        "f.yaml:1:25: error: items[0].kind: must be 'small' or 'large'; did you mean 'small'?"
    ]


def test_an_empty_value_is_called_empty() -> None:
    assert messages("items:\n") == ["f.yaml:1:1: error: items: must be a list, but is empty"]


def test_a_mistake_in_a_variable_names_the_variable() -> None:
    assert messages("items: [{name: a, size: x}]", {("items", 0, "size"): "BRIDGE_ITEMS"}) == [
        "error: BRIDGE_ITEMS: must be a whole number"
    ]


def test_the_refused_value_is_not_repeated() -> None:
    assert "hunter2" not in "".join(messages("items: [{name: a, size: hunter2}]\nswitch: hunter2"))


def test_problems_are_sorted_by_place_and_those_without_one_come_last() -> None:
    document = parse("a: 1\nb: 2\n", "f.yaml", {})
    problems = [
        Problem("no place", None),
        Problem("b", document.place(("b",)), "warning"),
        Problem("a", document.place(("a",))),
    ]
    assert str(ConfigError(problems)).splitlines() == [
        "f.yaml:1:4: error: a",
        "f.yaml:2:4: warning: b",
        "error: no place",
    ]
