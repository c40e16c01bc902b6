"""Works that wait, a queue for each partition. Pure."""

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from itertools import chain

from bridge.dispatch.work import Work

# Works of a partition that are taken before it is another one's turn: as many as go into one append to its ledger.
_IN_A_ROW = 16


class Turnwise:
    """Each partition's works in their order, and the partitions in turn: one that has much to catch up with, as one that was
    just taken over from a crashed replica, keeps none of the others waiting.
    """

    def __init__(self) -> None:
        # The partition whose turn it is comes first; none is empty.
        self._by_partition: OrderedDict[int, deque[Work]] = OrderedDict()
        self._in_a_row = 0

    def __bool__(self) -> bool:
        return bool(self._by_partition)

    def __len__(self) -> int:
        return sum(map(len, self._by_partition.values()))

    def __iter__(self) -> Iterator[Work]:
        return chain.from_iterable(self._by_partition.values())

    def append(self, work: Work) -> None:
        """At the end of its partition."""
        self._by_partition.setdefault(work.partition, deque()).append(work)

    def appendleft(self, work: Work) -> None:
        """Before all others of its partition."""
        self._by_partition.setdefault(work.partition, deque()).appendleft(work)

    def extend(self, works: Iterable[Work]) -> None:
        """Each at the end of its partition."""
        for work in works:
            self.append(work)

    def popleft(self) -> Work:
        """The first of the partition whose turn it is. Raises StopIteration when there is none."""
        partition, works = next(iter(self._by_partition.items()))
        work = works.popleft()
        self._in_a_row += 1
        if not works:
            del self._by_partition[partition]
            self._in_a_row = 0
        elif self._in_a_row >= _IN_A_ROW:
            self._by_partition.move_to_end(partition)
            self._in_a_row = 0
        return work

    def clear(self) -> None:
        """Take all of them out."""
        self._by_partition.clear()
        self._in_a_row = 0
