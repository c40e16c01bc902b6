"""What a table says, in words for people who never saw one."""

from bridge.agreement.model import Meaning, Policy
from bridge.durations import format_duration
from bridge.routing import Route, SourceConfig
from bridge.routing.values import LookedUp
from bridge.triggers import OnUnknown, Priority

_UNITS = {"ms": "millisecond", "s": "second", "m": "minute", "h": "hour", "d": "day"}


def spoken(milliseconds: int) -> str:
    """A duration, as in `10 minutes`. A single day is 24 hours, which cannot be taken for a calendar day."""
    text = "24h" if milliseconds == 86_400_000 else format_duration(milliseconds)  # noqa: PLR2004 - a day
    number = text.rstrip("mshd")
    unit = _UNITS[text[len(number) :]]
    return f"{number} {unit}{'' if number == '1' else 's'}"


def policies_of(route: Route, source: SourceConfig) -> tuple[Policy, ...]:
    """What is agreed about a route, beyond what it sends."""
    lookups = dict.fromkeys(key.lookup.name for key in route.topic_keys if isinstance(key, LookedUp))
    return (
        Policy("Freshness", _freshness(route, source)),
        Policy("Repetitions", _repetitions(route, source)),
        *([Policy("Without a topic", _without_topic(list(lookups)))] if lookups else []),
        Policy("When an answer is lost", _ON_UNKNOWN[route.on_unknown]),
        Policy("Order", _order(source)),
        *([Policy("Newer news", _newer(route))] if route.supersede_by is not None else []),
        Policy("Priority", _PRIORITIES[route.priority]),
        Policy("Limit", _limit(route)),
    )


def _without_topic(lookups: list[str]) -> str:
    return (
        f"What {' and '.join(lookups)} {'lacks' if len(lookups) == 1 else 'lack'} is not sent: the outcome is unmapped,"
        " and says which topic to create."
    )


def _freshness(route: Route, source: SourceConfig) -> str:
    since = (
        "the moment at which it was published"
        if source.event_time is None
        else f"its own time ({source.event_time.path}{', or that of its record' if source.event_time.or_timestamp else ''})"
    )
    return f"An event older than {spoken(route.expires_after)}, counted from {since}, is not sent any more: the outcome is expired."


def _repetitions(route: Route, source: SourceConfig) -> str:
    same = f"{{{source.event_id}}}" if route.dedup_key is None else str(route.dedup_key)
    return (
        f"The same event again within {spoken(route.dedup_window)} makes no second campaign."
        f" It is the same when topic key and {same} are."
    )


def _order(source: SourceConfig) -> str:
    if source.order_by is None:
        return "In no particular order."
    return f"Events with the same {source.order_by} are sent one after the other, in the order of the topic."


def _newer(route: Route) -> str:
    return (
        f"A newer event with the same topic key and the same {route.supersede_by} takes the place of one that still waits:"
        " the outcome of the older one is superseded."
    )


_PRIORITIES = {
    Priority.HIGH: "High: sent before others of the brand when some have to wait.",
    Priority.NORMAL: "Normal.",
    Priority.LOW: "Low: sent after others of the brand when some have to wait.",
}
_ON_UNKNOWN = {
    OnUnknown.PARK: "It is not sent again by itself, because people might get it twice. The outcome is unknown, and a person decides.",
    OnUnknown.RESEND: "It is sent again until there is an answer: people may get it twice.",
}


def _limit(route: Route) -> str:
    if route.limit is None:
        return "None of its own."
    whom = " for one topic key" if route.limit.by == "topic_key" else ""
    return (
        f"At most about {route.limit.max_calls} within {spoken(route.limit.per)}{whom}."
        " More than that looks like a mistake: the route is held until a person lets it go."
    )


MODES = {
    "live": "",
    "shadow": "Decided and counted, never sent.",
    "off": "Switched off: sends nothing.",
}
"""What a person should know about a route that is not live."""

OUTCOMES = (
    Meaning("published", "The vendor handed the campaign to its delivery pipeline.", "Nothing. Frequency caps, quiet hours and preferences come after it, so it is not the same as delivered."),
    Meaning("failed", "The vendor accepted the campaign, and then said that it failed.", "Nobody was reached. A person can have it sent again."),
    Meaning("rejected", "The event does not fit what is agreed here, or the vendor refused the call.", "The reason says which field. It happens again until the event or the agreement is changed."),
    Meaning("unmapped", "There is no topic key for what the event is about, as with a new team.", "Create the topic and add its key to the lookup; then it can be decided again."),
    Meaning("expired", "It was too late when it could have been sent.", "Nobody was reached, on purpose."),
    Meaning("unknown", "The vendor's answer was lost. The campaign may have gone out, or not.", "A person decides whether a second message is better than none."),
    Meaning("lost", "The vendor accepted the campaign, and later did not know of it.", "It may have reached people. Ask the vendor."),
    Meaning("unresolved", "The vendor did not say in time how the campaign ended.", "It may have reached people. Look into Mission Control."),
    Meaning("superseded", "Another one took its place.", "Look at that one."),
)  # fmt: skip
"""docs/consuming.md, for marketing."""
