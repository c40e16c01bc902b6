"""Asking the demo's processes over HTTP: the simulator's report, the replicas' health and metrics."""

from collections import Counter

import aiohttp
import orjson
from prometheus_client.parser import text_string_to_metric_families

from bridge.demo.expected import subject_of
from bridge.demo.progress import Health, ReplicaView, VendorView
from bridge.demo.verdict import SeenExecution

_OK = 200
# The label by which each metric is summed.
_METRICS = {
    "bridge_events_total": "decision",
    "bridge_triggers_total": "outcome",
    "bridge_calls_total": "end",
    "bridge_consumer_lag_records": "",
}


async def _ready(session: aiohttp.ClientSession, url: str) -> tuple[bool, str]:
    """Whether a replica is ready, and what it says."""
    try:
        async with session.get(f"{url}/readyz") as response:
            return response.status == _OK, await response.text()
    except (aiohttp.ClientError, TimeoutError) as error:
        return False, f"no answer: {error}"


async def vendor_report(session: aiohttp.ClientSession, vendor_url: str) -> VendorView:
    """The simulator's report. Raises aiohttp.ClientError."""
    async with session.get(f"{vendor_url}/_simulator/report") as response:
        report = orjson.loads(await response.read())
    return VendorView(
        executions=report["executions"]["made"],
        duplicates=report["executions"]["duplicates"],
        throttled=report["throttled"],
        worst_second=max((brand["worst_second"] for brand in report["brands"].values()), default=0),
        polls_mean=report["polls"]["mean_per_execution"],
        violations=report["violations"]["total"],
    )


async def vendor_executions(session: aiohttp.ClientSession, vendor_url: str) -> list[SeenExecution]:
    """Every execution that the simulator made. Raises aiohttp.ClientError."""
    async with session.get(f"{vendor_url}/_simulator/executions") as response:
        lines = (await response.read()).splitlines()
    return [
        SeenExecution(
            id=made["execution_id"],
            generator=made["event_generator_id"],
            topic_key=made["topic_key"],
            subject=subject_of(made["context"]),
            status=made["status"],
        )
        for made in map(orjson.loads, lines)
    ]


async def look_at_replica(session: aiohttp.ClientSession, replica: ReplicaView) -> None:
    """Refresh its health and metrics. What a killed one said last stays."""
    if replica.health is Health.STARTING:
        ready, replica.says = await _ready(session, replica.url)
        replica.health = Health.RUNNING if ready else Health.STARTING
    if replica.health is not Health.RUNNING:
        return
    try:
        async with session.get(f"{replica.url}/metrics") as response:
            replica.metrics = sums(await response.text())
    except (aiohttp.ClientError, TimeoutError):
        return  # killed this moment, or busy: the next look tells


def sums(exposition: str) -> Counter[tuple[str, str]]:
    """The metrics that the demo shows, summed by one label each: (`bridge_calls_total`, `accepted`) -> 17."""
    found: Counter[tuple[str, str]] = Counter()
    for family in text_string_to_metric_families(exposition):
        for sample in family.samples:
            if sample.name in _METRICS:
                found[sample.name, sample.labels.get(_METRICS[sample.name], "")] += int(sample.value)
    return found
