"""Replicas, a Redis and a network in made-up time, from a seed: Redis comes and goes, and answers when it likes."""

import random
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field

from budget.model import PoolModel

from bridge.budget.pool import TIMEOUT, Answer, Pool, Question

WHOLE = 475.0
STEP = 0.001


@dataclass
class Message:
    """A question on its way: it reaches Redis also when nobody waits for the answer any more."""

    question: Question
    arrives: float
    back: float  # how long the answer takes
    member: str
    connection: int
    reply: list[int] | None = None
    replied: float = 0.0


@dataclass
class Redis:
    """Its clock is `shift` ahead of time, and may be set."""

    shift: float = 1e9
    up: bool = True
    slow: bool = True  # now and then
    frozen_until: float = 0.0
    pool: PoolModel = field(default_factory=PoolModel)
    connections: int = 0  # those before are closed
    queue: list[Message] = field(default_factory=list)

    def micros(self, now: float) -> float:
        return float(round((now + self.shift) * 1_000_000))

    def serve(self, now: float) -> None:
        if not self.up or now < self.frozen_until:
            return
        for message in [one for one in self.queue if one.arrives <= now]:
            self.queue.remove(message)
            message.reply = self.pool.reply(message.question.arguments(message.member, WHOLE), self.micros(now))
            message.replied = now


class Replica:
    """One part in the pool, which takes whatever slot is due whenever it looks."""

    def __init__(self, name: str, redis: Redis, dice: random.Random) -> None:
        self.name = name
        self.pool = Pool(WHOLE)
        self.taken: list[float] = []
        self.cut_off_until = self.stalled_until = 0.0
        self._redis = redis
        self._dice = dice
        self._shift, self._drift = dice.uniform(-1e5, 1e5), 1 + dice.uniform(-2e-4, 2e-4)
        self._connection = -1
        self._greeted: tuple[float, float, float] | None = None  # sent, Redis' clock, received
        self._try_again, self._pause = 0.0, 0.05
        self._message: Message | None = None

    def clock(self, now: float) -> float:
        return now * self._drift + self._shift

    def share(self, part: float, now: float) -> None:
        self.pool.change_rate(WHOLE * part, self.clock(now))

    def look(self, now: float) -> None:
        if now < self.stalled_until:
            return
        self._speak(now)
        while self.pool.wait(self.clock(now)) <= 0:
            self.pool.take(self.clock(now))
            self.taken.append(now)

    def _trip(self) -> float:
        slow = self._redis.slow and self._dice.random() < 0.002
        return self._dice.uniform(0.01, 0.5) if slow else self._dice.uniform(0.0001, 0.002)

    def _reachable(self, now: float) -> bool:
        return self._redis.up and now >= self.cut_off_until

    def _lost(self, now: float) -> None:
        self.pool.failed()
        self._connection, self._message, self._greeted = -1, None, None
        self._pause = min(5.0, self._pause * 2)
        self._try_again = now + self._pause * self._dice.uniform(0.5, 1)

    def _speak(self, now: float) -> None:
        if self._connection != self._redis.connections:
            self._connect(now)
        elif self._message is not None:
            self._listen(now, self._message)
        elif self.pool.too_slow:
            self._lost(now)
        elif self.pool.next_question(self.clock(now), 14) <= self.clock(now):
            question = self.pool.ask(self.clock(now), 14)
            self._message = Message(question, now + self._trip(), self._trip(), self.name, self._connection)
            if now >= self.cut_off_until:
                self._redis.queue.append(self._message)

    def _connect(self, now: float) -> None:
        if self._connection != -1:
            self._lost(now)
        elif self._greeted is not None and now >= self._greeted[2]:
            sent, there, received = self._greeted
            self.pool.connected(self.clock(sent), there, self.clock(received))
            self._connection, self._greeted = self._redis.connections, None
        elif self._greeted is None and now >= self._try_again:
            if self._reachable(now) and now >= self._redis.frozen_until:
                there, back = self._trip(), self._trip()
                self._greeted = (now, now + there + self._redis.shift, now + there + back)
            else:
                self._lost(now)

    def _listen(self, now: float, message: Message) -> None:
        if message.reply is not None and now >= message.replied + message.back and now >= self.cut_off_until:
            self._message = None
            answer = Answer.read(message.reply)
            if answer is None:
                self._lost(now)
            else:
                self.pool.answered(message.question, answer, self.clock(now))
                self._pause = 0.05
        elif self.clock(now) > message.question.sent + TIMEOUT:
            self._lost(now)


