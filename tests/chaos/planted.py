"""A small episode on paper, in which everything went well: for tests that plant what must be found."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chaos.evidence import Evidence, Happened, Line, Made, Result
from chaos.plan import Kind

OWNER, SUCCESSOR = "host/owner", "host/successor"
FAULT_AT, RECOVERED_AT = 10_000, 18_000


@dataclass
class Paper:
    """One ledger partition. `write` appends; times are ms."""

    faults: list[Happened] = field(default_factory=list)
    ledger: list[Line] = field(default_factory=list)
    made: list[Made] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    published: dict[str, int] = field(default_factory=dict)
    triggers: dict[str, str] = field(default_factory=dict)

    def write(self, kind: str, at: int, **fields: str | int | None) -> Line:
        offset = len(self.ledger)
        line = Line(partition=0, offset=offset, at=at, kind=kind, digest=offset, **fields)  # type: ignore[arg-type]
        self.ledger.append(line)
        return line

    def claim(self, replica: str, at: int) -> int:
        return self.write("claim", at, replica=replica).offset

    def publish(self, event: str, at: int) -> str:
        self.published[event] = at
        self.triggers[f"t-{event}"] = event
        return f"t-{event}"

    def begin(self, event: str, at: int, claim: int) -> str:
        """Published, and an attempt begun."""
        trigger = self.publish(event, at)
        self.write("intent", at + 20, trigger=trigger, nonce=f"n-{event}", claim=claim)
        return trigger

    def execute(self, event: str, at: int, execution: str = "") -> None:
        self.made.append(Made(execution or f"x-{event}", event, at, "published"))

    def call(self, event: str, at: int, claim: int) -> None:
        """All the way."""
        trigger = self.begin(event, at, claim)
        self.execute(event, at + 30)
        self.write("accepted", at + 90, trigger=trigger, nonce=f"n-{event}")
        self.write("ended", at + 900, trigger=trigger, nonce=f"n-{event}")
        self.tell(event, "published", 6, f"x-{event}")

    def doubt(self, event: str, at: int, claim: int) -> None:
        """An attempt is found without an end."""
        self.write("unknown", at, trigger=f"t-{event}", nonce=f"n-{event}", claim=claim)
        self.tell(event, "unknown", 1)

    def tell(self, event: str, outcome: str, revision: int, execution: str | None = None) -> None:
        self.results.append(Result(f"t-{event}", event, outcome, revision, execution))

    def evidence(self, **changes: object) -> Evidence:
        return Evidence(
            published=self.published,
            triggers=self.triggers,
            dead_letters=0,
            results=self.results,
            ledger=self.ledger,
            made=self.made,
            faults=self.faults,
            **changes,  # type: ignore[arg-type]
        )


def hit(kind: Kind, victim: str | None = OWNER, *, number: int = 1, began: int = FAULT_AT) -> Happened:
    return Happened(number, kind, "", began, began + 4_000, began + RECOVERED_AT - FAULT_AT, victim)


def episode(kind: Kind, *, in_flight: Sequence[str] = ("e5",), executed: int = 1) -> Paper:
    """The owner is hit with these in flight, of which the vendor executed so many; its successor goes on."""
    paper = Paper([hit(kind)])
    claim = paper.claim(OWNER, 0)
    for number in range(5):
        paper.call(f"e{number}", 1_000 * number + 1_000, claim)
    for event in in_flight:
        paper.begin(event, FAULT_AT - 50, claim)
    for event in in_flight[:executed]:
        paper.execute(event, FAULT_AT - 10)
    later = paper.claim(SUCCESSOR, FAULT_AT + 6_000)
    for event in in_flight:
        paper.doubt(event, FAULT_AT + 6_010, later)
    paper.call("e9", FAULT_AT + 7_000, later)
    return paper
