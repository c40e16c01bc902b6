"""Header names that are not UTF-8. Kafka says that names are UTF-8 and checks nothing; aiokafka believes it, and can neither
read nor write another one: a consumer would stand still before such a record for ever.

Here each byte that is not UTF-8 becomes half a surrogate pair (`surrogateescape`), and that byte again when it is written.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import (
    DefaultRecordBatch,
    _DefaultRecordBatchBuilderPy,
    _DefaultRecordBatchPy,
)
from aiokafka.record.memory_records import MemoryRecords

from bridge.events import Headers

_ESCAPE = "surrogateescape"
# Of a batch's first field, its offset, and of both fields that stand before what its length counts.
_OFFSET_BYTES, _HEAD_BYTES = 8, 12
_LARGEST_BATCH = 2**31 - 1
_MAGIC = 2


def read_any_header_name() -> None:
    """From now on every consumer of this process reads such records too. aiokafka has no other place to say so."""
    fetcher.MemoryRecords = _AnyRecords


def writable(headers: Headers) -> bool:
    """Whether aiokafka can write these names as they are."""
    return not headers or all(name.isascii() or _is_utf8(name) for name, _ in headers)


def same_size(headers: Headers) -> Headers:
    """Headers that take as many bytes, with names that can be measured."""
    return [("x" * len(name.encode("utf-8", _ESCAPE)), content) for name, content in headers]


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


class AnyBatch(BatchBuilder):  # type: ignore[misc]  # aiokafka has no types
    """A batch whose header names may hold escaped bytes. aiokafka's own builder is written in C and takes none."""

    def __init__(self) -> None:
        super().__init__(_LARGEST_BATCH, 0)
        self._builder = _DefaultRecordBatchBuilderPy(_MAGIC, 0, 0, -1, -1, 0, _LARGEST_BATCH)

    def append(self, *, timestamp: int | None, key: bytes | None, value: bytes | None, headers: Headers = ()) -> Any:
        """See BatchBuilder.append."""
        escaped = [(_Name(name), content) for name, content in headers]
        return super().append(timestamp=timestamp, key=key, value=value, headers=escaped)

    def _set_producer_state(self, producer_id: int, producer_epoch: int, base_sequence: int) -> None:
        # aiokafka's asserts that the builder is the one in C.
        self._builder.set_producer_state(producer_id, producer_epoch, base_sequence)


class _Name(str):
    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = _ESCAPE) -> bytes:
        return super().encode(encoding, _ESCAPE)


class _AnyRecords(MemoryRecords):  # type: ignore[misc]  # written in C, and not final there
    """What a fetch brought of a partition, batch by batch."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._data = data
        self._begin = 0

    def next_batch(self) -> Any:
        batch = super().next_batch()
        begin = self._begin
        length = int.from_bytes(self._data[begin + _OFFSET_BYTES : begin + _HEAD_BYTES], "big")
        self._begin += _HEAD_BYTES + length
        if not isinstance(batch, DefaultRecordBatch) or batch.is_control_batch:
            return batch
        return _AnyBatch(batch, self._data, begin, self._begin)


class _AnyBatch:
    """A batch that is read in C, and once more in Python from the first record on at which that failed."""

    def __init__(self, batch: Any, data: bytes, begin: int, end: int) -> None:
        self._batch = batch
        self._data = data
        self._begin, self._end = begin, end

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __iter__(self) -> Iterator[Any]:
        read = 0
        try:
            for record in self._batch:
                yield record
                read += 1
        except UnicodeDecodeError:
            yield from islice(_Again(self._data[self._begin : self._end]), read, None)


class _Again(_DefaultRecordBatchPy):  # type: ignore[misc]  # final only for type checkers
    def _maybe_uncompress(self) -> None:
        super()._maybe_uncompress()
        self._buffer: bytearray = _Buffer(self._buffer)


class _Buffer(bytearray):
    """Of which a part that is decoded as UTF-8 (aiokafka decodes nothing but names) is escaped."""

    def __getitem__(self, at: Any) -> Any:
        part = super().__getitem__(at)
        return _Buffer(part) if isinstance(at, slice) else part

    def decode(self, encoding: str = "utf-8", errors: str = _ESCAPE) -> str:
        return super().decode(encoding, _ESCAPE)
