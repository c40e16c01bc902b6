"""A set of trigger ids with the revisions of their outcomes, in little memory. Pure.

An id of 16 bytes and its revision are an *entry* of 17; entries lie side by side in buckets, by the first 12 bits of the id
(a hash, so they fill evenly). 21 to 24 bytes an id where there are many, and a look-up searches some hundred bytes.
"""

import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterator

ENTRY = 17
_ID = 16
_BUCKETS = 4_096
_BITS = 4  # of the first two bytes that don't count for the bucket
_COUNTS = bytes(byte >> _BITS << _BITS for byte in range(256))


class Ids:
    """16 bytes -> 1 to 255. As bytes (`pages`, `load`) the entries are in the order of their buckets."""

    __slots__ = ("_buckets", "_bytes")

    def __init__(self) -> None:
        self._buckets: list[bytearray | None] = [None] * _BUCKETS
        self._bytes = 0

    def __len__(self) -> int:
        return self._bytes // ENTRY

    def __iter__(self) -> Iterator[bytes]:
        for bucket in self._buckets:
            if bucket is not None:
                yield from (bytes(bucket[at : at + _ID]) for at in range(0, len(bucket), ENTRY))

    def add(self, key: bytes, revision: int, *, at_least: bool = False) -> None:
        """Put the id in, or give it another revision; `at_least`: only if that is higher."""
        number = key[0] << _BITS | key[1] >> _BITS
        bucket = self._buckets[number]
        if bucket is None:
            bucket = self._buckets[number] = bytearray()
        at = bucket.find(key)
        if at >= 0 and (at := _find(bucket, key, at)) >= 0:
            bucket[at + _ID] = max(revision, bucket[at + _ID]) if at_least else revision
            return
        bucket += key
        bucket.append(revision)
        self._bytes += ENTRY

    def revision(self, key: bytes) -> int:
        """The highest revision of the id; 0 when it is not there."""
        bucket = self._buckets[key[0] << _BITS | key[1] >> _BITS]
        if bucket is None:
            return 0
        at = bucket.find(key)
        if at < 0:
            return 0  # as nearly always
        best, at = 0, _find(bucket, key, at)
        while at >= 0:
            best = max(best, bucket[at + _ID])
            at = _find(bucket, key, at + ENTRY)
        return best

    def pages(self, most: int) -> Iterator[bytes]:
        """All entries, up to `most` in one."""
        entries = b"".join(bucket for bucket in self._buckets if bucket is not None)
        for start in range(0, len(entries), most * ENTRY):
            yield entries[start : start + most * ENTRY]

    def load(self, page: bytes) -> None:
        """Add entries as `pages` gives them. Raises ValueError when they are not that: then none is to be relied on."""
        if len(page) % ENTRY:
            raise ValueError(f"{len(page)} bytes are no whole number of entries")
        places = _places(page)
        if list(places) != sorted(places):
            raise ValueError("entries are not in the order of their buckets")
        end = 0
        while end < len(places):
            start, place = end, places[end]
            end = bisect_left(places, place + 1, start)
            bucket = self._buckets[place >> _BITS]
            if bucket is None:
                bucket = self._buckets[place >> _BITS] = bytearray()
            bucket += page[start * ENTRY : end * ENTRY]
        self._bytes += len(page)


def _find(bucket: bytearray, key: bytes, start: int) -> int:
    """Where the entry of the id begins, from `start` on; -1: nowhere."""
    at = bucket.find(key, start)
    while at > 0 and at % ENTRY:  # its bytes may occur across two entries
        at = bucket.find(key, at + 1)
    return at


def _places(page: bytes) -> "array[int]":
    """The first two bytes of each entry, without the bits that don't count, as a number."""
    pairs = bytearray(2 * (len(page) // ENTRY))
    pairs[0::2], pairs[1::2] = page[0::ENTRY], page[1::ENTRY].translate(_COUNTS)
    numbers = array("H", bytes(pairs))
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers
