"""Tables of any routes: a pool of parts that work, of which tests take any."""

from itertools import product
from pathlib import Path

from routing.tables import TABLE, write

from bridge.routing import Table, load_table

_MATCHES = ["", "{type: goal}", "{type: [goal, own_goal], minute: 12}", '{$headers.origin: feed, type: "goal"}']
_WHENS = ["", "event.minute <= 45", "has(event.assist)", "event.team.name"]
_KEYS = [
    '{lookup: teams, key: "{team.id}"}',
    '[{lookup: teams, key: "{team.id}"}, "topic+{team.id}", topic+FRA]',
    '"{match.id}"',
]
_CONTEXTS = [
    'team_name: "{team.name}", minute: "{minute}", url: "https://example.com/{match.id}", assist: "{assist.name}"',
    'team_name: {lookup: teams, key: "{team.name}"}, minute: {cel: "event.minute + 1"}, url: "https://x.io", assist: x',
]
_DEDUPS = ["", '"{match.id}/{minute}"']


def pool(folder: Path) -> Table:
    """A table of all combinations, off, so that none is refused for being like another."""
    text = TABLE.split("routes:\n")[0] + "routes:\n"
    for number, parts in enumerate(product(_MATCHES, _WHENS, _KEYS, _CONTEXTS, _DEDUPS)):
        match, when, key, context, dedup = parts
        text += f"  - {{name: r{number}, source: matches, generator: goal-scored, mode: off, topic_key: {key}, context: {{{context}}}"
        text += (
            (f", match: {match}" if match else "")
            + (f', when: "{when}"' if when else "")
            + (f", dedup_key: {dedup}" if dedup else "")
            + "}\n"
        )
    return load_table(write(folder, text), {})
