"""Reading a trigger again by its offset."""

from collections.abc import Callable

from bridge.dispatch.around import Arrival
from bridge.kafka.log import PartitionReader
from bridge.triggers import Trigger


class StoredTriggers:
    """The triggers topic as a store (bridge.dispatch.around.TriggersReader). `reader(partition)` reads one of its partitions."""

    def __init__(self, reader: Callable[[int], PartitionReader]) -> None:
        self._reader = reader

    async def fetch(self, partition: int, offset: int) -> Arrival | None:
        """The record at the offset, also one that is no trigger; None when there is none, or not any more."""
        reader = self._reader(partition)
        first, end = await reader.bounds()
        if not first <= offset < end:
            return None
        found = [record async for batch in reader.read(offset, offset + 1) for record in batch]
        try:
            trigger = Trigger.decode(found[0].value)
        except ValueError:
            trigger = None
        return Arrival(offset, found[0].timestamp, trigger)
