"""What would become of the triggers of an explained event, in a service with these settings. Pure."""

from dataclasses import dataclass
from typing import Literal

from bridge.explaining.explanation import RouteExplained
from bridge.intake.fitting import trigger_record
from bridge.triggers import Rejected, Trigger, Unmapped

Fate = Literal["called", "expired", "rejected", "unmapped", "shadow"]


@dataclass(frozen=True, slots=True)
class Service:
    """What the settings say: the topic that triggers go to, its partitions, the bytes that one may take, and whether the
    whole service is in shadow mode.
    """

    triggers_topic: str
    partitions: int
    trigger_limit: int
    shadow: bool


@dataclass(frozen=True, slots=True)
class Fated:
    """A trigger as it would be written, and what dispatch would do with it at that moment."""

    trigger: Trigger
    partition: int
    fate: Fate


def fate_of(trigger: Trigger, explained: RouteExplained, service: Service, now: int) -> Fated:
    """What becomes of a trigger that the route made; `now` in ms since 1970 UTC."""
    record, written = trigger_record(trigger, service.triggers_topic, service.partitions, service.trigger_limit)
    return Fated(written, record.partition or 0, _fate(written, explained, service, now))


def _fate(trigger: Trigger, explained: RouteExplained, service: Service, now: int) -> Fate:
    if service.shadow or explained.route.mode == "shadow":
        return "shadow"
    match trigger.verdict:
        case Rejected():
            return "rejected"
        case Unmapped():
            return "unmapped"
        case None:
            return "expired" if trigger.expires_at <= now else "called"
