"""A partition's ledger: one writer, its claim, and the fence that a foreign claim closes.

Every append goes through one writer, in order, and the writer counts the offsets that its appends must get. A larger one
is a gap: what others wrote is read before anything is believed. A foreign claim in it means that the partition is lost.
docs/architecture.md tells why this is enough.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf

from bridge.errors import AppendUncertain, LedgerLost, LogTruncated
from bridge.ledger.asking import ClaimAnew, Look, Queue, Restored, Write, answered, batches, fail, resolve
from bridge.ledger.codec import encode, key_of, read_line
from bridge.ledger.express import in_pieces, without_usual
from bridge.ledger.fold import Fold
from bridge.ledger.keeping import Keeping
from bridge.ledger.log import PartitionLog
from bridge.ledger.records import Claim, Decision, Fact, Line, Record
from bridge.ledger.restoring import Progress, Reach, Start, refuse_if_forgotten, restore_from
from bridge.ledger.turns import Turns

_LOST = -1
_UNREAD = -1


@dataclass(slots=True)
class PartitionLedger:
    """The ledger of one triggers partition, for as long as the process lives; owned from a claim until it is lost.

    `window` (ms): how far back, from the last record before a claim, a restore reads. `changed` is called with the ids
    that records just applied speak of, and whether others wrote them.
    """

    partition: int
    log: PartitionLog
    replica: str
    window: int
    changed: Callable[[set[str], bool], None]
    # For how long (ms) calls are counted, as routes' own limits ask.
    longest_limit: int = 0
    # Told while a restore reads: how many records were read, of how many.
    restoring: Callable[[int, int], None] | None = None
    # How often (ms) a digest of what is finished is written; 0: never, and none is read.
    digest_every: int = 0
    # Told why digests that there are don't help.
    refused: Callable[[str], None] | None = None
    # Shared by those that may be read at once.
    turns: Turns = field(default_factory=Turns)
    fold: Fold = field(init=False)
    # The broker's time (ms) before which this ledger can't tell: its log begins later.
    tells_since: int = 0
    claim_number: int = _LOST
    _expected: int = _UNREAD
    _keeping: Keeping = field(init=False)
    _calls_since: float = inf
    _queue: Queue = field(default_factory=Queue)

    def __post_init__(self) -> None:
        self.fold = Fold(self.window, self.longest_limit, news=self.digest_every > 0)
        self._keeping = Keeping(self.window, self.longest_limit, self.digest_every)

    @property
    def owned(self) -> bool:
        """Whether decisions may be made: claimed, and no foreign claim seen since."""
        return self.claim_number != _LOST

    def give_up(self) -> None:
        """Make no more decisions until the next claim. Facts are still written."""
        self.claim_number = _LOST

    async def claim(self, progress: Progress) -> Restored:
        """Take the partition and read what is known of it. Raises AppendUncertain: claim again."""
        done: asyncio.Future[Restored] = asyncio.get_running_loop().create_future()
        self._queue.add(ClaimAnew(progress, done))
        return await done

    async def decide(self, *decisions: Decision) -> None:
        """Write decisions; when this returns they are known to lie behind no foreign claim.

        Raises LedgerLost (they don't count) or AppendUncertain (they may or may not).
        """
        if not self.owned:
            raise LedgerLost(f"ledger partition {self.partition} is not owned")
        await self._write(decisions, self.claim_number)

    async def note(self, *facts: Fact) -> None:
        """Write facts, owned or not, however long it takes."""
        await self._write(facts, None)

    async def look(self) -> None:
        """Read what others wrote since: so an idle owner learns late facts, and of a foreign claim, too."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.add(Look(done))
        await done

    async def run(self) -> None:
        """The writer. Raises LogTruncated or BridgeError when the process must not go on."""
        while True:
            await self._queue.filled()
            match self._queue.take(self.partition, self.claim_number):
                case list() as writes:
                    await self._append(writes)
                case ClaimAnew() as entry:
                    await self._take(entry)
                case Look() as entry:
                    await self._look()
                    resolve(entry.done, None)

    async def _look(self) -> None:
        _first, end = await self.log.bounds()
        if self.owned:
            await self._keeping.look(self)
        # After a change of leaders the end may lag behind what was acknowledged: only more than that is news.
        if end > self._expected != _UNREAD:
            await self._close_gap(end)

    async def _write(self, records: Sequence[Record], claim: int | None) -> None:
        entries = self._asked(records, claim)
        for entry in entries:
            self._queue.add(entry)
        await answered(entries)

    def _asked(self, records: Sequence[Record], claim: int | None) -> list[Write]:
        loop = asyncio.get_running_loop()
        digest = self._keeping.pointer
        return [Write(record, claim, encode(record, claim, digest), loop.create_future()) for record in records]

    @property
    def known(self) -> int:
        """All records before this offset have been applied."""
        return self._expected

    async def put(self, decisions: Sequence[Decision]) -> int:
        """Append decisions of the writer's own, now; the offset of the last. Raises AppendUncertain, or LedgerLost."""
        if not self.owned:
            raise LedgerLost(f"ledger partition {self.partition} is not owned")
        for writes in batches(self._asked(decisions, self.claim_number)):
            await self._append(writes)
            for entry in writes:
                entry.done.result()
        return self._expected - 1

    async def _append(self, writes: list[Write]) -> None:
        if not writes:
            return
        claim = self.claim_number
        try:
            ack = await self.log.append([(key_of(entry.record), entry.value) for entry in writes])
        except AppendUncertain as error:
            # What may have been written shows as a gap before the next ack. Facts are true twice, so they go again.
            self._queue.put_back([entry for entry in writes if entry.claim is None])
            for entry in writes:
                if entry.claim is not None:
                    fail(entry.done, error)
            return
        await self._close_gap(ack.offset)
        touched = self.fold.take_in(
            [(at, ack.timestamp, Line(entry.record, entry.claim)) for at, entry in enumerate(writes, ack.offset)]
        )
        self._expected = ack.offset + len(writes)
        self._tell(touched, foreign=False)
        for entry in writes:
            if entry.claim is not None and self.claim_number != claim:
                fail(entry.done, LedgerLost(f"ledger partition {self.partition} was claimed by another replica"))
            else:
                resolve(entry.done, None)

    async def _close_gap(self, acked: int, committed: int | None = None) -> None:
        """An append got offset `acked`: read what lies before it, unread. A foreign claim there ends the ownership."""
        if acked < self._expected:
            raise LogTruncated(
                f"ledger partition {self.partition}: an append got offset {acked}, but {self._expected - 1} was "
                "acknowledged before: records were lost. See docs/architecture.md, What Kafka must promise"
            )
        if acked > self._expected:
            await self._read(self._expected, acked, committed)
            if self.owned and self.fold.claim != self.claim_number:
                self.give_up()

    async def _read(
        self, start: int, end: int, committed: int | None = None, tell: Callable[[int, int], None] | None = None
    ) -> None:
        first = self._expected == _UNREAD
        async for batch in self.log.read(start, end):
            pieces = without_usual(batch, self.fold, self._calls_since) if first else in_pieces(batch)
            for piece in pieces:
                lines = ((raw.offset, raw.timestamp, read_line(self.partition, raw)) for raw in piece)
                touched = self.fold.take_in(lines)
                if committed is not None:
                    self.fold.settle_committed(touched, committed)
                self._tell(touched, foreign=True)
                if not self.owned:
                    await self.turns.give()
            self._expected = batch[-1].offset + 1
            if tell is not None:
                tell(self._expected - start, end - start)
        self._expected = end

    async def _take(self, entry: ClaimAnew) -> None:
        if self._expected == _UNREAD:
            await refuse_if_forgotten(self.log, self.partition, entry.progress)
        claim = Claim(self.replica, self.window)
        try:
            ack = await self.log.append([(None, encode(claim))])
        except AppendUncertain as error:
            fail(entry.done, error)
            return
        before = self.fold.count
        if self._expected == _UNREAD:
            reach = Reach(self.window, self.longest_limit, self.digest_every > 0)
            start = await restore_from(self.log, self.partition, ack, entry.progress, reach)
            needed_since = self._begin_with(start)
            self._calls_since = ack.timestamp - self.longest_limit if self.longest_limit else inf
            await self._read(start.offset, ack.offset, entry.progress.committed, self.restoring)
        else:
            needed_since = min(self.fold.latest - self.window, entry.progress.first_at or ack.timestamp)
            await self._close_gap(ack.offset, entry.progress.committed)
        restored = Restored(ack.offset, self.fold.count - before)
        self.fold.apply(ack.offset, ack.timestamp, Line(claim, None))
        self._expected = ack.offset + 1
        self.claim_number = ack.offset
        try:
            await self._keeping.claimed(self, ack.timestamp, needed_since)
        except AppendUncertain as error:
            self.give_up()
            fail(entry.done, error)
        else:
            resolve(entry.done, restored)

    def _begin_with(self, start: Start) -> int:
        """Know what digests say before the rest is read; from when on is known what was finished."""
        self.tells_since = start.tells_since
        self._keeping.restored(start)
        if start.chain is not None:
            seal = start.chain.newest.seal
            self.fold.begin_with(start.chain.remembered, start.chain.claim, seal.latest, seal.furthest)
        if start.refused is not None and self.refused is not None:
            self.refused(start.refused)
        return start.needed_since

    def _tell(self, triggers: set[str], *, foreign: bool) -> None:
        if triggers:
            self.changed(triggers, foreign)
