"""What has no other to compare with: the parts of the service, each alone."""

import asyncio
import sys

import msgspec

from bench.bed import Bed
from bench.deciding import MOST_EXCLUDED_US, MOST_SENT_US, ROUTES, deciding
from bench.following import Open, polls
from bench.restore import Restore
from bench.result import Goal, Spec
from bench.scenario import Round, Scenario

RESTORE = (
    Spec("restore.rate", "ledger records read at a claim", "1/s", "more", Goal(least=250_000)),
    Spec("restore.cpu", "CPU-seconds for 1,000,000 records", "s", "less"),
    Spec("restore.bytes", "memory for a remembered id", "bytes", "less", Goal(most=120)),
)
DECIDING = (
    Spec("deciding.read", "reading an event (orjson)", "us", "less"),
    Spec(
        "deciding.excluded",
        f"over that, when none of {ROUTES} routes matches",
        "us",
        "less",
        Goal(most=MOST_EXCLUDED_US),
    ),
    Spec("deciding.sent", "over that, one CEL condition and six fields", "us", "less", Goal(most=MOST_SENT_US)),
)
OPEN = (
    Spec("open.memory", "memory for 1,000,000 open executions", "MB", "less", Goal(most=600)),
    Spec("open.cpu", "CPU-seconds to read and follow 1,000,000", "s", "less"),
    Spec("open.turn", "the longest moment without a turn for others", "ms", "less"),
    Spec("open.polls", "polls of an execution of 5 to 12 s (virtual time)", "", "less"),
    Spec("open.delay", "known after its end, median (virtual time)", "s", "less"),
    Spec("open.untold_polls", "polls where the vendor does not say when it ended", "", "less"),
    Spec("open.untold_delay", "known after its end, median, there", "s", "less"),
)
_MILLION = 1_000_000


async def restored(bed: Bed) -> Round:
    """A claim on a ledger partition of finished triggers."""
    name, _ = bed.place("restore")
    one = msgspec.json.decode(await _alone("bench.restore", bed.kafka, name, f"{bed.sizes.restored}"), type=Restore)
    return Round(
        dict(
            zip((spec.id for spec in RESTORE), (one.rate, _MILLION / one.cpu_rate, one.bytes_per_trigger), strict=True)
        )
    )


async def decided(_bed: Bed) -> Round:
    """A decision beside reading the event."""
    cost = deciding()
    values = (cost.read, cost.excluded - cost.read, cost.sent - cost.read)
    return Round(dict(zip((spec.id for spec in DECIDING), values, strict=True)))


async def opened(bed: Bed) -> Round:
    """A process that reads a ledger of open executions, and follows them."""
    found = msgspec.json.decode(await _alone("bench.following", f"{bed.sizes.executions}"), type=Open)
    asked, untold = polls(told=True), polls(told=False)
    scale = _MILLION / found.executions
    values = (
        *(found.mb * scale, found.cpu * scale, found.longest_turn * 1000),
        *(asked.each, asked.delay, untold.each, untold.delay),
    )
    return Round(dict(zip((spec.id for spec in OPEN), values, strict=True)))


async def _alone(module: str, *arguments: str) -> bytes:
    """What it says that does nothing else, in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    return said


SCENARIOS = (
    Scenario("restore", "a claim reads a ledger partition of finished triggers, three records each", RESTORE, restored),
    Scenario("deciding", "one decision, with the event in memory", DECIDING, decided, kafka=False),
    Scenario("open", "open executions in one process: read from the ledger, and followed", OPEN, opened, kafka=False),
)
