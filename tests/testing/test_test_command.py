"""`bridge test`, as a person meets it."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from cli.calling import Ended, call
from routing.tables import TABLE, spoiled, write

EVENT = '{id: e1, type: goal, occurred_at: "2026-02-05T20:12:00Z", match: {id: m1}, team: {id: GER, name: Germany}, minute: 12}'
CONTEXT = '{team_name: Germany, minute: 12, url: "https://example.com/m/m1"}'
GOOD = f"{{topic_key: 00000000-abcd, context: {CONTEXT}}}"


def beside(expect: str = GOOD, event: str = EVENT, text: str = TABLE, more: str = "") -> str:
    """The table of the routing tests with a test beside its last route; `more` are further keys of the test."""
    return f"{text}    tests:\n      - {{name: a goal, event: {event}, expect: [{expect}]{more}}}\n"


def run(tmp_path: Path, text: str, *arguments: str | Path) -> Ended:
    return call("test", "--routes", write(tmp_path, text), *arguments)


def without(field: str) -> str:
    return EVENT.replace(field, "")


def test_what_is_as_expected_passes_and_ends_with_0(tmp_path: Path) -> None:
    assert run(tmp_path, beside()) == (0, "1 passed\n", "")


def test_a_field_that_differs_is_shown_with_both_values_and_the_place(tmp_path: Path) -> None:
    code, *_ = ended = run(tmp_path, beside(GOOD.replace("minute: 12", 'minute: "12"')))
    assert code == 1
    assert ended.words[:5] == [
        f"FAILED {tmp_path}/routes.yaml:35 goal: a goal",
        f"{tmp_path}/routes.yaml:35 not as expected: the trigger of route goal for topic key 00000000-abcd",
        "minute",
        'expected "12"',
        "got 12",
    ]
    assert ended.words[-1] == "0 passed, 1 failed"


def test_what_is_missing_says_which_condition_kept_the_route_away(tmp_path: Path) -> None:
    ended = run(tmp_path, beside(event=EVENT.replace("minute: 12", "minute: 121")))
    assert ended.code == 1
    assert "route goal does not take the event: when is false: event.minute <= 120 (minute = 121)" in ended.words


def test_what_is_unexpected_is_shown(tmp_path: Path) -> None:
    ended = run(tmp_path, beside(""))
    assert ended.code == 1
    assert "unexpected: a trigger of route goal for topic key 00000000-abcd" in ended.words


OTHER = """\
  - {name: fans, source: matches, match: {type: goal}, generator: goal-scored, topic_key: fans, mode: MODE,
     context: {team_name: "{team.name}", minute: "{minute}", url: "https://example.com/fans"}}
