"""The plan, how it is asked for, and how a run that was stopped goes on."""

from collections import Counter
from pathlib import Path

import pytest
from chaos.accounting import account
from chaos.options import Options
from chaos.plan import Kind, episodes, plan, read_counts
from chaos.planted import FAULT_AT, Paper, episode
from chaos.record import Record
from chaos.totals import Verdict, totals

COUNTS = {Kind.KILL: 10, Kind.TERM: 5, Kind.FREEZE: 3}


def test_a_seed_gives_the_order() -> None:
    assert plan(7, COUNTS) == plan(7, COUNTS) != plan(8, COUNTS)
    assert Counter(one.kind for one in plan(7, COUNTS)) == COUNTS


def test_a_narrowed_plan_keeps_the_order_and_what_was_drawn() -> None:
    whole = plan(7, COUNTS)
    (narrowed,) = episodes(whole, 100, (Kind.KILL, Kind.FREEZE))
    assert list(narrowed) == [one for one in whole if one.kind is not Kind.TERM]
    assert [len(piece) for piece in episodes(whole, 8)] == [8, 8, 2]


def test_counts_are_read_and_mistakes_said() -> None:
    assert read_counts("kill=10, term=5,freeze=3") == COUNTS
    with pytest.raises(ValueError, match="'kil' is no kind of fault; there are kill, term, freeze"):
        read_counts("kil=1")
    with pytest.raises(ValueError, match="write a kind and a number, as in kill=3"):
        read_counts("kill")


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "chaos.json"
    record = Record(Options(COUNTS, seed=7, only=(Kind.KILL,)), [account(episode(Kind.KILL).evidence(), 11.0)])
    record.write(path)
    assert Record.read(path) == record
    path.write_text('{"options": {}}')
    with pytest.raises(ValueError, match="is not the record of a chaos run"):
        Record.read(path)


def verdict(*papers: Paper, within: float = 11.0, lag: float = 0.0) -> Verdict:
    return totals([account(paper.evidence(lag_p99=lag), within) for paper in papers]).verdict


def test_a_run_is_void_when_fewer_than_four_of_five_kills_met_calls_in_flight() -> None:
    hit, miss = episode(Kind.KILL), episode(Kind.KILL, in_flight=())
    assert verdict(hit, hit, hit, hit, miss) is Verdict.KEPT
    assert verdict(hit, hit, hit, miss) is Verdict.VOID


def test_a_broken_promise_is_not_void() -> None:
    paper = episode(Kind.KILL, in_flight=())
    paper.execute("e0", FAULT_AT, "again")
    assert verdict(paper) is Verdict.BROKEN


def test_what_is_late_is_void_when_the_simulator_lagged() -> None:
    assert verdict(episode(Kind.KILL), within=5.0) is Verdict.BROKEN
    assert verdict(episode(Kind.KILL), within=5.0, lag=0.05) is Verdict.VOID
    assert verdict(episode(Kind.KILL), lag=0.05) is Verdict.KEPT


def test_more_than_two_unknowns_that_were_never_executed_for_each_kill_break_a_promise() -> None:
    two = episode(Kind.KILL, in_flight=("e5", "e6"), executed=0)
    three = episode(Kind.KILL, in_flight=("e5", "e6", "e7"), executed=0)
    assert verdict(*[two] * 10) is Verdict.KEPT
    assert verdict(*[two] * 10, three) is Verdict.BROKEN
