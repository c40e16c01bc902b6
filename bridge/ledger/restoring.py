"""How far back a new owner reads, and when it must not go on at all."""

from dataclasses import dataclass

from bridge.errors import BridgeError, LogTruncated
from bridge.ledger.chain import Chain, Needed, NotEnough, read_chain
from bridge.ledger.codec import read_line
from bridge.ledger.digest import Digest
from bridge.ledger.log import Appended, PartitionLog
from bridge.ledger.records import Carried, Claim, Record
from bridge.ledger.remembered import Remembered

# Records that are read at once where only one is looked for.
_PIECE = 500


@dataclass(frozen=True, slots=True)
class Progress:
    """What the triggers partition tells a restore.

    `committed` is the offset from which triggers will be read again, None when none was ever committed; `first_at` the
    broker's time (ms) of the trigger there, None when there is none.
    """

    committed: int | None
    first_at: int | None


@dataclass(frozen=True, slots=True)
class Start:
    """Where a restore begins. Of triggers older than `tells_since` (the broker's time, ms) the ledger can't tell; what was
    finished from `needed_since` on may be asked for again. `chain`: what digests say of what lies before `offset`;
    `refused`: why those that there are say too little.
    """

    offset: int
    tells_since: int
    needed_since: int
    chain: Chain | None = None
    refused: str | None = None

    @property
    def knows_since(self) -> int:
        """From when on all is known that the ledger ever told; 0: from its very beginning."""
        if self.chain is not None:
            return self.chain.since
        return 0 if self.offset == 0 else max(self.needed_since, self.tells_since)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far back an owner must know: `window` and `longest_limit` as in bridge.ledger.partition; `digests`: whether it
    reads and writes any.
    """

    window: int
    longest_limit: int = 0
    digests: bool = False


async def restore_from(log: PartitionLog, partition: int, claim: Appended, progress: Progress, reach: Reach) -> Start:
    """The start of a restore for a claim that was just written.

    The window, or that of the last owner that decided something if it is longer, is counted from the last decision
    before the claim, so that a long downtime forgets nothing. It goes back further when a trigger that will be read is
    older: its intent is younger than itself.
    """
    first, _end = await log.bounds()
    if claim.offset <= first:
        # Nothing before the claim: a new ledger, or one of which retention took everything.
        return Start(claim.offset, claim.timestamp if first > 0 else 0, claim.timestamp)
    last = await _last_work(log, partition, first, claim)
    since = last.at - max(reach.window, last.window)
    if progress.first_at is not None:
        since = min(since, progress.first_at)
    refused = None
    if last.digest is not None and reach.digests:
        needed = Needed(first, since, claim.timestamp - reach.longest_limit)
        try:
            chain = await read_chain(log, partition, last.digest, needed, Remembered(reach.window, news=True))
            return Start(chain.newest.seal.upto, 0, since, chain)
        except NotEnough as error:
            refused = str(error)
    found = await log.offset_at(since)
    start = claim.offset if found is None else max(first, min(found, claim.offset))
    tells_since = await _time_at(log, first) if start == first > 0 else 0
    in_force = await _claim_at(log, partition, start, claim.offset)
    if in_force is not None:
        # Without the claim that it was made under nobody can tell a decision that counts from a lost owner's.
        start = max(first, min(start, in_force))
    return Start(start, tells_since, since, refused=refused)


async def refuse_if_forgotten(log: PartitionLog, partition: int, progress: Progress) -> None:
    """Committed triggers and a ledger without any claim: somebody deleted it, and with it what was called.

    To be asked before the claim is written, which the next try would take for knowledge. Raises BridgeError: a person
    must decide.
    """
    if progress.committed is None or await _claim_at(log, partition, *await log.bounds()) is not None:
        return
    raise BridgeError(
        f"triggers partition {partition} is committed up to {progress.committed}, but its ledger holds no claim: the "
        "ledger topic was deleted or truncated, and nobody knows what was called. Restore the topic, or, when no call of "
        "the time before matters any more, delete the committed offsets of the dispatch group: docs/disaster.md, "
        "The ledger"
    )


async def _claim_at(log: PartitionLog, partition: int, start: int, end: int) -> int | None:
    """The first claim from `start` on, or the one that the first decision there was made under, if that comes earlier.

    None when there is neither up to `end`.
    """
    while start < end:
        piece = [raw async for batch in log.read(start, min(start + _PIECE, end)) for raw in batch]
        for raw in piece:
            line = read_line(partition, raw)
            if isinstance(line.record, Claim):
                return raw.offset
            if line.claim is not None:
                return line.claim
        start += _PIECE
    return None


@dataclass(frozen=True, slots=True)
class _LastWork:
    """When something was decided last before a claim, the window of who did, and the digest that it knew."""

    at: int
    window: int = 0
    digest: int | None = None


async def _last_work(log: PartitionLog, partition: int, first: int, claim: Appended) -> _LastWork:
    """Claims and what is carried on after them don't count: a replica that claims after a long downtime and dies in its
    takeover must not shorten its successor's window. Nor do facts: they may come late, from an owner that was frozen.
    """
    end = claim.offset
    while end > first:
        start = max(first, end - _PIECE)
        piece = [raw async for batch in log.read(start, end) for raw in batch]
        for raw in reversed(piece):
            line = read_line(partition, raw)
            if line.claim is not None and not isinstance(line.record, Carried | Digest):
                return _LastWork(
                    raw.timestamp, await _window_of(log, partition, first, raw.offset, line.claim), line.digest
                )
        end = start
    return _LastWork(claim.timestamp)


async def _window_of(log: PartitionLog, partition: int, first: int, decision: int, claim: int) -> int:
    """The window that the owner with this claim kept, under which it made the `decision`; 0 when retention took its claim.

    A claim is named by its offset. Raises BridgeError when there is another record: the log is a copy with other offsets,
    and which decisions count can't be told.
    """
    if claim < first:
        return 0
    found: Record | None = None
    if claim < decision:
        async for batch in log.read(claim, claim + 1):
            found = read_line(partition, batch[0]).record
    if not isinstance(found, Claim):
        raise BridgeError(
            f"ledger partition {partition}, offset {decision}: made under the claim at offset {claim}, where there is none: this "
            "is a copy of a ledger, with other offsets, and what was called can't be told from it. See docs/disaster.md, A copy "
            "of the cluster"
        )
    return found.window


async def _time_at(log: PartitionLog, offset: int) -> int:
    times = [raw.timestamp async for batch in log.read(offset, offset + 1) for raw in batch]
    if not times:
        raise LogTruncated(f"the ledger has no record at offset {offset} any more")
    return times[0]