"""
FANS = '{route: fans, topic_key: fans, context: {team_name: Germany, minute: 12, url: "https://example.com/fans"}}'


@pytest.mark.parametrize(("mode", "expect", "code"), [("live", GOOD, 1), ("live", f"{GOOD}, {FANS}", 0), ("shadow", GOOD, 0), ("off", GOOD, 0)])  # fmt: skip
def test_expect_lists_the_triggers_of_the_whole_table(tmp_path: Path, mode: str, expect: str, code: int) -> None:
    head, route = TABLE.split("routes:\n")
    text = f"{head}routes:\n{OTHER.replace('MODE', mode)}{route}"
    ended = run(tmp_path, beside(expect, text=text))
    assert ended.code == code
    assert ("expect it with route: fans" in ended.said) is bool(code)


def test_a_verdict_of_another_route_is_expected_by_its_name(tmp_path: Path) -> None:
    head, route = TABLE.split("routes:\n")
    text = f"{head}routes:\n{OTHER.replace('MODE', 'live').replace('{minute}', '{goals}')}{route}"
    assert run(tmp_path, beside(f"{GOOD}, {{route: fans, rejected: no goals}}", text=text)).code == 0
    ended = run(tmp_path, beside(f"{GOOD}, {{route: 7, rejected: no goals}}", text=text))
    assert ended.code == 2
    assert 'route must be a text, is integer 7: quote it ("...")' in ended.complaint


@pytest.mark.parametrize("mode", ["shadow", "off"])
def test_a_route_that_is_not_live_yet_is_tested_as_if_it_were(tmp_path: Path, mode: str) -> None:
    assert run(tmp_path, beside(text=f"{TABLE}    mode: {mode}\n")).code == 0


def test_only_its_own_route_is_taken_as_live(tmp_path: Path) -> None:
    head, route = TABLE.split("routes:\n")
    text = f"{head}routes:\n{OTHER.replace('MODE', 'shadow')}{route}    mode: shadow\n"
    assert run(tmp_path, beside(text=text)).code == 0


def test_rejected_and_unmapped_are_expected_by_their_reason_and_key(tmp_path: Path) -> None:
    assert run(tmp_path, beside('rejected: "no team.name"', EVENT.replace(", name: Germany", ""))).code == 0
    assert run(tmp_path, beside("unmapped: BRA", EVENT.replace("GER", "BRA"))).code == 0
    assert run(tmp_path, beside("unmapped: BRA", EVENT.replace("GER", "CHI"))).code == 1


def test_a_test_may_bring_its_own_lookup_which_no_other_test_sees(tmp_path: Path) -> None:
    text = beside(GOOD.replace("00000000-abcd", "mine"), more=", lookups: {teams: {GER: mine}}")
    text += f"      - {{name: after it, event: {EVENT}, expect: [{GOOD}]}}\n"
    text += f"      - {{name: its alone, event: {EVENT.replace('GER', 'FRA')}, expect: [unmapped: FRA], lookups: {{teams: {{GER: mine}}}}}}\n"
    assert run(tmp_path, text)[:2] == (0, "3 passed\n")


def test_a_lookup_inside_of_a_context_is_exchanged_too(tmp_path: Path) -> None:
    text = spoiled(
        'url: "https://example.com/m/{match.id}"',
        'url: "https://example.com/m/{match.id}"\n      more: {inner: [{lookup: teams, key: "{team.id}"}]}',
        spoiled("      url: url\n", "      url: url\n      more: object\n"),
    )
    expect = GOOD.replace("{team_name", "{more: {inner: [mine]}, team_name").replace("00000000-abcd", "mine")
    assert run(tmp_path, beside(expect, text=text, more=", lookups: {teams: {GER: mine}}")).code == 0


STAMPED = spoiled('minute: "{minute}"', 'minute: "{$record.timestamp}"')


@pytest.mark.parametrize(
    ("more", "timestamp"),
    [
        ("", 1770322320000),
        (', now: "2026-02-05T20:12:01Z"', 1770322321000),
        (', timestamp: "2026-02-05T20:12:02Z"', 1770322322000),
        (', now: "2026-02-05T20:12:01Z", timestamp: "2026-02-05T20:12:02Z"', 1770322322000),
    ],
)
def test_the_moment_is_that_of_the_event_unless_given(tmp_path: Path, more: str, timestamp: int) -> None:
    expect = GOOD.replace("minute: 12", f"minute: {timestamp}")
    assert run(tmp_path, beside(expect, text=STAMPED, more=more)).code == 0


def test_an_event_from_the_future_is_tested_by_giving_now(tmp_path: Path) -> None:
    more = ', now: "2026-02-05T20:06:59Z"'
    assert run(tmp_path, beside('rejected: "event_time is 301 s ahead"', more=more)).code == 0


def test_key_and_headers_may_be_given(tmp_path: Path) -> None:
    text = spoiled('"{team.name}"', '"{$key}/{$headers.feed}"')
    expect = GOOD.replace("team_name: Germany", "team_name: k/opta")
    assert run(tmp_path, beside(expect, text=text, more=", key: k, headers: {feed: opta}")).code == 0


@pytest.mark.parametrize(
    ("event", "why"),
    [(EVENT.replace("id: e1, ", ""), "no event id: the event has no id"), ("[1]", "the value is a list")],
)
def test_what_is_no_event_can_pass_no_test(tmp_path: Path, event: str, why: str) -> None:
    ended = run(tmp_path, beside("", event))
    assert ended.code == 1
    assert f"its event is none, and would go to the dead letters: {why}" in ended.said


def test_k_selects_by_route_and_name(tmp_path: Path) -> None:
    text = beside() + f"      - {{name: wrong, event: {EVENT}, expect: []}}\n"
    assert run(tmp_path, text, "-k", "^GOAL: a").said == "1 passed\n"
    assert run(tmp_path, text, "-k", "wrong").code == 1
    assert run(tmp_path, text, "-k", "nothing").code == 2
    assert run(tmp_path, text, "-k", "(").code == 2


def test_a_route_without_a_test_is_named(tmp_path: Path) -> None:
    assert run(tmp_path, TABLE) == (0, "0 passed\n1 route has no test: goal\n", "")


def test_coverage_says_which_fields_and_branches_no_test_has_seen(tmp_path: Path) -> None:
    ended = run(tmp_path, beside(), "--coverage")
    assert ended.words[-4:] == [
        "route tests seen not seen",
        "goal 1 6 of 9 when: false",
        "field assist: filled",
        "lookup teams: without the key",
    ]


def test_each_branch_can_be_seen(tmp_path: Path) -> None:
    text = beside()
    for name, event, expect in (
        ("late", EVENT.replace("12}", "121}"), ""),
        (
            "assist",
            EVENT.replace("minute:", "assist: {name: W}, minute:"),
            GOOD.replace("minute:", "assist: W, minute:"),
        ),
        ("topic", EVENT.replace("GER", "BRA"), "unmapped: BRA"),
    ):
        text += f"      - {{name: {name}, event: {event}, expect: [{expect}]}}\n"
    assert run(tmp_path, text, "--coverage").words[-1] == "goal 4 9 of 9 all is seen"


def test_each_value_of_a_match_is_to_be_seen(tmp_path: Path) -> None:
    ended = run(tmp_path, beside(text=spoiled("{type: goal}", "{type: [goal, penalty]}")), "--coverage")
    assert 'match type: "penalty"' in ended.said
    assert 'match type: "goal"' not in ended.said


def test_junit_has_every_test_and_what_is_wrong(tmp_path: Path) -> None:
    text = beside() + f'      - {{name: "odd \\a name", event: {EVENT}, expect: []}}\n'
    assert run(tmp_path, text, "--junit", tmp_path / "out.xml").code == 1
    root = ET.parse(tmp_path / "out.xml").getroot()  # noqa: S314 - our own
    (suite,) = root
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("goal", "2", "1")
    passed, failed = suite
    assert (passed.get("name"), passed.get("classname"), passed.get("line"), len(passed)) == ("a goal", "goal", "35", 0)
    assert failed.get("name") == "odd \N{REPLACEMENT CHARACTER} name"
    message = failed[0].get("message")
    assert message == "unexpected: a trigger of route goal for topic key 00000000-abcd"


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    ended = run(tmp_path, beside(), "--junit", tmp_path / "none" / "out.xml")
    assert (ended.code, ended.complaint) == (
        2,
        f"error: can't write {tmp_path}/none/out.xml: No such file or directory\n",
    )


def test_a_table_with_errors_ends_with_2(tmp_path: Path) -> None:
    ended = run(tmp_path, beside("{topic_kye: x}"))
    assert ended.code == 2
    assert "unknown key topic_kye in expect; did you mean 'topic_key'?" in ended.complaint


def test_tests_over_several_files_are_all_run(tmp_path: Path) -> None:
    head, route = TABLE.split("routes:\n")
    write(tmp_path, head)
    (tmp_path / "goal.yaml").write_text("version: 1\nroutes:\n" + beside(text=route))
    assert call("test", "--routes", tmp_path).said == "1 passed\n"


def test_a_lookup_from_a_topic_is_brought_by_the_test(tmp_path: Path) -> None:
    text = spoiled("{file: teams.csv, key: team_id, value: topic_key}", "{topic: teams.of.2022}")
    ended = run(tmp_path, beside(text=text))
    assert ended.code == 1
    told = 'lookup teams comes from a topic, so the test brings its entries: lookups: {teams: {"GER": ...}}'
    assert told in ended.words
    assert run(tmp_path, beside(text=text, more=", lookups: {teams: {GER: 00000000-abcd}}")).code == 0


def test_without_a_time_in_the_event_that_of_its_record_counts(tmp_path: Path) -> None:
    text = spoiled("    event_time: occurred_at\n", "")
    assert run(tmp_path, beside(text=text, more=', timestamp: "2026-02-05T20:12:02Z"')).code == 0


def test_a_value_of_match_that_when_denies_is_not_seen(tmp_path: Path) -> None:
    late = EVENT.replace("type: goal", "type: penalty").replace("12}", "121}")
    text = beside(text=spoiled("{type: goal}", "{type: [goal, penalty]}"))
    ended = run(tmp_path, f"{text}      - {{name: late, event: {late}, expect: []}}\n", "--coverage")
    assert 'match type: "penalty"' in ended.said


def test_what_is_rejected_has_filled_no_field(tmp_path: Path) -> None:
    ended = run(tmp_path, beside("rejected: name", EVENT.replace(", name: Germany", "")), "--coverage")
    assert ended.words[-1] == "goal 1 1 of 9 no test makes a trigger of it"


def test_a_route_that_is_not_live_is_seen_by_its_own_tests_only(tmp_path: Path) -> None:
    head, route = TABLE.split("routes:\n")
    text = f"{head}routes:\n{OTHER.replace('MODE', 'shadow')}{route}"
    assert "fans 0 0 of 4 no test makes a trigger of it" in run(tmp_path, beside(text=text), "--coverage").words
