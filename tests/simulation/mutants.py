"""The rules of the ledger, each taken out of the code in turn: what the simulation must then find.

A mutant is a text of the source and what stands there instead. A proof that can't fail proves nothing: `make mutants` shows
that without any one of these rules somebody's phone rings twice, or an event vanishes, within a few thousand seeds. Rules of digests
that few runs need are held by tests/ledger/test_digests.py and test_since.py alone: from when on an item is told, what a digest
that was given up would have said, the claim in force where the tail begins, what was forgotten, the fence before the seal, and
that what is carried says all, in its last record.
"""

from dataclasses import dataclass

PARTITION, CALLING, DISPATCHED = "ledger/partition.py", "dispatch/calling.py", "dispatch/partition.py"
TAKEOVER, ITEM, FOLD, RESTORING = "dispatch/takeover.py", "ledger/item.py", "ledger/fold.py", "ledger/restoring.py"
RIVALRY, ASSIGNMENT = "dispatch/rivalry.py", "dispatch/assignment.py"
DIGESTING, CHAIN, KEEPING = "ledger/digesting.py", "ledger/chain.py", "ledger/keeping.py"


@dataclass(frozen=True, slots=True)
class Edit:
    """In a file of the package, this text (which stands there once) gives way to another."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """The service without one rule. `begin`: the seed to begin with, for a rule that is needed in one of many hundred runs."""

    name: str
    rule: str
    edits: tuple[Edit, ...]
    begin: int = 0


def _without(name: str, rule: str, file: str, old: str, new: str, *, begin: int = 0) -> Mutant:
    return Mutant(name, rule, (Edit(file, old, new),), begin)


MUTANTS = (
    _without(
        "fence",
        "A foreign claim in a gap ends the ownership.",
        PARTITION,
        "if self.owned and self.fold.claim != self.claim_number:",
        "if False:",
    ),
    _without(
        "claim",
        "The ledger is read up to the claim before work begins.",
        PARTITION,
        "await self._read(start.offset, ack.offset, entry.progress.committed, self.restoring)",
        "self._expected = ack.offset",
    ),
    _without(
        "gap-at-a-claim",
        "A partition that comes back is read on from what is known without a gap.",
        PARTITION,
        "await self._close_gap(ack.offset, entry.progress.committed)",
        "self._expected = ack.offset",
    ),
    _without(
        "intent",
        "The intent is in the ledger before the call.",
        CALLING,
        "await partition.ledger.decide(*(Intent(t.work.trigger.id, t.about, t.attempt) for t in tries))",
        "await asyncio.sleep(0)",
    ),
    _without(
        "acks",
        "The call waits until its intent is acknowledged and has passed the fence.",
        CALLING,
        "await partition.ledger.decide(*(Intent(t.work.trigger.id, t.about, t.attempt) for t in tries))",
        "self.kept = asyncio.get_running_loop().create_task("
        "partition.ledger.decide(*(Intent(t.work.trigger.id, t.about, t.attempt) for t in tries)))",
    ),
    _without(
        "uncertain-intent",
        "An intent whose append may have been written is released, not called.",
        CALLING,
        "await partition.ledger.note(*(one.released(str(error)) for one in tries))",
        "pass",
    ),
    _without(
        "lost-decisions",
        "A decision behind a newer claim is ignored.",
        FOLD,
        "if line.claim is None or line.claim < self.claim:",
        "if line.claim is None:",
    ),
    _without(
        "look",
        "An idle owner looks for what others wrote.",
        PARTITION,
        "if end > self._expected != _UNREAD:",
        "if False:",
    ),
    _without(
        "facts-again",
        "A fact that may not have been written is written again.",
        PARTITION,
        "self._queue.put_back([entry for entry in writes if entry.claim is None])",
        "[resolve(entry.done, None) for entry in writes if entry.claim is None]",
    ),
    _without(
        "facts-when-lost",
        "An owner that lost its ledger still writes the facts of its calls.",
        PARTITION,
        "await self._write(facts, None)",
        "await self._write(facts if self.owned else (), None)",
    ),
    _without(
        "orphans",
        "An intent without an end, of another, is unknown.",
        TAKEOVER,
        "        await self._give_up_on_orphans()\n",
        "",
    ),
    _without(
        "orphans-uncalled",
        "An intent without an end counts as a call that may have been made.",
        ITEM,
        "                in_flight.append(end.attempt)",
        "                pass",
    ),
    _without(
        "rank",
        "The outcome is the best known by rank.",
        ITEM,
        "UNKNOWN_RANK = 2\n",
        "UNKNOWN_RANK = 7\n",
    ),
    _without(
        "unknown-kept",
        "What ended as unknown stays open for late facts.",
        FOLD,
        "told = item.written in REACHED_RANKS or (item.written not in {0, UNKNOWN_RANK} and not item.doubtful)",
        "told = item.written > 0",
    ),
    _without(
        "remembered",
        "What is finished is remembered for the dedup window.",
        FOLD,
        "            self.remembered.add(trigger, item.written, item.at)\n",
        "",
    ),
    _without(
        "carry-at-a-claim",
        "What is open and old is carried on before an owner decides anything.",
        KEEPING,
        "            await self._carry(writer, inf)\n",
        "            pass\n",
    ),
    _without(
        "carried-is-no-work",
        "The window counts from the last decision that is not carried.",
        RESTORING,
        "if line.claim is not None and not isinstance(line.record, Carried | Digest):",
        "if line.claim is not None:",
        begin=570,
    ),
    _without(
        "window",
        "The window counts from the last decision before the claim, so that a long downtime forgets nothing.",
        RESTORING,
        "since = last.at - max(reach.window, last.window)",
        "since = claim.timestamp - max(reach.window, last.window)",
    ),
    _without(
        "first-trigger",
        "A restore reads back to the first trigger that will be read.",
        RESTORING,
        "since = min(since, progress.first_at)",
        "pass",
    ),
    _without(
        "progress",
        "What is committed is the lowest trigger that is not finished.",
        "dispatch/progress.py",
        "return next(iter(self._open), self.position)",
        "return self.position",
    ),
    _without(
        "result-before-progress",
        "The result of an end is written before its trigger counts as finished.",
        DISPATCHED,
        "        await self.write_due_result(trigger)\n        work = self.works.pop(trigger, None)\n",
        "        for offset in getattr(self.works.get(trigger), 'offsets', ()):\n            self.progress.finish(offset)\n"
        "        await self.write_due_result(trigger)\n        work = self.works.pop(trigger, None)\n",
    ),
    _without(
        "result-before-ended",
        "The result of an execution's end is written before the ledger says that it ended.",
        "reconcile/ending.py",
        "            if item is not None and item.improved_by(ended):\n"
        "                await self._results.emit(ended.id, item, ended)\n"
        "            await ledger.note(ended)\n",
        "            better = item is not None and item.improved_by(ended)\n"
        "            await ledger.note(ended)\n"
        "            if better:\n"
        "                await self._results.emit(ended.id, item, ended)\n",
    ),
    _without(
        "corrections",
        "An execution that is unresolved is asked about for some time more.",
        ITEM,
        "ends = [] if self.given_up else self.attempts.values()",
        "ends = []",
    ),
    _without(
        "corrections-taken-over",
        "What is unresolved is asked about also by who takes the partition over.",
        "reconcile/stage.py",
        "if news or (known is None and item.unresolved()):",
        "if news:",
    ),
    _without(
        "reported",
        "At a claim an end after a park without `reported` has its result written again.",
        ITEM,
        "if self.parked is not None or (self.doubted",
        "if (self.doubted",
    ),
    _without(
        "parked-before-progress",
        "A parked trigger is finished on its topic once it is parked in the ledger.",
        DISPATCHED,
        "        if not works or not await self.decide(\n",
        "        for work in works:\n            self.progress.finish(work.offset)\n"
        "        if not works or not await self.decide(\n",
    ),
    Mutant(
        "looked-at-again",
        "The trigger's state is looked at again before another attempt.",
        (
            Edit(DISPATCHED, "        if isinstance(standing, New | Waiting):\n            return standing\n", ""),
            Edit(
                DISPATCHED,
                "        work.state = State.WATCHED\n        self.reconsider(work.trigger.id)\n        return None\n",
                "        return standing if isinstance(standing, New | Waiting) else New()\n",
            ),
            Edit(
                DISPATCHED,
                "return item is None or not isinstance(item.standing(without=nonce), New | Waiting)",
                "return False",
            ),
        ),
        begin=570,
    ),
    _without(
        "expiry",
        "Whether it has expired is looked at at the last moment before the call.",
        CALLING,
        "if now >= one.work.trigger.expires_at:",
        "if False:",
    ),
    _without(
        "drain",
        "Calls under way end before a partition is given up.",
        DISPATCHED,
        "        while self.in_flight:\n",
        "        while False:\n",
    ),
    _without(
        "given-up-in-order",
        "Nobody gets a partition before its calls under way have ended.",
        ASSIGNMENT,
        "        await self._drained([number])\n        self._consumer.release([TopicPartition(self._topic, number)])\n",
        "        self._consumer.release([TopicPartition(self._topic, number)])\n        await self._drained([number])\n",
    ),
    _without(
        "repeated-goes-on-no-more",
        "Of an unknown trigger that turns out not sent and its repetition only the repetition goes on.",
        "ledger/repeating.py",
        "if exists(successor) or fold.knows(successor):",
        "if False:",
        begin=1_350,
    ),
    _without(
        "repetition-looks",
        "A repetition looks at the state of what it repeats just before its own intent.",
        "ledger/repeating.py",
        "for before in range(number):",
        "for before in range(0):",
    ),
    _without(
        "replaced",
        "A newer trigger of the same supersede_by value replaces one that waits.",
        RIVALRY,
        "if newest is not None and newest.offset > work.offset:",
        "if False:",
    ),
    _without(
        "overtaken",
        "What a newer trigger was called after goes on no more, whatever late news says.",
        "ledger/rivals.py",
        "item.overtaken_by = intent.about.event_id",
        "pass",
    ),
    _without(
        "limit-over-a-takeover",
        "The next owner of a partition goes on counting a route's calls, by the intents that it reads.",
        "ledger/recent.py",
        "if isinstance(record, Intent):",
        "if False:",
    ),
    _without(
        "limit-before-the-intent",
        "A call counts before its intent is written: those of one wave count for one another.",
        CALLING,
        "        partition.ledger.fold.recent.began(about, attempt, now)\n",
        "",
    ),
    _without(
        "limit-holds-its-route",
        "A route with more to call than its limit allows is held.",
        CALLING,
        "            await self._hold_by_limit(partition, work)\n",
        "            self._again(work, now + 1.0)\n",
    ),
    _without(
        "digest-carries",
        "What is not finished is carried before a digest is written.",
        DIGESTING,
        "if self._plan.todo is not None or await carry_told_before(writer, self._plan.upto, IN_A_LOOK):",
        "if True:",
    ),
    _without(
        "digest-ids",
        "A digest says of nothing that it is finished while it is not.",
        DIGESTING,
        "            plan.taken = writer",
        "            for one, item in writer.fold.items.active():\n"
        "                writer.fold.remembered.add(one, 7, item.at)\n"
        "            plan.taken = writer",
    ),
    _without(
        "digest-until",
        "A digest's ids are remembered as long as those that were read one by one.",
        "ledger/remembered.py",
        "Page((part + 1) * self._length - 1, entries)",
        "Page(max(0, part - _PARTS) * self._length, entries)",
    ),
    _without(
        "digest-tail",
        "A restore reads from a digest's covered end on, not from the digest.",
        RESTORING,
        "return Start(chain.newest.seal.upto, 0, since, chain)",
        "return Start(last.digest, 0, since, chain)",
    ),
    _without(
        "digest-parts",
        "A digest is read with all of its parts.",
        CHAIN,
        "for line in [sealed, *await _lines(log, partition, seal.parts)]:",
        "for line in [sealed]:",
    ),
    _without(
        "digest-chain",
        "Digests are read as far back as the window reaches.",
        CHAIN,
        "if seal.since <= needed.since:",
        "if True:",
    ),
    Mutant(
        "digest-limits",
        "A digest covers no calls that a route's limit still counts.",
        (
            Edit(DIGESTING, "max(self.every // _LAG, self.longest_limit)", "self.every // _LAG"),
            Edit(CHAIN, "if seal.until > needed.calls_since:", "if False:"),
        ),
    ),
    Mutant(
        "digest-behind-its-claim",
        "A digest covers nothing behind which its writer's claim lies.",
        (
            Edit(DIGESTING, "or latest - self._claimed_at < lag:", "or False:"),
            Edit(DIGESTING, "min(max(found, writer.claim_number + 1), writer.known)", "found"),
        ),
    ),
)
