"""False gaps: a ledger's owner counts the offsets of its appends, and nothing but another's record may lie between. Pure.

No replica says that it met a gap, so it is derived from the log itself. Between two appends of an owner there is a gap
that no other replica explains only if the log has a hole there (a batch that was taken back, a transaction's marker), or
holds an append of the owner twice (the broker did not recognise a repetition). And an owner that believes itself robbed
says so, with the offset of the claim that it saw: a claim of another must lie there.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from chaos.evidence import Line, Loss

_REPEATED_ON_PURPOSE_AFTER = 9_000
"""Milliseconds. A fact whose ack did not come for 10 s is appended again on purpose; sooner nothing is. An owner has one append
under way, so a partition that was written to in this time had no such fact waiting.
"""


def false_gaps(ledger: Iterable[Line], losses: Iterable[Loss]) -> list[str]:
    """Every gap that no other replica explains, in words."""
    partitions: dict[int, list[Line]] = defaultdict(list)
    for line in ledger:
        partitions[line.partition].append(line)
    for lines in partitions.values():
        lines.sort(key=lambda line: line.offset)
    found = [gap for number in sorted(partitions) for gap in _of_partition(partitions[number])]
    return found + list(_false_losses(partitions, losses))


def _of_partition(lines: Sequence[Line]) -> Iterator[str]:
    first: dict[int, Line] = {}
    expected = lines[0].offset
    claims = [line for line in lines if line.kind == "claim"]
    intents = {line.nonce: line for line in lines if line.kind == "intent"}
    for line in lines:
        where = f"ledger partition {line.partition}, offset {line.offset}"
        if line.offset != expected:
            yield f"{where}: {line.offset - expected} offsets before it hold no record"
        expected = line.offset + 1
        if line.kind == "claim":
            continue
        earlier = first.setdefault(line.digest, line)
        if earlier is line:
            continue
        before = max((one.at for one in lines if one.offset < earlier.offset and one.at < earlier.at), default=0)
        if line.claim is None and line.at - before >= _REPEATED_ON_PURPOSE_AFTER:
            continue
        if line.claim is not None or not _two_may_have_written(claims, intents.get(line.nonce), line):
            yield f"{where}: the same {line.kind} as at {earlier.offset}, {line.at - earlier.at} ms later"


def _two_may_have_written(claims: Sequence[Line], intent: Line | None, repeated: Line) -> bool:
    """A fact is true whoever writes it: an owner that was robbed and its successor may both have seen an execution end.

    Whether another replica claimed the partition between the attempt and the repetition.
    """
    since = 0 if intent is None else intent.offset
    before = [claim.replica for claim in claims if claim.offset < since][-1:]
    owners = {*before, *(claim.replica for claim in claims if since < claim.offset < repeated.offset)}
    return len(owners) > 1


def _false_losses(partitions: Mapping[int, Sequence[Line]], losses: Iterable[Loss]) -> Iterator[str]:
    claims = {(line.partition, line.offset): line for lines in partitions.values() for line in lines}
    for loss in losses:
        found = None if loss.offset is None else claims.get((loss.partition, loss.offset))
        if found is None or found.kind != "claim" or found.replica == loss.replica:
            what = "nothing" if found is None else f"a {found.kind} of {found.replica or 'its own'}"
            yield f"ledger partition {loss.partition}: {loss.replica} took offset {loss.offset} for a claim: {what} is there"
