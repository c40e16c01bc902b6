"""One replica's part in a brand's pool of slots, which is kept in Redis (pool.lua). Pure: seconds of our own clock.

The rule that keeps the limit however Redis comes and goes: Redis gives out the sum of the shares of those that it counts as
present, and who is absent uses its own share. So all shares always make the whole, wherever each is used, and a replica
needs to know one thing only: when Redis has certainly stopped counting it. A question renews a lease of a fixed length, and
is refused when it arrives later than it says itself. Until both are over, the replica uses neither.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from bridge.budget.offset import Offset
from bridge.budget.schedule import Schedule

# How long Redis counts a replica after a question, and how long a question may take to reach it.
LEASE, TIMEOUT = 0.6, 0.2
# Slots are given out so far ahead. With the headroom of 5 % a lost or doubled horizon stays within the limit.
HORIZON = 0.04
# A slot that is missed by more is thrown away: used late, it would stand close to somebody else's.
_LATE = 0.005
# For Redis' clock when it is slewed, or set back a little; a question is refused when it was set back by more than the
# latter since we looked.
_MARGIN, _SLEWED = 0.1, 0.05
# Beyond this round trip, on average, most slots would come too late.
_SLOWEST = 0.04
# After this, whatever anybody asked for before is over.
QUIET = TIMEOUT + LEASE + HORIZON + _MARGIN
_WEIGHT = 0.2
_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of pool.lua, sent at `sent`."""

    sent: float
    share: float  # the part of the whole, 0..1; 0: leave the pool
    wanted: int
    not_before: float  # on Redis' clock, as the next
    not_after: float
    anew: bool  # it was not in the pool before, as far as this connection knows
    lead: float

    def arguments(self, member: str, whole: float) -> list[str]:
        """As pool.lua takes them; `whole`: slots a second for all."""
        until = [round(seconds * _MICRO) for seconds in (self.not_before, self.not_after)]
        lengths = [round(seconds * _MICRO) for seconds in (LEASE, HORIZON, self.lead)]
        return [member, repr(self.share), repr(whole), *map(str, (self.wanted, *until, int(self.anew), *lengths))]


@dataclass(frozen=True, slots=True)
class Answer:
    """What pool.lua says. Moments are seconds of Redis' clock."""

    now: float
    rate: float
    busy: int
    again: float
    slots: tuple[float, ...]

    @classmethod
    def read(cls, reply: Sequence[int]) -> "Answer | None":
        """None: the question came too late, and changed nothing."""
        if len(reply) == 1:
            return None
        now, rate, busy, again, *slots = reply
        return cls(now / _MICRO, rate / 1000, busy, again / _MICRO, tuple(slot / _MICRO for slot in slots))


@dataclass(slots=True)
class Pool:
    """Slots that Redis gave us; without Redis, and unless `strict`, those of our own share."""

    whole: float  # requests a second of the brand, over all replicas
    strict: bool = False
    missed: int = 0  # slots thrown away, all in all
    _share: float = 0.0
    _changed: float = float("-inf")  # when our share did
    _told: float | None = None  # the share that Redis was told last, over this connection
    _counted: float = float("-inf")  # until when Redis may count us at most, as the last question goes
    _doubted: float = float("-inf")  # the same, of questions that nobody answered
    _own: Schedule = field(default_factory=Schedule)
    _offset: Offset = field(default_factory=Offset)
    _slots: deque[float] = field(default_factory=deque)
    _asked: float = float("-inf")
    _again: float = float("-inf")
    _trip: float = 0.0
    _pooled: bool = False
    _known: float = 0.0  # requests a second that the pool has for each who takes some

    @property
    def pooled(self) -> bool:
        """Whether Redis answered the last question."""
        return self._pooled

    @property
    def too_slow(self) -> bool:
        """Whether answers take so long that slots are of no use."""
        return self._trip > _SLOWEST

    @property
    def rate(self) -> float:
        """Requests a second: of the pool when it is reached, else of our share; 0 when `strict` forbids that."""
        if self._pooled and self._share > 0:
            return max(self._own.rate, self._known)
        return 0.0 if self.strict else self._own.rate

    def alone(self, now: float) -> bool:
        """Whether nobody else can be using our share: Redis has stopped counting us, and all that moved is known."""
        return now >= self._alone_from()

    def wait(self, now: float) -> float:
        """Seconds until the next slot is due, or until we are alone; what was missed is thrown away first."""
        while self._slots and self._slots[0] < now - _LATE:
            self._slots.popleft()
            self.missed += 1
        if self._slots:
            return max(0.0, self._slots[0] - now)
        if self.strict or self._share <= 0:
            return float("inf")
        return self._own.wait(now) if self.alone(now) else self._alone_from() - now

    def take(self, now: float) -> None:
        """Use the slot that is due."""
        if self._slots:
            self._slots.popleft()
        else:
            self._own.take(now)

    def change_rate(self, rate: float, now: float) -> None:
        """Our share is so many requests a second from now on."""
        self._own.change_rate(rate, now)
        share = min(1.0, rate / self.whole)
        if share != self._share:
            self._share, self._changed = share, now
            if share == 0:
                self._slots.clear()

    def connected(self, sent: float, there: float, received: float) -> None:
        """Another connection. Redis' clock showed `there` as it was asked; it may be another Redis."""
        self._offset = Offset()
        self._offset.seen(sent, there, received)
        self._trip, self._told, self._again = received - sent, None, float("-inf")

    def next_question(self, now: float, waiting: int) -> float:
        """The moment for the next question, while so many requests wait."""
        if self._share <= 0:
            return now if self._told or (self._told is None and now < self._counted) else float("inf")
        if self._share != self._told:
            return now
        renewal = self._asked + LEASE / 3
        if waiting <= len(self._slots):
            return renewal
        low = self._slots[-1] - HORIZON / 2 if self._slots else now
        return min(renewal, max(low, self._again))

    def ask(self, now: float, waiting: int) -> Question:
        """The next question. From now on our share may be in the pool, so it is not used here."""
        anew, self._told, self._asked = not self._told, self._share, now
        if self._share > 0:
            self._counted = now + TIMEOUT + LEASE
        wanted = max(0, waiting - len(self._slots))
        lead = min(self._trip + 0.001, HORIZON / 2)
        not_before, not_after = self._offset.there(now - _SLEWED), self._offset.there(now + TIMEOUT)
        return Question(now, self._share, wanted, not_before, not_after, anew, lead)

    def answered(self, question: Question, answer: Answer, received: float) -> None:
        """Redis gave slots: on our clock none is before its moment on Redis' clock."""
        self._offset.seen(question.sent, answer.now, received)
        self._trip += _WEIGHT * (received - question.sent - self._trip)
        self._pooled = question.share > 0
        self._counted = max(self._doubted, received + LEASE) if self._pooled else self._doubted
        self._known = answer.rate / max(1, answer.busy)
        self._again = self._offset.here(answer.again)
        if self._share > 0:
            self._slots.extend(map(self._offset.here, answer.slots))

    def failed(self) -> None:
        """The connection is gone, or of no use. A question without an answer may count until its time is over."""
        self._pooled = False
        self._doubted = max(self._doubted, self._counted)

    def _alone_from(self) -> float:
        return max(self._counted + HORIZON + _MARGIN, self._changed + QUIET)
