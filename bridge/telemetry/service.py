"""What happens to the service as a whole: holds, the sharing of the budget, start and end."""

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from math import inf

from structlog.typing import FilteringBoundLogger

from bridge.clock import Clock
from bridge.telemetry.expected import expect
from bridge.telemetry.metrics import Metrics
from bridge.telemetry.reporter import Reporter


class ServiceEvents(Reporter):
    """Told by the app, by the holds and by the budget."""

    def __init__(self, metrics: Metrics, clock: Clock, log: FilteringBoundLogger) -> None:
        super().__init__(metrics, clock, log)
        self._eased: dict[str, float] = {}
        metrics.memory_limit().set(inf)

    def started(self, name: str, mode: str, **details: object) -> None:
        """All stages run. `details` are what an operator wants to know of this start: no keys."""
        release = version("campaign-bridge")
        self.metrics.build.forget_all()
        self.metrics.build(release, mode).set(1)
        self._log.info("started", name=name, mode=mode, version=release, **details)

    def routes_loaded(self, table: str, routes: int) -> None:
        """A routing table is in force; `table` is its hash."""
        self.metrics.routes.forget_all()
        self.metrics.routes(table).set(1)
        self._log.info("routes loaded", table=table, routes=routes)

    def routes_stand(self, modes: Mapping[str, int]) -> None:
        """How many routes of the table in force are live, in shadow and off."""
        for mode in ("live", "shadow", "off"):
            self.metrics.modes(mode).set(modes.get(mode, 0))

    def expects(self, sources: Mapping[str, str], routes: Iterable[tuple[str, str]], brands: Iterable[str]) -> None:
        """What the table in force can lead to: `sources` by name with their topics, `routes` with their brands."""
        expect(self.metrics, sources, routes, brands)

    def memory_limited(self, limit: int | None) -> None:
        """The container's memory is limited to so many bytes; None: it is not."""
        if limit is not None:
            self.metrics.memory_limit().set(limit)

    def table_taken(self, *, changed: bool) -> None:
        """The files of the routing table were read again, and it is in force."""
        self.metrics.reloads("taken" if changed else "unchanged").inc()
        self.metrics.refused().set(0)

    def table_refused(self, problems: list[str], *, again: bool) -> None:
        """The files hold a table that is not taken, for the same reason as before if `again`; the old one stays in force."""
        self.metrics.refused().set(1)
        if not again:
            self.metrics.reloads("refused").inc()
            self._log.error("routes refused: the table before stays in force", problems=problems)

    def secrets_in_force(self) -> None:
        """The secrets that were read at the start count from now on."""
        self.metrics.secrets_taken().set(self._clock.now() / 1000)

    def secrets_taken(self, changed: list[str]) -> None:
        """The settings were read again, and are well. `changed`: the names of the secrets that are others now."""
        self.metrics.secrets_reloads("taken" if changed else "unchanged").inc()
        self.metrics.secrets_refused().set(0)
        if changed:
            self.metrics.secrets_taken().set(self._clock.now() / 1000)
            self._log.info("secrets taken", secrets=changed)

    def secrets_refused(self, problems: list[str], *, again: bool) -> None:
        """The settings are wrong now, in the same way as before if `again`; the secrets in force stay."""
        self.metrics.secrets_refused().set(1)
        if not again:
            self.metrics.secrets_reloads("refused").inc()
            self._log.error("settings refused: the secrets before stay in force", problems=problems)

    def settings_wait(self, changed: list[str]) -> None:
        """The file holds other settings than those in force, and not only other secrets."""
        self._log.warning("settings have changed: restart the replicas to take them", settings=changed)

    def lookup_read(self, lookup: str, entries: int) -> None:
        """A record of a lookup's topic was read; so many entries there are now."""
        self.metrics.lookup_entries(lookup).set(entries)
        self.metrics.lookup_unusable(lookup)  # at 0 before the first of them (expected.py says why)

    def lookup_unusable(self, lookup: str, place: str, why: str) -> None:
        """A record of a lookup's topic holds no entry. `place`: topic/partition/offset."""
        self.metrics.lookup_unusable(lookup).inc()
        self._log.warning("lookup record unusable: its key has no entry now", lookup=lookup, record=place, why=why)

    def hold_set(self, scope: str, reason: str, until: int | None) -> None:
        """Calls of a scope wait; `until` is ms since 1970 UTC, None until somebody releases it."""
        gauge = self.metrics.hold(scope, str(reason))
        gauge.set_function(lambda: float(until is None or self._clock.now() < until))
        self._log.warning("hold", scope=scope, reason=reason, until=until)

    def hold_released(self, scope: str, reason: str) -> None:
        """Calls of a scope wait no longer for this reason."""
        self.metrics.hold.forget(scope, str(reason))
        self._log.info("hold released", scope=scope, reason=reason)

    def budget_eased(self, brand: str, part: float) -> None:
        """The brand uses this part of its rate (1: the whole): 429s lower it, quiet raises it again."""
        known = self._eased.get(brand)
        self._eased[brand] = part
        self.metrics.eased(brand).set(part)
        if known is not None and part < known:
            self._log.warning("budget lowered after a 429", brand=brand, part=part)
        elif known is not None and part == 1:
            self._log.info("budget is whole again", brand=brand)

    def budget_shared(self, brand: str) -> None:
        """Slots of the brand come from Redis."""
        self.metrics.backend_up(brand).set(1)
        self._log.info("budget is shared through Redis", brand=brand)

    def budget_not_shared(self, brand: str, why: str, *, strict: bool) -> None:
        """Redis is of no use for the brand. `why` holds no password."""
        self.metrics.backend_up(brand).set(0)
        then = "nothing is called until it is back" if strict else "each replica will use its own share"
        self._log.warning("budget is not shared", brand=brand, why=why, then=then)

    def budget_fell_back(self, brand: str) -> None:
        """Redis was away for so long that this replica uses its own share."""
        self.metrics.fallbacks(brand).inc()
        self._log.warning("budget fell back to the share of the partitions", brand=brand)

    def budget_slots_missed(self, brand: str, slots: int) -> None:
        """So many slots from Redis were not used in time, and thrown away."""
        if slots:
            self.metrics.missed_slots(brand).inc(slots)

    def spans_ended(self, end: str, count: int) -> None:
        """So many spans were made, exported or lost (`end`). From any thread, as the two below."""
        self.metrics.spans(end).inc(count)

    def tracing_failed(self, endpoint: str, why: str) -> None:
        """Spans can't be sent, since just now: they are lost, and nothing else is."""
        self._log.warning("spans are not taken", endpoint=endpoint, why=why, see="bridge_spans_total")

    def tracing_works(self, endpoint: str) -> None:
        """Spans are taken again."""
        self._log.info("spans are taken again", endpoint=endpoint)

    def stage_failed(self, stage: str, error: BaseException) -> None:
        """A stage can't go on; the process will end, for Kubernetes to start it again."""
        self._log.error("stage failed", stage=stage, error=str(error), exc_info=error)

    def warned(self, message: str, **details: object) -> None:
        """Something that a person should know and that stops nothing. No keys, nothing of a context."""
        self._log.warning(message, **details)

    def stopping(self, reason: str) -> None:
        """The service begins to drain."""
        self._log.info("stopping", reason=reason)

    def stopped(self, **details: object) -> None:
        """The service is drained; the process ends."""
        self._log.info("stopped", **details)
