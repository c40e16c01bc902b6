"""A whole run: episode after episode, each written down when it is done."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import asdict
from pathlib import Path
from uuid import uuid4

import orjson
from chaos.accounting import account
from chaos.brokers import Brokers, running_brokers
from chaos.episode import Episode
from chaos.plan import episodes, plan
from chaos.record import Record


async def run(
    record: Record, folder: Path, out: Path | None, say: Callable[[str], None], brokers: Brokers | None = None
) -> None:
    """Run the episodes that the record lacks, and write the record to `out` after each of them.

    `folder` gets the files, logs and evidence of each. Without `brokers` an embedded Kafka is started.
    """
    options = record.options
    pieces = episodes(plan(options.seed, options.faults), options.episode, options.only)
    async with AsyncExitStack() as stack:
        if brokers is None:
            brokers = await stack.enter_async_context(running_brokers(options.nodes))
        for number, faults in enumerate(pieces, 1):
            if number <= len(record.accounts):
                continue
            say(f"episode {number} of {len(pieces)}: {len(faults)} faults")
            name = f"chaos{options.seed}x{number}x{uuid4().hex[:6]}"
            episode = Episode(name, folder / f"episode-{number}", options, brokers, say)
            evidence = await episode.run(faults)
            found = account(evidence, options.goes_on_within)
            (episode.folder / "evidence.json").write_bytes(orjson.dumps(asdict(evidence), default=list))
            if found.broken or found.late:
                say("".join(f"     {line}\n" for line in (*found.broken, *found.late)))
            record.accounts.append(found)
            if out is not None:
                record.write(out)
            await episode.forget()
