"""What an answer of the user's endpoint means. Pure."""

from dataclasses import dataclass

import orjson

from bridge.events import Event, Source
from bridge.routing.paths import Path
from bridge.routing.refusals import Refusal
from bridge.routing.templates import key_text
from bridge.vendor.errortext import readable

_SUCCESS = range(200, 300)
_NO = range(400, 500)
_LATER = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Made:
    """There is a topic with this key."""

    topic_key: str


@dataclass(frozen=True, slots=True)
class NotYet:
    """Ask again."""

    why: str


@dataclass(frozen=True, slots=True)
class NotMade:
    """There will be no topic."""

    why: str


Answer = Made | NotYet | NotMade


def read_answer(status: int, body: bytes, where: Path, secrets: tuple[str, ...]) -> Answer:
    """2xx with a key at `where` is a topic; 2xx without one, 408, 425, 429 and what is no 4xx say "not yet"; any other 4xx
    says no.
    """
    if status in _SUCCESS:
        try:
            return Made(key_text(where, Event(orjson.loads(body or b"null"), Source("", 0, 0), 0)))
        except orjson.JSONDecodeError:
            return NotYet(f"its answer of {status} is no JSON")
        except Refusal as refusal:
            return NotYet(f"its answer of {status} holds no topic key: {refusal}")
    said = f"it answered {status}: {readable(body, secrets)}".rstrip(": ")
    return NotMade(said) if status in _NO and status not in _LATER else NotYet(said)
