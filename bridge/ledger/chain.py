"""Reading digests: what a new owner needs of them, or why they are not enough. Times are the broker's, ms."""

from collections.abc import Sequence
from dataclasses import dataclass

from bridge.errors import BridgeError
from bridge.ledger.codec import read_line
from bridge.ledger.digest import Digest, Page, Seal
from bridge.ledger.digesting import Sound
from bridge.ledger.log import PartitionLog
from bridge.ledger.records import Line
from bridge.ledger.remembered import Remembered


class NotEnough(BridgeError):
    """The digests don't tell all that is needed: everything must be read. The text says why."""


@dataclass(frozen=True, slots=True)
class Needed:
    """What a restore must know: what was finished `since` on, all that is not finished, and attempts `calls_since` on.

    `first`: the first offset that is kept.
    """

    first: int
    since: int
    calls_since: int


@dataclass(frozen=True, slots=True)
class Chain:
    """What digests said: the newest one, the claim that it was written under, and what it and those before it remember, all
    that was finished `since` on.
    """

    newest: Sound
    claim: int
    remembered: Remembered
    since: int


async def read_chain(log: PartitionLog, partition: int, pointer: int, needed: Needed, into: Remembered) -> Chain:
    """Read the digest at `pointer` and those before it, as far back as is needed. Raises NotEnough."""
    try:
        line, seal = await _seal(log, partition, pointer, needed)
        newest, claim = Sound(pointer, seal), _claim_of(line)
        if seal.upto < needed.first:
            raise NotEnough(f"the ledger begins at offset {needed.first}, behind what the digest at {pointer} tells")
        if seal.kept > needed.since:
            raise NotEnough(f"the writer of the digest at {pointer} had forgotten some of what is asked for")
        if seal.until > needed.calls_since:
            raise NotEnough(f"a route's limit counts calls from before the end of the digest at {pointer}")
        while True:
            for page in await _pages(log, partition, pointer, line, seal):
                into.load(page)
            if seal.since <= needed.since:
                return Chain(newest, claim, into, max(seal.since, newest.seal.kept))
            if seal.previous is None:
                raise NotEnough(f"the digests, of which the first lies at {pointer}, tell less far back than is needed")
            pointer = seal.previous
            line, seal = await _seal(log, partition, pointer, needed)
    except ValueError as error:
        raise NotEnough(f"the digest at {pointer} can't be read: {error}") from error


async def _seal(log: PartitionLog, partition: int, offset: int, needed: Needed) -> tuple[Line, Seal]:
    if offset < needed.first:
        raise NotEnough(f"the digest at {offset} is no longer kept: the ledger begins at {needed.first}")
    line = (await _lines(log, partition, [offset]))[0]
    if not isinstance(line.record, Digest) or line.record.seal is None:
        raise NotEnough(f"there is no digest at {offset}")
    return line, line.record.seal


async def _pages(log: PartitionLog, partition: int, offset: int, sealed: Line, seal: Seal) -> Sequence[Page]:
    """What all parts of the digest say."""
    pages: list[Page] = []
    for line in [sealed, *await _lines(log, partition, seal.parts)]:
        if not isinstance(line.record, Digest) or line.claim != sealed.claim:
            raise NotEnough(f"a part of the digest at {offset} is not there")
        pages.extend(line.record.pages)
    return pages


async def _lines(log: PartitionLog, partition: int, offsets: Sequence[int]) -> Sequence[Line]:
    """The records at these offsets, which lie near one another."""
    if not offsets:
        return []
    wanted = set(offsets)
    try:
        found = [
            read_line(partition, raw)
            async for batch in log.read(min(offsets), max(offsets) + 1)
            for raw in batch
            if raw.offset in wanted
        ]
    except BridgeError as error:
        raise NotEnough(str(error)) from error
    if len(found) != len(wanted):
        raise NotEnough(f"not all records of a digest are there: {sorted(wanted)}")
    return found


def _claim_of(line: Line) -> int:
    if line.claim is None:
        raise ValueError("it does not say under which claim it was written")
    return line.claim
