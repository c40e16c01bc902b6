"""Who of a group gets which partitions, so that nobody stands still: pure.

Kafka's older group protocol asks every member to give up everything before anybody gets anything. Here the members keep
what they have meanwhile, and tell what that is when they join. So a partition is never given to another member while one
that lives still has it: it is given to nobody, its owner sees that, gives it up in order and joins again, and then it
moves. The idea is that of Kafka's own cooperative rebalancing (KIP-429).
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import orjson

from bridge.kafka.records import TopicPartition

Held = frozenset[TopicPartition]


@dataclass(frozen=True, slots=True)
class Joining:
    """What a member says when it joins: the topics that it reads, what it has, and as of which generation of the group."""

    topics: frozenset[str]
    held: Held = frozenset()
    generation: int = -1

    def encode(self) -> bytes:
        """What it has, in bytes (its topics have a place of their own in the protocol)."""
        held: dict[str, list[int]] = {}
        for topic, partition in sorted(self.held):
            held.setdefault(topic, []).append(partition)
        return orjson.dumps({"generation": self.generation, "held": held})

    @classmethod
    def decode(cls, topics: Collection[str], data: bytes) -> "Joining":
        """The same of what a member sent; of what can't be read, that it has nothing: the ledger is what keeps it safe."""
        try:
            said = orjson.loads(data)
            held = {TopicPartition(topic, int(one)) for topic, numbers in said["held"].items() for one in numbers}
            return cls(frozenset(topics), frozenset(held), int(said["generation"]))
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls(frozenset(topics))


@dataclass(slots=True)
class _Shares:
    """The shares as they should be in the end."""

    members: Mapping[str, Joining]
    owner: dict[TopicPartition, str] = field(default_factory=dict)
    load: Counter[str] = field(default_factory=Counter)

    def give(self, where: TopicPartition, member: str) -> None:
        """Give it, or give it to another one."""
        if where in self.owner:
            self.load[self.owner[where]] -= 1
        self.owner[where] = member
        self.load[member] += 1

    def idlest(self, topic: str) -> str | None:
        """Who reads the topic and has the least."""
        readers = [member for member, joining in self.members.items() if topic in joining.topics]
        return min(readers, key=lambda member: (self.load[member], member), default=None)

    def better(self) -> tuple[TopicPartition, str] | None:
        """A partition that another member should have, and who."""
        for donor in sorted(self.members, key=lambda member: (-self.load[member], member)):
            for where in sorted(where for where, member in self.owner.items() if member == donor):
                receiver = self.idlest(where.topic)
                if receiver is not None and self.load[receiver] + 1 < self.load[donor]:
                    return where, receiver
        return None


def shares(members: Mapping[str, Joining], partitions: Mapping[str, int]) -> dict[str, Held]:
    """What each member gets now; `partitions`: how many each topic has.

    Everybody keeps what it has, as far as that is fair: numbers differ by one at most among those who read the same topics.
    What two say that they have belongs to the one with the later generation: the other was out of the group meanwhile.
    """
    holders = _holders(members, partitions)
    wanted = _Shares(dict(sorted(members.items())))
    for where, member in holders.items():
        wanted.give(where, member)
    for where in _all(partitions):
        if where not in holders and (reader := wanted.idlest(where.topic)) is not None:
            wanted.give(where, reader)
    while (move := wanted.better()) is not None:
        wanted.give(*move)
    now = {where: member for where, member in wanted.owner.items() if holders.get(where, member) == member}
    return {member: frozenset(where for where, owner in now.items() if owner == member) for member in members}


def _holders(members: Mapping[str, Joining], partitions: Mapping[str, int]) -> dict[TopicPartition, str]:
    holders: dict[TopicPartition, str] = {}
    for member, joining in sorted(members.items(), key=lambda one: (one[1].generation, one[0])):
        for where in sorted(joining.held):
            if where.topic in joining.topics and where.partition < partitions.get(where.topic, 0):
                holders[where] = member
    return holders


def _all(partitions: Mapping[str, int]) -> Iterator[TopicPartition]:
    for topic, count in sorted(partitions.items()):
        yield from (TopicPartition(topic, number) for number in range(count))