class Turmoil:
    """Everything, from a seed: `run` turns the time on, `heal` ends all trouble."""

    def __init__(self, seed: int, replicas: int) -> None:
        self._dice = random.Random(seed)
        self.redis = Redis()
        self.replicas = [Replica(f"r{number}", self.redis, self._dice) for number in range(replicas)]
        self.now = 100.0
        self._shares: tuple[float, list[float]] | None = (self.now, self._split())
        self._snapshot = PoolModel()
        whole = [self.stop, self.start, self.start, self.freeze, self.flush, self.fail_over, self.set_clock]
        self.troubles: list[Callable[[], None]] = [*whole, self.cut, self.stall, self.rebalance]

    def run(self, seconds: float, every: float | None) -> None:
        """`every`: seconds from one trouble to the next, on average."""
        end = self.now + seconds
        while self.now < end:
            self.now += STEP
            if every is not None and self._dice.random() < STEP / every:
                self._trouble()
            if self._shares is not None and self.now >= self._shares[0]:
                for replica, part in zip(self.replicas, self._shares[1], strict=True):
                    replica.share(part, self.now)
                self._shares = None
            if self._dice.random() < STEP / 0.02:
                self._snapshot = deepcopy(self.redis.pool)
            self.redis.serve(self.now)
            for replica in self.replicas:
                replica.look(self.now)

    def heal(self) -> None:
        self.redis.up, self.redis.slow, self.redis.frozen_until = True, False, 0.0
        for replica in self.replicas:
            replica.cut_off_until = 0.0

    def taken(self) -> list[float]:
        return sorted(at for replica in self.replicas for at in replica.taken)

    def _split(self) -> list[float]:
        cuts = sorted(self._dice.randint(0, 12) for _ in self.replicas[1:])
        return [(b - a) / 12 for a, b in zip([0, *cuts], [*cuts, 12], strict=True)]

    def _trouble(self) -> None:
        self._dice.choice(self.troubles)()

    def stop(self) -> None:
        self.redis.up, self.redis.connections = False, self.redis.connections + 1
        self.redis.queue.clear()
        self.redis.pool = PoolModel()

    def start(self) -> None:
        self.redis.up = True

    def freeze(self) -> None:
        self.redis.frozen_until = self.now + self._dice.uniform(0.05, 3)

    def flush(self) -> None:
        self.redis.pool = PoolModel()

    def fail_over(self) -> None:
        """Another server takes over, which knows all, or what was a while ago, or nothing; its clock is another."""
        self.redis.connections += 1
        self.redis.pool = self._dice.choice([self.redis.pool, self._snapshot, PoolModel()])
        self.redis.shift += self._dice.choice([0, 0.003, -0.003, 5, -5])

    def set_clock(self) -> None:
        self.redis.shift += self._dice.choice([-3600, -0.02, 0.02, 3600])

    def cut(self) -> None:
        self._dice.choice(self.replicas).cut_off_until = self.now + self._dice.uniform(0.1, 4)

    def stall(self) -> None:
        self._dice.choice(self.replicas).stalled_until = self.now + self._dice.uniform(0.01, 1.5)

    def rebalance(self) -> None:
        for replica in self.replicas:
            replica.share(0, self.now)
        self._shares = (self.now + self._dice.uniform(0.05, 0.5), self._split())
