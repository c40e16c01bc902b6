from dataclasses import dataclass
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from routing.tables import event

from bridge.routing.matching import Condition, Index, match_key
from bridge.routing.paths import parse_path

SCALARS = st.sampled_from(["goal", "card", "1", "true", "", 1, 1.0, 0, True, False, None, 2**53 + 1])
PATHS = st.sampled_from(["type", "kind", "team.id", "$headers.origin"])


@dataclass(frozen=True)
class Rule:
    number: int
    conditions: tuple[Condition, ...]


RULES = st.lists(st.dictionaries(PATHS, st.lists(SCALARS, min_size=1, max_size=3), max_size=3), max_size=8).map(
    lambda tables: [
        Rule(number, tuple(Condition.of(parse_path(path), values) for path, values in table.items()))
        for number, table in enumerate(tables)
    ]
)
BODIES = st.fixed_dictionaries(
    {}, optional={"type": SCALARS, "kind": SCALARS, "team": st.fixed_dictionaries({"id": SCALARS})}
)


@given(RULES, BODIES)
def test_the_index_finds_exactly_the_rules_whose_conditions_all_hold_in_order(
    rules: list[Rule], body: dict[str, Any]
) -> None:
    happened = event(body)
    assert Index(rules).matching(happened) == [
        rule for rule in rules if all(one.holds(happened) for one in rule.conditions)
    ]


def test_values_are_compared_as_json_compares_them() -> None:
    assert match_key(1) == match_key(1.0)
    different = [match_key(value) for value in (1, "1", True, "true", None, "null", 0, False, "")]
    assert len(set(different)) == len(different)


def test_lists_objects_and_what_is_missing_equal_nothing() -> None:
    condition = Condition.of(parse_path("type"), [None, "goal"])
    bodies: list[Any] = [{"type": ["goal"]}, {"type": {}}, {}, ["goal"], "goal", None]
    assert not any(condition.holds(event(body)) for body in bodies)
    assert condition.holds(event({"type": None}))
