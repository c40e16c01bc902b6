"""When an owner writes a digest of what is finished, and how. Within the writer, a step at each look.

docs/architecture.md, Digests of finished ids, tells what makes one sound. Times are the broker's, ms.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bridge.errors import LedgerLost
from bridge.ledger.digest import Digest, Page, Seal
from bridge.ledger.fold import Fold
from bridge.ledger.ids import ENTRY
from bridge.ledger.rewriting import IN_A_LOOK, Writer, carry_told_before

# In a part: some 200 KB of JSON, as other appends have.
_IDS_IN_A_PART = 9_000
_PARTS_IN_A_LOOK = 8
# A chain has no more digests than this: then all that is remembered is written anew.
_LONGEST_CHAIN = 32
# How far back `upto` lies, as a share of the interval: most of what is open is younger, and is not carried.
_LAG = 4


@dataclass(frozen=True, slots=True)
class Sound:
    """A digest that is known to count: its seal's offset."""

    offset: int
    seal: Seal


@dataclass(slots=True)
class _Plan:
    """A digest that is being made under this claim. `todo`: what its parts say, once all before `upto` is carried."""

    claim: int
    upto: int
    until: int
    taken: list[Page] = field(default_factory=list)
    todo: list[tuple[Page, ...]] | None = None
    parts: list[int] = field(default_factory=list)
    since: int = 0
    latest: int = 0


@dataclass(slots=True)
class Digesting:
    """The digests of one ledger partition. `every`: 0 for never; `longest_limit`: how long calls are counted."""

    every: int
    longest_limit: int
    newest: Sound | None = None
    # What is not finished is known wherever its newest record is of then or later.
    kept: int = 0
    _claimed_at: int = 0
    _plan: _Plan | None = None

    @property
    def pointer(self) -> int | None:
        """What the owner's decisions say of its digests."""
        return None if self.newest is None else self.newest.offset

    def restored(self, since: int, newest: Sound | None) -> None:
        """A restore has read what was written `since`, from this digest on, or without any."""
        self.kept, self.newest = since, newest

    def claimed(self, at: int) -> None:
        """There is a new claim, written at this time."""
        self._claimed_at = at

    def forgot_before(self, timestamp: int) -> None:
        """What is finished and older was forgotten."""
        self.kept = max(self.kept, timestamp)

    async def step(self, writer: Writer) -> None:
        """Begin one when it is time, or go on with it. Raises AppendUncertain: go on at the next look."""
        if self._plan is None or self._plan.claim != writer.claim_number:
            self._abandon(writer.fold)
            self._plan = await self._begun(writer)
        if self._plan is None:
            return
        try:
            if self._plan.todo is not None or await carry_told_before(writer, self._plan.upto, IN_A_LOOK):
                await self._write(writer, self._plan)
        except LedgerLost:
            self._abandon(writer.fold)

    async def _begun(self, writer: Writer) -> _Plan | None:
        latest, lag = writer.fold.latest, max(self.every // _LAG, self.longest_limit)
        last = 0 if self.newest is None else self.newest.seal.latest
        # Behind its own claim it is known which decisions count.
        if not self.every or latest - last < self.every or latest - self._claimed_at < lag:
            return None
        found = await writer.log.offset_at(latest - lag)
        if found is None:
            return None
        upto = min(max(found, writer.claim_number + 1), writer.known)
        if self.newest is not None and upto <= self.newest.seal.upto:
            return None
        return _Plan(writer.claim_number, upto, latest - lag)

    async def _write(self, writer: Writer, plan: _Plan) -> None:
        begins = self.newest is None or self.newest.seal.length >= _LONGEST_CHAIN
        if plan.todo is None:
            plan.taken = writer.fold.remembered.take_news(_IDS_IN_A_PART, all_of_it=begins)
            plan.todo, plan.latest = list(_parts(plan.taken)), writer.fold.latest
            plan.since = self.kept if self.newest is None or begins else self.newest.seal.latest + 1
        for _ in range(_PARTS_IN_A_LOOK):
            if len(plan.todo) <= 1:
                break
            plan.parts.append(await writer.put([Digest(plan.todo[0])]))
            del plan.todo[0]
        else:
            return
        previous = None if self.newest is None or begins else self.newest
        seal = Seal(
            tuple(plan.parts),
            plan.upto,
            plan.until,
            plan.since,
            self.kept,
            plan.latest,
            None if previous is None else previous.offset,
            1 if previous is None else previous.seal.length + 1,
            writer.fold.furthest,
        )
        offset = await writer.put([Digest(plan.todo[0] if plan.todo else (), seal)])
        # Acknowledged, and no foreign claim before it: from now on it may be believed.
        self.newest, self._plan = Sound(offset, seal), None

    def _abandon(self, fold: Fold) -> None:
        """What it would have said is for the next one to say."""
        if self._plan is not None:
            fold.remembered.put_back(self._plan.taken)
        self._plan = None


def _parts(pages: Sequence[Page]) -> Iterator[tuple[Page, ...]]:
    """The pages, as many together as make a part."""
    part: list[Page] = []
    size = 0
    for page in pages:
        if part and size + len(page.entries) > _IDS_IN_A_PART * ENTRY:
            yield tuple(part)
            part, size = [], 0
        part.append(page)
        size += len(page.entries)
    if part:
        yield tuple(part)
