"""Every rule of `bridge check`: what it says, and that it says it where the mistake is."""

import re
from pathlib import Path

import pytest
from routing.tables import TABLE, spoiled, table, write

from bridge.configfile import ConfigError
from bridge.routing import load_table

KEY = '{lookup: teams, key: "{team.id}"}'
EXPIRY = "expires_after: 5m"
URL = '"https://example.com/m/{match.id}"'

# What to exchange for what, where the problem then is (a part of the text), and what is said about it.
ERRORS = [
    # the file
    ("version: 1", "version: 2", "2", "version: must be 1"),
    ("version: 1", "version: true", "true", "version: must be 1"),
    ("version: 1\n", "", "sources", "version: required"),
    ("routes:\n", "routs: []\nroutes:\n", "routs", "routs: unknown setting; did you mean 'routes'"),
    ("defaults: {", "defaults: {prioritty: low, ", "prioritty", "unknown setting; did you mean 'priority'"),
    # sources
    ("topic: sports.match-events", "topic: 5", "5", "topic: must be a text.*quote it"),
    ("    topic: sports.match-events\n", "", "matches", "sources.matches.topic: required"),
    ("event_id: id", "event_id: '{id}'", "'{id}'", "a path stands without braces"),
    ("event_id: id", "event_id: a..b", "a..b", "event_id: 'a..b' is not a path"),
    ("event_id: id", "event_id: true", "true", "event_id: must be a text"),
    ("event_id: id", "event_id: id\n    format: xml", "xml", "format: must be 'json', 'cloudevents'"),
    ("event_id: id", "event_id: id\n    start: tomorrow", "tomorrow", "is not an RFC 3339 time"),
    ("event_time: occurred_at", "event_time: 5", "5", "event_time must be a text, is integer 5: quote it"),
    ("event_time: occurred_at", "event_time:", "event_time", "source matches: event_time is empty"),
    ("event_time: occurred_at", "event_time: {path: x, unit: days}", "days", "unit: must be 'epoch_ms' or 'epoch_s'"),
    ("order_by: match.id", "order_by: match id", "match id", "order_by: 'match id' is not a path"),
    ("order_by: match.id", "order: match.id", "order", "unknown setting; did you mean 'order_by'"),
    # generators
    ("brand: acme", "brand: Acme", "Acme", "must be the name of a brand"),
    ("id: 11111111-2222-3333-4444-555555555555", "id: ' '", "' '", "id: is blank"),
    ("minute: integer", "minute: int", "int", "field minute of generator goal-scored needs a type: .*did you mean 'integer'"),
    ("minute: integer", "minute: {required: false}", "minute", "minute.type: required"),
    ("minute: integer", "minute: {type: integer, required: 'no'}", "'no'", "required: must be true or false"),
    ("    brand: acme\n", "    brand: acme\n    topic: x\n", "topic: x", "generators.goal-scored.topic: unknown setting"),
    # lookups (more of them in test_lookups.py)
    ("file: teams.csv", "file: none.csv", "none.csv", "lookup teams: can't read none.csv: No such file"),
    ("value: topic_key}", "value: topic_kee}", "topic_kee", "no column 'topic_kee'; did you mean 'topic_key'"),
    # what a route refers to
    ("source: matches", "source: match", "match", "there is no source match; did you mean 'matches'"),
    ("generator: goal-scored", "generator: goal-scorred", "goal-scorred", "there is no generator goal-scorred; did you mean 'goal-scored'"),
    ("lookup: teams,", "lookup: team,", "team", "there is no lookup team; did you mean 'teams'"),
    # the route itself
    ("name: goal\n", "name: a goal\n", "a goal", "must be a name"),
    ("    source: matches\n", "", "name: goal", "source: required"),
    ("    source: matches\n", "    source: matches\n    whn: x\n", "whn", "unknown setting; did you mean 'when'"),
    ("expires_after: 5m", "expires_after: 5", "5", "must be a duration with its unit"),
    ("expires_after: 5m", "expires_after: 5min", "5min", "'5min' is not a duration"),
    ("expires_after: 5m", "expires_after: 0s", "0s", "greater than or equal to 1"),
    ("defaults: {expires_after: 10m}", "defaults: {expires_after: 0s}", "0s", "greater than or equal to 1"),
    ("expires_after: 5m", "expires_after: 25h", "25h", r"expires_after \(25h\) is longer than dedup_window \(1d\)"),
    ("expires_after: 5m", "dedup_window: 4m", "name: goal", r"expires_after \(10m\) is longer than dedup_window \(4m\)"),
    ("expires_after: 5m", "dedup_window: 8d", "8d", r"dedup_window \(8d\) is longer than 7d"),
    ("defaults: {expires_after: 10m}", "defaults: {dedup_window: 8d}", "8d", r"dedup_window \(8d\) is longer than 7d"),
    ("expires_after: 5m", "mode: on", "on", "mode: must be 'live', 'shadow' or 'off'"),
    ("expires_after: 5m", "priority: urgent", "urgent", "priority: must be 'high', 'normal' or 'low'"),
    ("expires_after: 5m", "on_unknown: retry", "retry", "on_unknown: must be 'park' or 'resend'"),
    ("expires_after: 5m", "limit: {max: 0, per: 1m}", "0", "limit.max: must be greater than or equal to 1"),
    ("expires_after: 5m", "limit: {max: 1}", "limit", "limit.per: required"),
    ("expires_after: 5m", "limit:", "limit", "route goal: limit is empty: give it a value, or remove the line"),
    # match
    ("match: {type: goal}", "match:", "match", "route goal: match is empty"),
    ("match: {type: goal}", "match: {}", "{}", "match must be a mapping"),
    ("match: {type: goal}", "match: [goal]", "[goal]", "match must be a mapping"),
    ("match: {type: goal}", "match: {type: []}", "[]", "empty list, so the route can't match"),
    ("match: {type: goal}", "match: {type: {a: b}}", "{a: b}", "not with object: use when"),
    ("match: {type: goal}", "match: {a: 1, a.b: 2}", "a.b", "match a.b and a lie inside one another, so the route can't match"),
    ("match: {type: goal}", "match: {a.b: 1, 'a[\"b\"]': 2}", "'a[", "names the same field as a.b"),
    ("match: {type: goal}", "match: {$headers.n: 5}", "5", "always a text and can't be integer 5, so the route can't match"),
    ("match: {type: goal}", "match: {a b: 5}", "5", "match: 'a b' is not a path"),
    # when
    ('"event.minute <= 120"', '"event.minute <= "', '"event', "when: is not CEL, at character 17"),
    ('"event.minute <= 120"', '"evnt.minute <= 120"', '"evnt', "unknown variable evnt; did you mean 'event'"),
    ('"event.minute <= 120"', '"size2(event.minute) > 1"', '"size2', "unknown function size2; did you mean 'size'"),
    ('"event.minute <= 120"', '"1 > 2"', '"1', "when is never true, so the route can't match"),
    ('"event.minute <= 120"', '"1 / 0 == 1"', '"1', "when always fails: division by zero"),
    ('"event.minute <= 120"', '"5"', '"5"', "when must be true or false for an event, is always 5"),
    ('"event.minute <= 120"', "false", "false", "when: must be a text"),
    ('"event.minute <= 120"', "", "when", "route goal: when is empty"),
    # topic keys
    (KEY, "5", "5", 'topic_key must be a text, is integer 5: quote it \\("5"\\)'),
    (KEY, "{team.id}", "{team.id}", 'braces without quotes are a mapping: write "{team.id}" in quotes'),
    (KEY, "[]", "[]", "topic_key is an empty list"),
    (KEY, '["a", "{b"]', '"{b"', "opens a brace that is not closed"),
    (KEY, '["a", "{b}", "a"]', '"a"]', "already: it would make the same trigger twice"),
    (KEY, "{lookup: teams}", "{lookup", "a lookup needs a key"),
    (KEY, "{lookup: teams, key: 5}", "5", "the key of a lookup must be a text, is integer 5"),
    (KEY, '{lookup: teams, key: "{x}", kee: 1}', "kee", "unknown key kee beside lookup; did you mean 'key'"),
    # dedup keys
    ('"{match.id}/{id}"', '"{team.id}/{minute}"', '"{team', "dedup_key must contain {match.id}"),
    ('"{match.id}/{id}"', "fixed", "fixed", "the same for every event, so only the first would ever be sent"),
    ('"{match.id}/{id}"', "5", "5", "dedup_key: must be a text"),
    ('"{match.id}/{id}"', '"{match.id"', '"{match', "opens a brace that is not closed"),
    # supersede_by: on a source with order_by; without one the dedup key decides, too
    (EXPIRY, f"{EXPIRY}\n    supersede_by: match.id", "match.id", 'the same for every event, .*refer to a field in it, as in "{match.id}"'),
    (EXPIRY, f"{EXPIRY}\n    supersede_by: 55", "55", "supersede_by: must be a text"),
    (EXPIRY, f'{EXPIRY}\n    supersede_by: "{{match.id"', '"{match', "opens a brace that is not closed"),
    (EXPIRY, f'{EXPIRY}\n    supersede_by: "{{team.id}}"', '"{team', 'must contain {match.id}, .*write "{match.id}" or "{match.id}/{team.id}"'),
    (EXPIRY, f'{EXPIRY}\n    supersede_by: "{{match.id}}/{{id}}"', '"{match', "contains {id}, the event id, so no two events have the same value"),
    # contexts
    ('      minute: "{minute}"\n', "", 'context:\n      team_name: "{', "context lacks minute, which the generator's contract requires"),
    ('minute: "{minute}"', 'minute: "{minute}"\n      minut: 5', "minut: 5", "has no field minut; did you mean 'minute'"),
    ('minute: "{minute}"', 'minute: "12"', '"12"', 'minute should be an integer, is string "12"'),
    ('minute: "{minute}"', "minute: 12.0", "12.0", "minute should be an integer, is number 12.0"),
    ('minute: "{minute}"', "minute: \"{minute}'\"", '"{minute}', "minute should be integer, but a text around a reference is a string"),
    ('minute: "{minute}"', "minute: {a: 1}", "{a: 1}", "minute should be integer, is an object"),
    ('minute: "{minute}"', "minute: [1]", "[1]", "minute should be integer, is an array"),
    ('minute: "{minute}"', f"minute: {KEY}", "{lookup", 'minute should be an integer, is string "00000000-abcd" in lookup teams for "GER"'),
    ('minute: "{minute}"', 'minute: {cel: "1 +"}', '"1 +"', "cel: is not CEL"),
    ('minute: "{minute}"', "minute: {cel: event.minute, value: 3}", "value: 3", "cel stands alone: cel, lookup and value are reserved in a context"),
    ('minute: "{minute}"', "minute: {value: '3'}", "{value", 'minute should be an integer, is string "3"'),
    ('minute: "{minute}"', "minute: 99999999999999999999999", "999", "does not fit into 64 bits"),
    ('team_name: "{team.name}"', "team_name: 5", "5", 'team_name should be a string, is integer 5: quote it \\("5"\\)'),
    ('team_name: "{team.name}"', "team_name: true", "true", 'team_name should be a string, is boolean true: quote it \\("true"\\)'),
    ('team_name: "{team.name}"', "team_name: {team.name}", "{team.name}", "braces without quotes are a mapping"),
    ('team_name: "{team.name}"', "team_name:", "team_name:", "context team_name is blank"),
    ('team_name: "{team.name}"', "team_name: ''", "''", "context team_name is blank"),
    ('team_name: "{team.name}"', 'team_name: "{team..name}"', '"{team', "'team..name' is not a path"),
    ('team_name: "{team.name}"', 'team_name: "{team.name:>5}"', '"{team', "there are no format specs here"),
    (URL, '"/m/{match.id}"', '"/m', 'url should be a url .* is string "/m/1"'),
    (URL, "example.com", "example.com", 'url should be a url .* is string "example.com"'),
    # tests
    ("expires_after: 5m", "tests: [{name: x, event: {}}]", "{name", "expect: required"),
    ("expires_after: 5m", "tests: [{name: x, event: {}, expect: [{topic: x}]}]", "topic: x", "unknown key topic in expect; did you mean 'topic_key'"),
    ("expires_after: 5m", "tests: [{name: x, event: {}, expect: [{rejected: '('}]}]", "'('", "is not a regular expression"),
    ("expires_after: 5m", "tests: [{name: x, event: {}, expect: [{topic_key: 5}]}]", "5}]", "topic_key must be a text"),
    ("expires_after: 5m", "tests: [{name: x, event: {}, expect: [], now: noon}]", "noon", "is not an RFC 3339 time"),
    ("expires_after: 5m", "tests: [{name: x, event: {}, expect: [], lookups: {t: {a: b}}}]", "t: {a", "there is no lookup t"),
]  # fmt: skip

