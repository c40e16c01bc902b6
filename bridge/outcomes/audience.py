"""What audience a campaign usually has, and whether one lies far below it, as with a wrong topic key. Pure.

Each replica learns from the outcomes that it writes itself, and begins anew when it starts: this is a hint for people,
and nothing is decided by it.
"""

from collections import OrderedDict
from dataclasses import dataclass

from bridge.outcomes.model import Outcome

# Before that nobody can say what is usual.
_LEAST_SEEN = 5
# Below this part of the usual one an audience has dropped. Subscribers come and go, but nine of ten do not go at once.
_FAR_BELOW = 0.1
# Once the level is found, it moves by this part of each difference.
_WEIGHT = 0.2
# One audience that is much too large must not make the next ones look small, so it counts as so many usual ones.
_FAR_ABOVE = 10.0
# After so many low ones in a row the low ones are usual: people have been told, and may have meant it.
_NEW_USUAL = 10


@dataclass(slots=True)
class _Usual:
    """`size` is the level, from `seen` audiences; `low` counts those far below it, in a row."""

    size: float
    seen: int = 1
    low: int = 0


class AudienceWatch:
    """Remembers the campaigns, each an event generator and a topic key of a brand, that published last."""

    def __init__(self, most: int = 10_000) -> None:
        """`most` campaigns are remembered; the one that has not published for longest is forgotten first."""
        self._most = most
        self._usual: OrderedDict[tuple[str, str, str | None], _Usual] = OrderedDict()

    def look(self, outcome: Outcome) -> int | None:
        """Learn from an outcome. The usual audience when this one lies far below it, else None.

        An audience of 0 is told apart anyway, and teaches nothing; neither does one that the vendor did not tell.
        """
        if outcome.outcome != "published" or not outcome.audience_size or outcome.audience_size < 0:
            return None
        audience = outcome.audience_size
        campaign = (outcome.brand, outcome.event_generator_id, outcome.topic_key)
        usual = self._usual.get(campaign)
        if usual is None:
            self._usual[campaign] = _Usual(float(audience))
            if len(self._usual) > self._most:
                self._usual.popitem(last=False)
            return None
        self._usual.move_to_end(campaign)
        return _learn(usual, audience)


def _learn(usual: _Usual, audience: int) -> int | None:
    if usual.seen >= _LEAST_SEEN and audience < usual.size * _FAR_BELOW:
        was = round(usual.size)
        usual.low += 1
        if usual.low == _NEW_USUAL:
            usual.size, usual.low = float(audience), 0
        return was
    usual.low = 0
    usual.seen += 1
    counted = min(float(audience), usual.size * _FAR_ABOVE)
    usual.size += max(1 / usual.seen, _WEIGHT) * (counted - usual.size)
    return None
