"""The offset to commit, against the plain definition: by properties."""

from hypothesis import given
from hypothesis import strategies as st

from bridge.dispatch.progress import Progress


@given(start=st.integers(0, 100), gaps=st.lists(st.integers(1, 3), max_size=30), data=st.data())
def test_everything_before_the_committable_offset_is_finished_and_it_is_not(
    start: int, gaps: list[int], data: st.DataObject
) -> None:
    progress = Progress(start)
    offset, begun, finished = start, [], set[int]()
    for gap in gaps:
        offset += gap - 1
        progress.begin(offset)
        begun.append(offset)
        offset += 1
        before = progress.committable()
        done = data.draw(st.sets(st.sampled_from(begun)))
        for one in done:
            progress.finish(one)
        finished |= done
        open_ = [one for one in begun if one not in finished]
        assert progress.committable() == min(open_, default=offset)
        assert progress.committable() >= before
        assert progress.position == offset


def test_finishing_twice_is_nothing() -> None:
    progress = Progress(5)
    progress.begin(5)
    progress.finish(5)
    progress.finish(5)
    assert progress.committable() == 6
