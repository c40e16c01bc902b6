"""Compressed batches, unfolded up to a bound: a megabyte of zstd can hold gigabytes, and aiokafka asks for all of them.

A batch that does not fit becomes one record without key and value that says so (`bridge.events.UnreadableRecord`), at the batch's last
offset: the partition goes on behind it. Nothing of the batch is looked at.
"""

import zlib
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import cramjam
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record import default_records as in_python
from aiokafka.record._crecords import default_records, legacy_records

from bridge.events import UnreadableRecord
from bridge.kafka.records import ReadRecord
from bridge.ledger.log import LogRecord

LARGEST_BATCH = 64 * 1_048_576
"""Bytes that a batch of records may unfold to. Producers bound their batches before compressing, by a few MB at most."""

_GZIP = 31  # zlib's word for gzip's own header
_MOST_MEMBERS = 100  # producers write one
_XERIAL = b"\x82SNAPPY\x00"
_XERIAL_HEADER = 16
_FIRST_ROOM = 65_536
_new: Any = tuple.__new__  # of a NamedTuple, in half the time
_USUAL_RATIO = 8


class BatchTooLargeError(Exception):
    """A batch can't be unfolded into the bound; the text says why."""


def _too_large() -> BatchTooLargeError:
    return BatchTooLargeError(f"it unfolds to more than {LARGEST_BATCH} bytes")


def _gzip(payload: Any) -> bytes:
    parts, rest, room = [], bytes(payload), LARGEST_BATCH
    try:
        while rest:
            inflating = zlib.decompressobj(_GZIP)
            part = inflating.decompress(rest, room + 1)
            room -= len(part)
            if room < 0:
                raise _too_large()
            if not inflating.eof:
                raise BatchTooLargeError("its gzip stream breaks off")
            parts.append(part)
            rest = inflating.unused_data
            if len(parts) > _MOST_MEMBERS:
                raise BatchTooLargeError(f"its gzip stream has more than {_MOST_MEMBERS} parts")
    except zlib.error as error:
        raise BatchTooLargeError(f"it is no gzip: {error}") from error
    return b"".join(parts)


def _snappy(payload: bytes) -> bytes:
    blocks = list(_xerial_blocks(payload)) if payload.startswith(_XERIAL) else [payload]
    try:
        if sum(cramjam.snappy.decompress_raw_len(block) for block in blocks) > LARGEST_BATCH:
            raise _too_large()
        return b"".join(bytes(cramjam.snappy.decompress_raw(block)) for block in blocks)
    except cramjam.DecompressionError as error:
        raise BatchTooLargeError(f"it is no snappy: {error}") from error


def _xerial_blocks(payload: bytes) -> list[bytes]:
    blocks, at = [], _XERIAL_HEADER
    while at < len(payload):
        end = at + 4 + int.from_bytes(payload[at : at + 4], "big")
        blocks.append(payload[at + 4 : end])
        at = end
    return blocks


def _into(codec: Any) -> Callable[[bytes], bytes]:
    """By a codec that fills a buffer: a small one first, since making a large one takes longer than the unfolding."""

    def unfold(payload: bytes) -> bytes:
        room = min(_FIRST_ROOM + _USUAL_RATIO * len(payload), LARGEST_BATCH)
        while True:
            buffer = bytearray(room)
            try:
                return bytes(memoryview(buffer)[: codec.decompress_into(payload, buffer)])
            except cramjam.DecompressionError as error:
                if room == LARGEST_BATCH:
                    raise BatchTooLargeError(f"it does not unfold into {LARGEST_BATCH} bytes: {error}") from error
            room = min(room * _USUAL_RATIO, LARGEST_BATCH)

    return unfold


def plain(data: bytes | None) -> bytes | None:
    """What to give a consumer as `key_deserializer`, so that it makes a list of LogRecords of each batch, in a third of the
    time. Not for one that reads committed transactions only.
    """
    return data


