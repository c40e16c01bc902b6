"""What somebody else wrote to the triggers topic costs no trigger."""

from dispatch.bench import Bench
from dispatch.memory import MemoryReader

from bridge.dispatch.around import Arrival
from bridge.dispatch.reading import StoredTriggers


async def test_a_record_that_is_no_trigger_costs_none_of_those_around_it(bench: Bench) -> None:
    before = [bench.publish(f"a{number}") for number in range(5)]
    for log in bench.broker.triggers:
        log.put(b"x", b"not a trigger")
        log.put(None, b"[1]")
    after = [bench.publish(f"b{number}") for number in range(5)]
    async with bench.running() as replica:
        for trigger in (*before, *after):
            assert (await bench.ended(trigger))["outcome"] == "published"
        total = sum(len(log.records) for log in bench.broker.triggers)
        await bench.until(lambda: bench.committed() == total)
        assert replica.metric("bridge_dead_letters_total", topic="bridge.triggers") == 4


async def test_a_trigger_of_a_brand_that_is_not_in_the_settings_is_rejected(bench: Bench) -> None:
    async with bench.running():
        outcome = await bench.ended(bench.publish("e1", brand="gone"))
    assert outcome["outcome"] == "rejected"
    assert outcome["reason"] == "brand gone is not in the settings (any more)"
    assert bench.called() == []


async def test_the_time_of_a_record_that_is_no_trigger_is_known_so_that_a_restore_reads_back_to_it(
    bench: Bench,
) -> None:
    bench.clock.turn(5)
    offset = bench.broker.triggers[0].put(b"key", b"no trigger")
    store = StoredTriggers(lambda number: MemoryReader(bench.broker.triggers[number]))
    written = bench.broker.triggers[0].records[offset].timestamp
    assert await store.fetch(0, offset) == Arrival(offset, written, None)
    assert await store.fetch(0, offset + 1) is None
