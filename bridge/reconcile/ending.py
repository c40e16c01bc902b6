"""How an execution ended, told: first the result, then the ledger."""

import asyncio
from contextlib import nullcontext

from bridge.ledger.item import rank_of
from bridge.ledger.partition import PartitionLedger
from bridge.ledger.records import Ended
from bridge.reconcile.around import Results


class Ending:
    """Writes ends down."""

    def __init__(self, results: Results) -> None:
        self._results = results
        self._one_at_a_time = asyncio.Lock()

    async def tell(self, ledger: PartitionLedger, ended: Ended) -> None:
        """The outcome, where it is better than what is known; a repetition after a crash has the same id.

        Two executions of one trigger (a resend that turned out needless) are told of one after the other: else each might
        take the other's result for written, or both write the same revision.
        """
        known = ledger.fold.items.get(ended.id)
        several = known is not None and len(known.attempts) > 1
        async with self._one_at_a_time if several else nullcontext():
            item = ledger.fold.items.get(ended.id)
            if item is not None and item.improved_by(ended):
                await self._results.emit(ended.id, item, ended)
            await ledger.note(ended)
        ledger.fold.settle(ended.id, rank_of(ended))
