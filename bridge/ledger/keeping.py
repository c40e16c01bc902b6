"""What an owner does beside writing what it is asked to: it forgets, carries on what is old, and sums up what is finished."""

from contextlib import suppress
from math import inf

from bridge.errors import AppendUncertain, LedgerLost
from bridge.ledger.digesting import Digesting
from bridge.ledger.fold import Fold
from bridge.ledger.forgetting import Forgetting
from bridge.ledger.restoring import Start
from bridge.ledger.rewriting import IN_A_LOOK, Writer, carry_open


class Keeping:
    """For one ledger partition, within its writer. Times are the broker's, ms: see bridge.ledger.partition."""

    def __init__(self, window: int, longest_limit: int, digest_every: int) -> None:
        self._window = window
        self._forgetting = Forgetting(window)
        self._digests = Digesting(digest_every, longest_limit)
        self._more_to_carry = False

    @property
    def pointer(self) -> int | None:
        """What decisions say of the digests before them."""
        return self._digests.pointer

    def restored(self, start: Start) -> None:
        """A restore begins here."""
        self._digests.restored(start.knows_since, None if start.chain is None else start.chain.newest)

    async def claimed(self, writer: Writer, at: int, needed_since: int) -> None:
        """There is a new claim, written `at`, which needs what was finished from `needed_since` on: carry on what is open
        before anything else. Raises AppendUncertain.

        The window counts from the last decision that is not of this kind, so an owner that dies on the way leaves its
        successor all that it found itself.
        """
        self._forgetting.claimed(needed_since, at)
        self._digests.claimed(at)
        self._forget(writer.fold)
        with suppress(LedgerLost):
            await self._carry(writer, inf)

    async def look(self, writer: Writer) -> None:
        """A step of what is due; the writer owns the partition."""
        with suppress(AppendUncertain, LedgerLost):  # in a minute again, or at the next look: it is early enough
            if self._forget(writer.fold) or self._more_to_carry:
                await self._carry(writer, IN_A_LOOK)
            await self._digests.step(writer)

    async def _carry(self, writer: Writer, most: float) -> None:
        """Write open items again before they leave the window that a successor reads, some `most` of them for now."""
        self._more_to_carry = not await carry_open(writer, writer.fold.latest - self._window // 2, most)

    def _forget(self, fold: Fold) -> bool:
        """Forget what is old enough, now and then; whether now."""
        before = self._forgetting.before(fold.latest)
        if before is None:
            return False
        fold.forget_before(before)
        self._digests.forgot_before(before)
        return True
