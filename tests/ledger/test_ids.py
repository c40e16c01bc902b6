"""Sets of trigger ids as bytes."""

from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.ledger.ids import ENTRY, Ids

# Few beginnings, so that they share buckets; and ids that look like parts of others.
ID = st.builds(
    lambda head, rest: (bytes(head) + rest)[:16],
    st.lists(st.sampled_from([0, 1, 255]), min_size=2, max_size=4),
    st.sampled_from([bytes(16), b"\1" * 16, bytes(range(16)), b"\xff" * 16]),
)
ADDED = st.lists(st.tuples(ID, st.integers(1, 7)), max_size=60)


def made(added: list[tuple[bytes, int]]) -> Ids:
    ids = Ids()
    for key, revision in added:
        ids.add(key, revision)
    return ids


@given(ADDED, ID)
def test_every_id_that_was_added_has_its_last_revision_and_no_other_has_one(
    added: list[tuple[bytes, int]], other: bytes
) -> None:
    ids, known = made(added), dict(added)
    assert {key: ids.revision(key) for key in known} == known
    assert ids.revision(other) == known.get(other, 0)
    assert (len(ids), set(ids)) == (len(known), set(known))


@given(ADDED, ADDED, st.integers(1, 10))
def test_what_is_loaded_is_known_as_well_as_before_and_of_two_revisions_the_higher_counts(
    one: list[tuple[bytes, int]], two: list[tuple[bytes, int]], most: int
) -> None:
    loaded, known = Ids(), dict(one)
    for added in (one, two):
        pages = list(made(added).pages(most))
        assert all(0 < len(page) <= most * ENTRY for page in pages)
        for page in pages:
            loaded.load(page)
    for key, revision in dict(two).items():
        known[key] = max(revision, known.get(key, 0))
    assert {key: loaded.revision(key) for key in known} == known
    assert set(loaded) == set(known)


@pytest.mark.parametrize("page", [bytes(16), bytes(18), b"\2" + bytes(16) + b"\1" + bytes(16)])
def test_bytes_that_are_no_page_are_refused(page: bytes) -> None:
    with pytest.raises(ValueError, match="entries"):
        Ids().load(page)


def test_many_ids_take_few_bytes() -> None:
    ids = made([(blake2b(str(number).encode(), digest_size=16).digest(), 7) for number in range(40_000)])
    assert sum(bucket.__sizeof__() for bucket in ids._buckets if bucket is not None) < 40_000 * 40
