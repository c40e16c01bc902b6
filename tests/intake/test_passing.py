"""What is passed by, against what deciding finds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.members import Read

from bridge.errors import Undecodable
from bridge.events import Format
from bridge.formats import decode
from bridge.formats.bounds import LARGEST_EVENT
from bridge.intake.passing import Passing
from bridge.routing import Table, load_table

HEAD = """
version: 1
sources:
  matches: {topic: matches, format: json, event_id: EVENT_ID, start: earliest}
defaults: {expires_after: 10m}
generators:
  any: {brand: acme, id: 11111111-2222-3333-4444-555555555555, context: {note: {type: string, required: false}}}
routes:
"""
# Of routes with these; the one in shadow mode wants its events too, the one that is off does not.
MATCHES: Mapping[str, Sequence[str | None]] = {
    "one field": ["{type: goal}", "{type: [card, kick-off]}"],
    "two fields": ["{type: goal}", "{kind: goal}"],
    "two fields of a route": ["{type: goal, kind: card}", "{type: card}"],
    "all that JSON has": ["{type: [goal, 1, 1.5, true, null, '']}"],
    "an odd name": ['{"[\\"a.b\\"]": goal}'],
    "shadow": ["{type: goal}\n    mode: shadow"],
    "off": ['{type: goal}\n    mode: "off"'],
    "none at all": ['{type: never}\n    mode: "off"'],
}
# And where it can't be told.
UNTOLD: Mapping[str, Sequence[str | None]] = {
    "inside an object": ["{type: goal}", "{team.id: goal}"],
    "a header": ["{$headers.type: goal}"],
    "every event": ["{type: goal}", None],
}


def table_of(folder: Path, matches: Sequence[str | None], *, event_id: str = "id") -> Table:
    routes = "".join(
        f"  - name: r{number}\n    source: matches\n    generator: any\n    topic_key: t{number}\n"
        '    context: {note: "{note}"}\n' + ("" if match is None else f"    match: {match}\n")
        for number, match in enumerate(matches)
    )
    file = folder / "routes.yaml"
    file.write_text(HEAD.replace("EVENT_ID", event_id) + routes)
    return load_table(file, {})


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Table]:
    folder = tmp_path_factory.mktemp("passing")
    return {name: table_of(folder, matches) for name, matches in {**MATCHES, **UNTOLD}.items()}


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


# Names and values as texts, so that one may stand twice, be written in several ways, or be none.
NAMES = st.sampled_from([b'"id"', b'"type"', b'"kind"', b'"a.b"', b'"ty\\u0070e"'])
KINDS = st.sampled_from(
    [
        *[b'"goal"', b'"go\\u0061l"', b'"card"', b'"throw-in"', b'{"id": "goal"}', b'["goal"]', b"true", b"null"],
        *[b'""', b'" "', b"1", b"1.0", b"1.5", b"-0", b'"' + b"x" * 1000 + b'"', b'"' + b"x" * 1001 + b'"', nested(99)],
    ]
)
WRONG = st.sampled_from(
    [
        *[b"1e400", b"NaN", b"01", b"18446744073709551616", b"1" * 19, b"[1,]", b"tru", nested(100), nested(5000)],
        *[b'"\\ud800"', b'"\xff"', b'"\xed\xa0\x80"', b'"\x01"', b'"G\xc3\xbcndo\xc4\x9fan"', b'"' + b"[" * 300 + b'"'],
    ]
)
USUAL = (b'"id":"e1"', b'"type":"throw-in"', b'"kind":"x"', b'"a.b":"y"')
MEMBERS = st.tuples(NAMES, KINDS).map(b":".join)
ODD = st.tuples(NAMES | st.sampled_from([b'"x\xff"', b'"\\ud800"', b"x"]), WRONG | KINDS).map(b":".join)


def object_of(members: Iterable[bytes]) -> bytes:
    return b"{" + b",".join(members) + b"}"


# What is usual with a few members more; some of it alone; with one that may be wrong; and cut.
FULL = st.lists(MEMBERS, max_size=2).map(lambda more: object_of([*USUAL, *more]))
SPARSE = st.lists(MEMBERS, max_size=4).map(object_of)
SPOILT = ODD.map(lambda odd: object_of([*USUAL, odd]))
CUT = st.tuples(FULL, st.integers(0, 60), st.binary(max_size=2)).map(lambda of: of[0][: of[1]] + of[2] + of[0][of[1] :])
RECORDS = st.lists(FULL | SPARSE | SPOILT | CUT | st.none(), min_size=1, max_size=6)


def means_nothing(table: Table, record: Read) -> bool:
    try:
        decided = table.decide("matches", decode(record, "json"), 1_770_000_000_000)
    except Undecodable:
        return False
    return not decided.triggers and not decided.shadow


@given(name=st.sampled_from(sorted(MATCHES)), values=RECORDS)
def test_what_is_passed_by_is_an_event_that_no_route_wants(
    name: str, values: list[bytes | None], tables: dict[str, Table]
) -> None:
    table = tables[name]
    records = [Read(value, offset=offset) for offset, value in enumerate(values)]
    found = list(Passing.by_topic(table)["matches"].left_of(records))
    left = [record for record, _ in found]
    assert left == [record for record in records if record in left]
    assert all(means_nothing(table, record) for record in records if record not in left)
    assert all(body is None or decode(record, "json").body == body for record, body in found)


@pytest.mark.parametrize("name", sorted(MATCHES))
def test_an_event_whose_fields_hold_other_texts_is_passed_by(name: str, tables: dict[str, Table]) -> None:
    passing = Passing.by_topic(tables[name])["matches"]
    usual = b'{"id":"e1","type":"throw-in","kind":"x","a.b":"y","player":"\xc4\xb0lkay"}'
    assert passing.source == "matches"
    assert not list(passing.left_of([Read(usual)]))


@pytest.mark.parametrize("event_id", ["", " ", "x" * 1001, None, 7, True, ["e1"]])
def test_an_event_without_a_usual_id_is_decided(event_id: Any, tables: dict[str, Table]) -> None:
    odd = Read(orjson.dumps({"id": event_id, "type": "throw-in"}))
    assert list(Passing.by_topic(tables["one field"])["matches"].left_of([odd])) == [
        (odd, orjson.loads(odd.value or b""))
    ]


def test_no_more_than_one_object_is_read_ahead_of_its_decision(tables: dict[str, Table]) -> None:
    """Objects take many times the memory of their records."""
    asked: list[int] = []

    class Records(list[Read]):
        def __iter__(self) -> Iterator[Read]:
            for number, record in enumerate(super().__iter__()):
                asked.append(number)
                yield record

    wanted = Read(b'{"id":"e1","type":"goal"}')
    left = Passing.by_topic(tables["one field"])["matches"].left_of(Records([wanted] * 3))
    for number in range(3):
        assert next(left)[0] is wanted
        assert asked == list(range(number + 1))


def test_a_value_that_is_too_large_is_no_event_even_if_no_route_wants_it(tables: dict[str, Table]) -> None:
    large = Read(b'{"id":"e1","type":"throw-in","x":"' + b"x" * LARGEST_EVENT + b'"}')
    assert list(Passing.by_topic(tables["one field"])["matches"].left_of([large])) == [(large, None)]


@pytest.mark.parametrize("name", sorted(UNTOLD))
def test_a_route_that_asks_for_more_than_a_field_has_every_event_decided(name: str, tables: dict[str, Table]) -> None:
    assert Passing.by_topic(tables[name]) == {}


def test_an_id_that_is_no_field_has_every_event_decided(tmp_path: Path) -> None:
    assert Passing.by_topic(table_of(tmp_path, ["{type: goal}"], event_id="meta.id")) == {}


@pytest.mark.parametrize("encoded", ["json", "cloudevents"])
def test_a_topic_that_two_sources_read_has_every_event_decided(encoded: Format, tmp_path: Path) -> None:
    table = table_of(tmp_path, ["{type: goal}"])
    matches = table.sources["matches"]
    others = replace(matches, name="others", format=encoded)
    assert Passing.by_topic(Table({"matches": matches, "others": others}, table.routes.values())) == {}
    assert Passing.by_topic(Table({"matches": replace(matches, format="cloudevents")}, table.routes.values())) == {}