WARNINGS = [
    ("id: 11111111-2222-3333-4444-555555555555", "id: 11111111-xyz", "11111111", "is no UUID"),
    ("    event_time: occurred_at\n", "", "matches:\n", "has no event_time, so the record's timestamp is used"),
    ('"event.minute <= 120"', '"2 > 1"', '"2', "when is true for every event: remove it"),
    ('"{match.id}/{id}"', '"{match.id}{id}"', '"{match', "two references side by side"),
    ("match: {type: goal}", "match: {type: ' goal'}", "' goal'", "has spaces around its value"),
    ("match: {type: goal}", "match: {type: '{kind}'}", "'{kind}'", "templates are not read here"),
]  # fmt: skip


def place_of(text: str, old: str, new: str, where: str) -> tuple[int, int]:
    """Line and column of `where`, which lies in the new part or, when that has none of it, around it."""
    start = TABLE.index(old)
    found = text.find(where, start, start + len(new)) if where in new else text.rfind(where, 0, start)
    position = found if found >= 0 else text.index(where)
    before = text[:position]
    return before.count("\n") + 1, position - before.rfind("\n")


@pytest.mark.parametrize(("old", "new", "where", "message"), ERRORS)
def test_each_mistake_is_found_and_shown_where_it_is(
    tmp_path: Path, old: str, new: str, where: str, message: str
) -> None:
    text = spoiled(old, new)
    line, column = place_of(text, old, new, where)
    with pytest.raises(ConfigError, match=rf"routes\.yaml:{line}:{column}: error: .*{message}"):
        load_table(write(tmp_path, text), {})


@pytest.mark.parametrize(("old", "new", "where", "message"), WARNINGS)
def test_what_is_odd_is_a_warning_of_the_table(tmp_path: Path, old: str, new: str, where: str, message: str) -> None:
    text = spoiled(old, new)
    line, column = place_of(text, old, new, where)
    (warning,) = table(tmp_path, text).warnings
    assert re.search(rf"routes\.yaml:{line}:{column}: warning: .*{message}", str(warning)), str(warning)
