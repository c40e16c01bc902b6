"""Passing by what a restore need not look at closely: triggers that are called and have ended within few records. Pure.

Nearly all of a ledger is of the one kind: an intent, its acceptance, the execution's end. All that follows is that the id is
remembered, and that is known from a few bytes of these records. Anything else goes through the fold, record by record.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from bridge.ledger.fold import Fold
from bridge.ledger.item import UNRESOLVED, rank_of_execution
from bridge.ledger.log import LogRecord

_INTENT = re.compile(rb'\{"kind":"intent","claim":([0-9]+),(?:"digest":[0-9]+,)?"id":"([0-9a-f]{32})",').match
# In the JSON of a record these bytes can't be within a text: there quotation marks have a backslash.
_NO_RIVALS = b'"supersede_by":null'
_ACCEPTED, _ENDED = b'{"kind":"accepted","id":"', b'{"kind":"ended","id":"'
_USUAL = 3
# Triggers that are passed by, or records that are not, before others get a turn: some 2 ms.
_IN_A_PIECE = 200
_BEGINS = b'{"kind":"intent",'
# So many bytes before the end of a record stands what is looked for; and if not, nothing is lost but time.
_NEAR_THE_END = 260


@dataclass(frozen=True, slots=True)
class _Attempt:
    nonce: str


@dataclass(frozen=True, slots=True)
class _Ended:
    """What of an `ended` record is needed."""

    attempt: _Attempt
    outcome: str


_decode = msgspec.json.Decoder(_Ended).decode


def without_usual(batch: Sequence[LogRecord], fold: Fold, calls_since: float) -> Iterator[Sequence[LogRecord]]:
    """The records of a batch that the fold must take in, after it was told what follows from the others; in pieces, each of
    which is there within a few milliseconds: the first ones are empty.

    `calls_since` (ms): attempts from then on are counted for routes' limits, so they are not passed by.
    """
    by_key: defaultdict[bytes | None, list[LogRecord]] = defaultdict(list)
    for raw in batch:
        by_key[raw.key].append(raw)
    # Where on their topic triggers lie is known by the last one (Fold.furthest).
    by_key.pop(next((raw.key for raw in reversed(batch) if raw.value.startswith(_BEGINS)), None), None)
    passed: set[bytes] = set()
    for number, (key, records) in enumerate(by_key.items(), 1):
        if len(records) == _USUAL and key is not None and _pass_by(key, records, fold, calls_since):
            passed.add(key)
        if not number % _IN_A_PIECE:
            yield ()
    yield from in_pieces([raw for raw in batch if raw.key not in passed] if passed else batch)


def in_pieces(batch: Sequence[LogRecord]) -> Iterator[Sequence[LogRecord]]:
    """So many at a time as the fold takes in within a few milliseconds."""
    for start in range(0, len(batch), _IN_A_PIECE):
        yield batch[start : start + _IN_A_PIECE]


def _pass_by(key: bytes, records: Sequence[LogRecord], fold: Fold, calls_since: float) -> bool:
    (_, began, _, intent), (_, then, _, accepted), (_, ended, _, end) = records
    head = _INTENT(intent)
    if head is None or head[2] != key or int(head[1]) > fold.claim or began > calls_since:
        return False
    if not (accepted.startswith(_ACCEPTED + key) and end.startswith(_ENDED + key)):
        return False
    try:
        told = _decode(end)
    except msgspec.MsgspecError:
        return False
    nonce, trigger = f'"nonce":"{told.attempt.nonce}"'.encode(), key.decode()
    there = (
        intent.find(nonce, -_NEAR_THE_END),
        intent.find(_NO_RIVALS, -_NEAR_THE_END),
        accepted.find(nonce, -_NEAR_THE_END),
    )
    if -1 in there or told.outcome == UNRESOLVED or trigger in fold.items:
        return False
    fold.pass_by(trigger, rank_of_execution(told.outcome), max(began, then, ended), len(records))
    return True
