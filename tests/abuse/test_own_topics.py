"""Records in the service's own topics that no bridge has written."""

from typing import Any

import orjson
import pytest
from prometheus_client import CollectorRegistry
from test_triggers import TRIGGER

from bridge.clock import SystemClock
from bridge.holds.board import Board
from bridge.holds.model import Hold, Reason
from bridge.ledger import codec
from bridge.telemetry import Telemetry
from bridge.triggers import Trigger

GOOD = Hold("all", Reason.OPERATOR, "why", "who", 0)


async def nowhere(_key: str, _value: bytes | None) -> None:
    raise AssertionError("nothing is written")


@pytest.fixture
def board() -> Board:
    clock = SystemClock()
    return Board(clock, Telemetry(CollectorRegistry(), clock), nowhere)


def spoiled(**fields: Any) -> bytes:
    return orjson.dumps(orjson.loads(GOOD.encode()) | fields)


@pytest.mark.parametrize("kind", ["operator", "hold"])
@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"garbage",
        b"[1]",
        b"null",
        b'{"scope": 1}',
        b"\xff" * 1_000,
        b"[" * 100_000,
        spoiled(at="x"),
        spoiled(until="tomorrow"),
        spoiled(until=[1]),
        spoiled(part="all"),
        spoiled(at=True),
    ],
)
def test_a_hold_that_cannot_be_read_holds_until_a_person_ends_it(board: Board, kind: str, value: bytes) -> None:
    board.learn(f"{kind}/brand/acme", value)
    hold = board.on_calls("acme", "goal")
    assert hold is not None
    assert (hold.scope, hold.reason, hold.until) == ("brand/acme", Reason.OPERATOR, None)
    assert "can't be read" in hold.detail
    assert board.on_calls("other", "sale") is None
    board.learn(f"{kind}/brand/acme", None)
    assert board.on_calls("acme", "goal") is None


def test_a_hold_counts_for_the_scope_of_its_key(board: Board) -> None:
    board.learn("operator/brand/other", GOOD.encode())
    assert board.on_calls("acme", "goal") is None
    assert [hold.scope for hold in board.in_force()] == ["brand/other"]


@pytest.mark.parametrize("value", [b"9" * 5_000, b"-1", b"1e9", b"", b"\xb2"])
def test_a_time_that_is_none_lets_no_route_go(board: Board, value: bytes) -> None:
    board.learn("limit/route/goal", value)
    assert board.let_go("goal") == 0


def test_keys_that_mean_nothing_are_passed_over(board: Board) -> None:
    for key in ("", "/", "holds/all", "\ufffd" * 1_000, "operator", "x" * 100_000):
        board.learn(key, b"garbage")
    assert board.in_force() == []


@pytest.mark.parametrize(
    "fields",
    [
        {"expires_at": "soon"},
        {"expires_at": None},
        {"received": True},
        {"event_time": "x"},
        {"context": [1]},
        {"brand": 1},
        {"brand": ""},
        {"event_generator_id": ""},
        {"topic_key": None},
        {"order_by": {}},
        {"supersede_by": 1},
        {"source": 1},
        {"limit": "x"},
        {"verdict": "x"},
        {"repeats": 1},
        {"priority": "urgent"},
        {"id": ["0" * 32]},
        {"id": "../" * 11},
    ],
)
def test_a_trigger_with_a_field_of_another_type_is_none(fields: dict[str, Any]) -> None:
    value = orjson.dumps(orjson.loads(TRIGGER.encode()) | fields)
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)) as refused:
        Trigger.decode(value)
    assert not isinstance(refused.value, AttributeError), "dispatch would not catch it"


@pytest.mark.parametrize(
    "value", [b"", b"{}", b"garbage", b'{"kind":"claim"}', b'{"kind":"later",', b"[" * 100_000, b"\xff"]
)
def test_a_ledger_record_that_is_none_is_an_error_and_nothing_else(value: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        codec.decode(value)
