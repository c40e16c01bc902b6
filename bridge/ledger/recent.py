"""How often each route was called of late, as its own limit counts. Pure; times are the broker's, ms.

An attempt counts from its intent on, unless it turns out to have had no effect: what counts too much holds a route, what
counts too little reaches too many phones.
"""

from collections import defaultdict

from bridge.ledger.records import About, Attempt, Intent, Record, Released
from bridge.triggers import Limit, Trigger

_Key = tuple[str, str | None]  # route, and topic key where it is counted by that


class Recent:
    """The attempts of one triggers partition in the last `longest` ms (0: nobody asks, and nothing is kept)."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._times: dict[_Key, dict[str, int]] = defaultdict(dict)  # by nonce, in the order of their beginning

    def learn(self, record: Record, at: int) -> None:
        """Take in a record that counts."""
        if not self._longest:
            return
        if isinstance(record, Intent):
            self.began(record.about, record.attempt, at)
        elif isinstance(record, Released):
            for key in _keys(record.about):
                self._times.get(key, {}).pop(record.attempt.nonce, None)

    def began(self, about: About, attempt: Attempt, at: int) -> None:
        """An attempt of ours is about to be made: it counts before its intent is written."""
        if not self._longest:
            return
        for key in _keys(about):
            self._times[key].setdefault(attempt.nonce, at)

    def forget_before(self, at: int) -> None:
        """Forget what began before the broker's time `at`, and what then counts nothing."""
        for key, times in list(self._times.items()):
            for nonce in [nonce for nonce, began in times.items() if began < at - self._longest]:
                del times[nonce]
            if not times:
                del self._times[key]

    def reached(self, trigger: Trigger, limit: Limit, now: int, since: int) -> bool:
        """Whether one more call would be above the limit of the trigger's route. What began before `since`, when a person
        let the route go on, does not count.
        """
        times = self._times.get((trigger.route, None if limit.by == "route" else trigger.topic_key), {})
        oldest = max(now - limit.per, since)
        return sum(at > oldest for at in times.values()) >= limit.max_calls


def _keys(about: About) -> tuple[_Key, _Key]:
    return (about.route, None), (about.route, about.topic_key)
