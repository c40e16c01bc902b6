"""A test on a terminal: what it would be, what becomes of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from bridge.durations import format_duration, format_instant
from bridge.holds.model import EVERYTHING, Hold, brand_scope, route_scope
from bridge.inquiry.story import Moment
from bridge.outcomes.reading import WrittenResult
from bridge.sending.planning import Planned
from bridge.settings import Settings
from bridge.terminal import plain
from bridge.vendor.address import run_body, run_path

_MOST_KEYS = 5
_MODES = {
    "live": "live: real events call, too",
    "shadow": "shadow: real events are decided and counted, and call nobody; a test is called all the same",
}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the test meets: the event file, the service's settings, the holds in force."""

    file: str
    settings: Settings
    holds: Sequence[Hold]


def show_plan(planned: Planned, around: Surroundings, console: Console) -> None:
    """All that would be sent, to whom, and what it would wait for."""
    route, trigger, settings = planned.route, planned.trigger, around.settings
    console.print(Text(plain(f"A test of route {route.name}, made of {around.file}"), "bold"))
    table = Table.grid(Column(no_wrap=True, style="dim"), Column(overflow="fold"), padding=(0, 2))
    rows = {
        "service": f"{settings.name} at Kafka {settings.kafka.bootstrap_servers}",
        "mode": "shadow: this service calls nobody, and no test either" if settings.mode == "shadow" else "live",
        "route": route.mode if settings.mode == "shadow" else _MODES[route.mode],
        "brand": trigger.brand,
        "generator": f"{route.generator.name} ({route.generator.title or 'without a title'})",
        "topic key": f"{trigger.topic_key}, instead of {_instead(planned.instead_of)}",
        "event id": f"{trigger.event_id}, another one each time",
        "expires": f"{format_instant(trigger.expires_at)}, {format_duration(route.expires_after)} from now",
        "request": f"POST {settings.vendor.base_url}{run_path(trigger.event_generator_id)}",
    }
    for name, text in rows.items():
        table.add_row(name, Text(plain(text)))
    for hold in held(planned, around.holds):
        told = f"{hold.scope}: {hold.reason}, {hold.detail}. The test would wait, and expire as it waits"
        table.add_row("HELD", Text(plain(told), "bold yellow"))
    console.print(Padding(table, (0, 2), expand=False))
    # As it is sent, byte for byte: not broken, so that it can be copied.
    console.print(Text(plain(run_body(trigger.topic_key, trigger.context).decode())), soft_wrap=True)
    console.print()


def held(planned: Planned, holds: Sequence[Hold]) -> list[Hold]:
    """Those that keep the test waiting."""
    scopes = (EVERYTHING, brand_scope(planned.trigger.brand), route_scope(planned.route.name))
    return [hold for hold in holds if hold.scope in scopes]


def _instead(keys: Sequence[str]) -> str:
    if not keys:
        return "one that its lookup does not have"
    more = f" and {len(keys) - _MOST_KEYS} more" if len(keys) > _MOST_KEYS else ""
    return f"{', '.join(keys[:_MOST_KEYS])}{more}"


def show_moment(moment: Moment, console: Console) -> None:
    """A line as soon as it is known."""
    where = "" if moment.where is None else f"  {moment.where}"
    text = Text.assemble(plain(f"  {format_instant(moment.time)}  {moment.what:8}  {moment.text}"), (where, "dim"))
    console.print(text, soft_wrap=True)


def advice(outcome: WrittenResult, topic_key: str) -> str:
    """What to do now, by how it ended."""
    how, audience = str(outcome.fields["outcome"]), outcome.get("audience_size")
    if how == "published" and audience == 0:
        return f"Nobody was reached: is anybody subscribed to {topic_key}, and is the key right?"
    if how == "published":
        return "Look at a phone: `published` is the vendor's word for handed to its delivery pipeline."
    return _ADVICE.get(how, "docs/consuming.md says what that means.")


_NOBODY_KNOWS = "Nobody can know whether it went out: look at a phone, and ask the vendor."
_ADVICE = {
    "failed": "The vendor took the call and failed to send. The reason is its own: ask the vendor, or marketing.",
    "rejected": "The vendor refused the request: compare the contract with what marketing's templates want.",
    "expired": "It was not called in time: `bridge holds`, /readyz and the log of the replicas say why.",
    **dict.fromkeys(("unknown", "lost", "unresolved"), _NOBODY_KNOWS),
}
