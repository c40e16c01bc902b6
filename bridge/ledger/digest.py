"""What a digest of finished ids says (docs/architecture.md, Digests of finished ids). Times are the broker's, ms."""

from typing import ClassVar

from msgspec import Struct


class Page(Struct, frozen=True, gc=False):
    """Ids of finished triggers, each with the revision of its outcome, as bridge.ledger.ids has them. `until`: none of them
    was finished later.
    """

    until: int
    entries: bytes


class Seal(Struct, frozen=True, gc=False):
    """What the last part of a digest says of all of it.

    `parts`: the offsets of the others. `upto`: from this offset on the ledger tells all that neither this digest nor those
    before it say; records before it are older than `until`. `since`: what was finished then or later is in this digest or
    in later ones. `kept`: what is not finished is told wherever its newest record is of then or later. `latest`: the time of
    the newest record that was known. `previous`: the offset of the seal before; None in the first digest of a chain.
    `length`: how many digests the chain has. `furthest`: of the triggers that were known, where the one that lies furthest
    does, and its id.
    """

    parts: tuple[int, ...]
    upto: int
    until: int
    since: int
    kept: int
    latest: int
    previous: int | None
    length: int
    furthest: tuple[int, str]


class Digest(Struct, frozen=True, gc=False):
    """A decision: what is finished, said again, so that a restore need not read how. `seal`: in the last part only.

    For a release that knows no digests it is a `carried` record of no trigger, which says nothing.
    """

    kind: ClassVar[str] = "carried"
    pages: tuple[Page, ...]
    seal: Seal | None = None
