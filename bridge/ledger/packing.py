"""Items that only wait for the end of an execution, as bytes: a million of them must fit into memory. Pure.

Whole, such an item takes 2 KB of small objects; packed, what many have in common (brand, route, generator, topic key) stands
once, ids that are UUIDs take their 16 bytes, and times are differences.
"""

from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET

from bridge.events import Source
from bridge.ledger.item import UNRESOLVED, Item, rank_of
from bridge.ledger.records import About, Accepted, Attempt, Ended
from bridge.tracecontext import TraceContext, parse
from bridge.triggers import OnUnknown

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode
# Characters of a UUID without hyphens and with them, its bytes, and one more that says that it has hyphens.
_BARE, _HYPHENED = 32, 36
_UUID, _HYPHENS = 16, b"-"


class Common(NamedTuple):
    """What many items share. `reason`: why the execution is unresolved; None while it is open."""

    brand: str
    route: str
    event_generator_id: str
    topic_key: str
    source_topic: str
    on_unknown: OnUnknown
    reason: str | None
    attempt: int
    possible_duplicate: bool
    floor: int
    doubted: bool
    written: int


class Packer:
    """Packs and unpacks the items of one partition. What is packed must be unpacked or dropped by the same."""

    def __init__(self) -> None:
        self._numbers: dict[Common, int] = {}
        self._known: dict[int, tuple[Common, int]] = {}  # by number, with how many need it
        self._next = 0

    def __len__(self) -> int:
        return len(self._known)

    def pack(self, item: Item) -> bytes | None:
        """The item as bytes; None where it is not of the kind that is packed: one attempt, accepted, with nothing else to
        tell but perhaps that it is unresolved; and what is rare is not (repetitions, tests).
        """
        if len(item.attempts) != 1 or item.parked is not None or item.dropped is not None or item.given_up:
            return None
        (end,) = item.attempts.values()
        about = item.about
        if about.repeats is not None or about.test or not isinstance(end, Accepted | Ended) or end.about != about:
            return None
        rest: tuple[Any, ...] = ()
        reason = None
        if isinstance(end, Ended):
            if not _plain(end) or item.written < rank_of(end):
                return None
            rest, reason, accepted = (end.at - end.accepted,), end.reason, end.accepted
        else:
            accepted = end.at
        if about.trace is not UNSET:
            rest = (*(rest or (None,)), _short_trace(about.trace))
        received, attempt = about.received, end.attempt
        common = Common(
            about.brand,
            about.route,
            about.event_generator_id,
            about.topic_key,
            about.source.topic,
            about.on_unknown,
            reason,
            attempt.number,
            attempt.possible_duplicate,
            item.floor,
            item.doubted,
            item.written,
        )
        return _encode(
            (
                self._number(common),
                _short(about.event_id),
                about.supersede_by,
                about.source.partition,
                about.source.offset,
                None if about.event_time is None else about.event_time - received,
                received,
                about.expires_at - received,
                about.offset,
                _short(attempt.nonce),
                attempt.called - received,
                _short(end.execution_id),
                accepted - received,
                item.at - received,
                item.since,
                *rest,
            )
        )

    def unpack(self, trigger: str, data: bytes) -> Item:
        """The item, made anew: who changes it must pack it again."""
        (
            number,
            event_id,
            supersede_by,
            partition,
            offset,
            event_time,
            received,
            expires,
            at_offset,
            nonce,
            called,
            execution,
            accepted,
            at,
            since,
            *rest,
        ) = _decode(data)
        common = self._known[number][0]
        about = About(
            common.brand,
            common.route,
            common.event_generator_id,
            common.topic_key,
            _whole(event_id),
            Source(common.source_topic, partition, offset),
            None if event_time is None else received + event_time,
            received,
            common.on_unknown,
            received + expires,
            at_offset,
            supersede_by=supersede_by,
            trace=_whole_trace(rest[1]) if len(rest) > 1 else UNSET,
        )
        attempt = Attempt(_whole(nonce), common.attempt, received + called, common.possible_duplicate)
        execution, accepted = _whole(execution), accepted + received
        end: Accepted | Ended = Accepted(trigger, about, attempt, execution, accepted)
        if rest and rest[0] is not None:
            ended = accepted + rest[0]
            end = Ended(
                trigger, about, attempt, execution, accepted, UNRESOLVED, common.reason, None, None, None, ended
            )
        item = Item(about, common.floor, {attempt.nonce: end}, doubted=common.doubted, at=received + at, since=since)
        item.written = common.written
        return item

    def drop(self, data: bytes) -> None:
        """This will not be unpacked any more."""
        number = _decode(data)[0]
        common, needed = self._known[number]
        if needed > 1:
            self._known[number] = (common, needed - 1)
        else:
            del self._known[number], self._numbers[common]

    def _number(self, common: Common) -> int:
        number = self._numbers.get(common)
        if number is None:
            number = self._numbers[common] = self._next
            self._known[number] = (common, 0)
            self._next += 1
        known, needed = self._known[number]
        self._known[number] = (known, needed + 1)
        return number


def _plain(end: Ended) -> bool:
    """Whether it says no more than that the execution is unresolved."""
    return end.outcome == UNRESOLVED and (end.audience_size, end.error_code, end.error_message) == (None, None, None)


def _short(text: str) -> str | bytes:
    """A UUID as its 16 bytes, and one more where it is written with hyphens; another text as it is."""
    if len(text) not in {_BARE, _HYPHENED}:
        return text
    hyphened = text[8:24:5] == "----"
    digits = text.replace("-", "") if hyphened else text
    try:
        data = bytes.fromhex(digits)
    except ValueError:
        return text
    if len(data) != _UUID or data.hex() != digits:
        return text  # in capital letters, say
    return data + _HYPHENS if hyphened else data


def _whole(short: str | bytes) -> str:
    if isinstance(short, str):
        return short
    text = short[:_UUID].hex()
    if len(short) == _UUID:
        return text
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _short_trace(parent: str) -> Any:
    """A traceparent as 25 bytes; another text as it is."""
    context = parse(parent)
    if context is None or str(context) != parent:
        return parent
    return bytes.fromhex(f"{context.trace_id}{context.span_id}{context.flags:02x}")


def _whole_trace(short: Any) -> str:
    if not isinstance(short, bytes):
        return str(short)
    text = short.hex()
    return str(TraceContext(text[:32], text[32:48], short[-1]))
