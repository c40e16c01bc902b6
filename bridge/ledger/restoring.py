"""How far back a new owner reads, and when it must not go on at all."""

from dataclasses import dataclass

from bridge.errors import BridgeError, LogTruncated
from bridge.ledger.codec import read_line
from bridge.ledger.log import Appended, PartitionLog
from bridge.ledger.records import Carried, Claim, Record

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
    finished from `needed_since` on may be asked for again.
    """

    offset: int
    tells_since: int
    needed_since: int


async def restore_from(log: PartitionLog, partition: int, claim: Appended, progress: Progress, window: int) -> Start:
    """The start of a restore for a claim that was just written.

    `window` (ms), or that of the last owner that decided something if it is longer, is counted from the last decision
    before the claim, so that a long downtime forgets nothing. It goes back further when a trigger that will be read is
    older: its intent is younger than itself.
    """
    first, _end = await log.bounds()
    if claim.offset <= first:
        # Nothing before the claim: a new ledger, or one of which retention took everything.
        return Start(claim.offset, claim.timestamp if first > 0 else 0, claim.timestamp)
    worked, theirs = await _last_work(log, partition, first, claim)
    since = worked - max(window, theirs)
    if progress.first_at is not None:
        since = min(since, progress.first_at)
    found = await log.offset_at(since)
    start = claim.offset if found is None else max(first, min(found, claim.offset))
    tells_since = await _time_at(log, first) if start == first > 0 else 0
    in_force = await _claim_at(log, partition, start, claim.offset)
    if in_force is not None:
        # Without the claim that it was made under nobody can tell a decision that counts from a lost owner's.
        start = max(first, min(start, in_force))
    return Start(start, tells_since, since)


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


async def _last_work(log: PartitionLog, partition: int, first: int, claim: Appended) -> tuple[int, int]:
    """When something was decided last before the claim, and the window of who did.

    Claims and what is carried on after them don't count: a replica that claims after a long downtime and dies in its
    takeover must not shorten its successor's window. Nor do facts: they may come late, from an owner that was frozen.
    """
    end = claim.offset
    while end > first:
        start = max(first, end - _PIECE)
        piece = [raw async for batch in log.read(start, end) for raw in batch]
        for raw in reversed(piece):
            line = read_line(partition, raw)
            if line.claim is not None and not isinstance(line.record, Carried):
                return raw.timestamp, await _window_of(log, partition, first, raw.offset, line.claim)
        end = start
    return claim.timestamp, 0


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