class _Bounded(fetcher.PartitionRecords):  # type: ignore[misc]  # aiokafka has no types
    """Raising would lose what getmany() has taken of other partitions by then; so a batch too large is a record."""

    def __init__(self, where: Any, records: Any, *more: Any) -> None:
        super().__init__(where, records, *more)
        self.next_fetch_offset: int
        if self._key_deserializer is plain and self._isolation_level != fetcher.READ_COMMITTED:
            self._records_iterator = self._plain_records()

    def __iter__(self) -> Iterator[Any]:
        # And not itself: a call in Python for each record less.
        unpacked: Iterator[Any] = self._records_iterator
        return unpacked

    def _plain_records(self) -> Iterator[Any]:
        """As `_unpack_records`, which knows more than is needed; a list for each batch. Who reads so takes all that there is."""
        while self._records.has_next():
            batch = self._records.next_batch()
            if self._check_crcs and not batch.validate_crc():
                raise CorruptRecordException(f"Invalid CRC - {self._tp}")
            wanted, self.next_fetch_offset = self.next_fetch_offset, batch.next_offset
            if batch.is_control_batch:
                continue
            try:
                records = [_new(LogRecord, (r.offset, r.timestamp, r.key, r.value)) for r in batch]
            except BatchTooLargeError as error:
                records = [self._too_large(batch, error)]
            if records and records[0].offset < wanted:
                records = [record for record in records if record.offset >= wanted]
            if records:
                yield records

    def _unpack_records(self) -> Iterator[Any]:
        """As aiokafka's, which takes twice as long. Lazily: the records of a batch may take far more memory than its bytes."""
        while self._records.has_next():
            batch = self._records.next_batch()
            if self._check_crcs and not batch.validate_crc():
                raise CorruptRecordException(f"Invalid CRC - {self._tp}")
            try:
                if not self._is_taken_back(batch) and not batch.is_control_batch:
                    yield from self._records_of(batch)
            except BatchTooLargeError as error:
                yield self._too_large(batch, error)
            self.next_fetch_offset = batch.next_offset

    def _is_taken_back(self, batch: Any) -> bool:
        """Whether it belongs to a transaction that was aborted, where that matters."""
        if self._isolation_level != fetcher.READ_COMMITTED or batch.producer_id is None:
            return False
        self._consume_aborted_up_to(batch.base_offset)
        if batch.is_control_batch and self._contains_abort_marker(batch):
            self._aborted_producers.discard(batch.producer_id)
        return batch.is_transactional and batch.producer_id in self._aborted_producers

    def _records_of(self, batch: Any) -> Iterator[ReadRecord]:
        topic, partition = self._tp
        for record in batch:
            offset = record.offset
            # A fetch may begin within a batch.
            if offset >= self.next_fetch_offset:
                self.next_fetch_offset = offset + 1
                headers = tuple(record.headers) if record.headers else ()
                yield ReadRecord(topic, partition, offset, record.timestamp, record.key, record.value, headers)

    def _too_large(self, batch: Any, error: BatchTooLargeError) -> UnreadableRecord:
        self.next_fetch_offset = batch.next_offset
        last = batch.next_offset - 1
        why = f"the compressed batch of the offsets {batch.base_offset} to {last} can't be read: {error}"
        return UnreadableRecord(self._tp.topic, self._tp.partition, last, batch.max_timestamp, why)


class _Fetched(fetcher.FetchResult):  # type: ignore[misc]
    """What a fetch brought of a partition."""

    _partition_records: Any

    def getall(self, max_records: int | None = None) -> list[Any]:
        """As aiokafka's, which takes the records one by one."""
        if not self.check_assignment(self._topic_partition) or not self.has_more():
            return []
        taken = list(islice(self._partition_records, max_records))
        self._update_position()
        if max_records is None or len(taken) < max_records:
            self._partition_records = None
        return taken


def bound_unfolding() -> None:
    """From here on aiokafka unfolds by this module, in this process."""
    for module in (default_records, legacy_records, in_python):
        module.gzip_decode, module.snappy_decode = _gzip, _snappy
        module.lz4_decode = _into(cramjam.lz4)
    default_records.zstd_decode = in_python.zstd_decode = _into(cramjam.zstd)
    fetcher.PartitionRecords, fetcher.FetchResult = _Bounded, _Fetched
