"""pool.lua in Python, for time that is not real. test_model.py holds the two against each other."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

_BUSY = 100_000


@dataclass
class PoolModel:
    """The hash of one brand. Times are microseconds of Redis' clock."""

    next: float | None = None
    members: dict[str, tuple[float, float, float]] = field(default_factory=dict)  # until, share, last asked

    def reply(self, arguments: Sequence[str], now: float) -> list[int]:
        member, (share, whole, wanted, not_before, not_after, anew, lease, horizon, lead) = (
            arguments[0],
            map(float, arguments[1:]),
        )
        if not not_before <= now <= not_after:
            return [int(now)]
        _until, _share, asked = self.members.pop(member, (0.0, 0.0, 0.0))
        self.members = {name: one for name, one in self.members.items() if now < one[0] <= now + lease}
        busy = sum(now - last < _BUSY for _until, _share, last in self.members.values())
        if share <= 0:
            return [int(now), 0, busy, int(now)]
        present = share + sum(part for _until, part, _last in self.members.values())
        asked = now if wanted else asked
        busy += now - asked < _BUSY
        rate = whole * min(1, present)
        interval = 1_000_000 / rate
        ahead = now + horizon + interval
        start = ahead if self.next is None else max(self.next, now + horizon) if anew else self.next
        following = min(max(start, now + lead), ahead)
        fair = max(1, math.ceil(horizon / interval / max(1, busy)))
        slots: list[int] = []
        while len(slots) < min(wanted, fair) and following <= now + horizon:
            slots.append(math.ceil(following))
            following += interval
        again = following + (max(1, min(wanted, math.ceil(fair / 2))) - 1) * interval - horizon
        self.next = math.ceil(following)
        self.members[member] = (now + lease, share, asked)
        return [int(now), math.floor(rate * 1000), busy, math.ceil(max(again, now)), *slots]
