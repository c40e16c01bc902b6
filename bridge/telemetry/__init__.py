"""Every metric and every log event of the service, and the health endpoints.

The stages get a `Telemetry` and tell it what happened; only here is it known what is counted and what is written.
"""

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from structlog.typing import FilteringBoundLogger

from bridge.clock import Clock
from bridge.telemetry.campaigns import CampaignEvents
from bridge.telemetry.logs import configure_logging, logger
from bridge.telemetry.metrics import Metrics
from bridge.telemetry.partitions import PartitionEvents
from bridge.telemetry.registries import RegistryEvents
from bridge.telemetry.service import ServiceEvents

__all__ = ["Metrics", "Telemetry", "configure_logging", "process_registry"]


class Telemetry(CampaignEvents, PartitionEvents, RegistryEvents, ServiceEvents):
    """What happens in the service, told as it happens. Nothing here raises or waits."""

    def __init__(self, registry: CollectorRegistry, clock: Clock, log: FilteringBoundLogger | None = None) -> None:
        """Metrics go to `registry`; lines to `log`, by default the service's own logger."""
        super().__init__(Metrics(registry), clock, logger().bind() if log is None else log)


def process_registry() -> CollectorRegistry:
    """A registry with the process's own figures (CPU, memory, files) besides what is added to it."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    return registry
