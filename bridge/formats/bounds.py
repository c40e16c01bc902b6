"""What every format is held to, so that a hostile payload costs no more than a reason."""

from collections.abc import Iterable
from typing import Any

from bridge.errors import Undecodable

DEEPEST = 100
"""Levels. What is deeper can't be written again, as part of a trigger's context (orjson stops at 254)."""

LARGEST_EVENT = 16 * 1_048_576
"""Bytes of a value. Kafka bounds records as they are compressed; decoded, `[],[],[],...` takes 25 times its bytes."""


def too_deep() -> Undecodable:
    """What to raise for a value with more levels."""
    return Undecodable(f"the value is nested deeper than {DEEPEST} levels")


def is_too_deep(body: Any) -> bool:
    """Whether it has more levels."""
    level: list[Any] = [body]
    for _ in range(DEEPEST):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return False
    return True


def _children(parent: Any) -> Iterable[Any]:
    inner = parent.values() if isinstance(parent, dict) else parent
    return (child for child in inner if isinstance(child, dict | list))
