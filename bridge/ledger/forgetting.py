"""When what is finished may be forgotten. Pure; times are the broker's, ms."""

from dataclasses import dataclass

_EVERY = 60_000
# By then what was finished, but not committed, before a claim has been read again.
_READ_AGAIN_WITHIN = 3_600_000


@dataclass(slots=True)
class Forgetting:
    """By age, `window` back from the newest record; but a claim still needs what was finished before a long downtime."""

    window: int
    _forgot_at: int = 0
    _needed_since: int = 0
    _needed_until: int = 0

    def claimed(self, since: int, now: int) -> None:
        """A claim, written at `now`, needs what was finished from `since` on."""
        self._needed_since, self._needed_until = since, now + _READ_AGAIN_WITHIN

    def before(self, latest: int) -> int | None:
        """Forget what was finished before this time, where the newest record is of `latest`; None: not now."""
        if latest - self._forgot_at < _EVERY:
            return None
        self._forgot_at = latest
        old = latest - self.window
        return min(old, self._needed_since) if latest < self._needed_until else old
