"""Every metric of the service, with a line on what it means to whoever operates it.

Label values come from the configuration or from closed sets: never a topic key, an event id or an execution id. The
reference page is made of this file.
"""

from prometheus_client import CollectorRegistry

from bridge.telemetry.families import Maker

# Seconds. Each set is dense where its answer changes what an operator does.
_FROM_EVENT = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600, 1800, 3600)
_TO_END = (0.5, 1, 2, 3, 5, 7.5, 10, 15, 20, 30, 45, 60, 120, 300, 600, 1800, 3600)
_CALL = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_LOOP = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 10)
_RESTORE = (0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)


class Metrics:
    """All metrics, in a registry of the caller's, so that a process can hold several services."""

    def __init__(self, registry: CollectorRegistry) -> None:
        make = Maker(registry)
        self.definitions = make.definitions
        self._intake(make)
        self._dispatch(make)
        self._reconcile(make)
        self._ledger(make)
        self._process(make)

    def _intake(self, make: Maker) -> None:
        self.events = make.counter(
            "events_total",
            "source,decision",
            "Decisions about events: trigger, rejected, unmapped, none (no route wants it), shadow, dead_letter, "
            "tombstone (a record without a value, of a source that skips them). "
            "An event that several routes want counts once for each.",
        )
        self.dead_letters = make.counter(
            "dead_letters_total",
            "topic",
            "Records that are no events, by their topic. The dead letters hold the reasons.",
        )
        self.registry_up = make.gauge(
            "registry_up",
            "",
            "0 while the schema registry does not answer or refuses us; 1 else, also where there is none.",
        )
        self.registry_up().set(1)
        self.registry_questions = make.counter(
            "registry_questions_total",
            "end",
            "Questions about schemas, by end: found, missing, unfit (nothing can be read by it), refused (credentials, rights or "
            "address are wrong), unanswered.",
        )
        self.registry_waiting = make.gauge(
            "registry_waiting_partitions",
            "",
            "Source partitions that wait for a schema. For more than seconds: look at `registry_up` and the log.",
        )

    def _dispatch(self, make: Maker) -> None:
        self.triggers = make.counter(
            "triggers_total", "brand,route,outcome", "Triggers that ended, by outcome. A late correction counts again."
        )
        self.corrections = make.counter(
            "corrections_total",
            "brand,route,outcome",
            "Results that correct an earlier one of the same trigger, by the better outcome: `unresolved` that ended after all, "
            "`unknown` that was found out. Less these, `triggers_total` counts each trigger once.",
        )
        self.calls = make.counter(
            "calls_total", "brand,end", "Calls of the vendor's run endpoint, by end. `unknown` may have reached people."
        )
        self.event_to_call = make.histogram(
            "event_to_call_seconds",
            "brand,route",
            "Age of the event when its call leaves: how late it is.",
            _FROM_EVENT,
        )
        self.call = make.histogram("call_seconds", "brand", "How long the vendor took to answer a call.", _CALL)
        self.in_flight = make.gauge(
            "calls_in_flight", "", "Calls under way: the most that a kill of this replica would leave unknown."
        )
        self.waiting = make.gauge("triggers_waiting", "brand", "Triggers in memory that wait for a slot or for a hold.")
        self.held = make.gauge(
            "triggers_held",
            "brand",
            "Of the triggers that wait, those that a hold keeps waiting: of all, brand or route.",
        )
        self.oldest_waiting = make.gauge(
            "oldest_waiting_seconds", "brand", "How long ago the trigger that waits longest was received."
        )
        self.hold = make.gauge(
            "hold_active", "scope,reason", "1 while calls of a scope (everything, a brand, a route) are held, and why."
        )
        self.slots = make.counter(
            "budget_slots_total", "brand,lane", "Slots taken. Their rate against the limit is the use of the budget."
        )
        self.limit = make.gauge(
            "budget_limit_rate", "brand", "Requests a second that the brand may make, over all replicas, as configured."
        )
        self.share = make.gauge(
            "budget_share_rate", "brand", "Requests a second that this replica may make without Redis: its own share."
        )
        self.eased = make.gauge(
            "budget_eased_ratio",
            "brand",
            "Part of the brand's rate that is used: 1, or less after 429s; it rises by 0.05 a minute.",
        )
        self.backend_up = make.gauge(
            "budget_backend_up", "brand", "1 while the budget is shared through Redis, 0 while that Redis is of no use."
        )
        self.fallbacks = make.counter(
            "budget_fallbacks_total", "brand", "How often this replica went on with its own share, for want of Redis."
        )
        self.missed_slots = make.counter(
            "budget_slots_missed_total",
            "brand",
            "Slots from Redis that came up too late to be used. Many: CPU is short.",
        )

    def _reconcile(self, make: Maker) -> None:
        self.polls = make.counter("polls_total", "brand,end", "Questions about the status of executions, by end.")
        self.poll_lag = make.gauge(
            "poll_lag_seconds",
            "",
            "How long the execution that should have been asked about first has waited for that. Calls go first: growing, "
            "they leave too little of the budget.",
        )
        self.oldest_result = make.gauge(
            "oldest_result_seconds",
            "",
            "How long the outcome that waits longest for Kafka has waited to be acknowledged; 0 when none waits.",
        )
        self.call_to_end = make.histogram(
            "call_to_end_seconds", "brand,route", "From a call to the known end of its execution.", _TO_END
        )
        self.open_executions = make.gauge(
            "open_executions",
            "",
            "Triggers whose executions are followed, unresolved ones that are still asked about among them.",
        )
        self.audience = make.counter(
            "audience_total",
            "brand,route",
            "People in the audiences of published executions, as the vendor counts them.",
        )
        self.audience_zero = make.counter(
            "audience_zero_total", "brand,route", "Published to nobody: this is what a wrong topic key looks like."
        )
        self.audience_dropped = make.counter(
            "audience_dropped_total",
            "brand,route",
            "Published to less than a tenth of the audience that the event generator usually has with this topic key.",
        )

    def _ledger(self, make: Maker) -> None:
        self.claims = make.counter(
            "ledger_claims_total", "", "Ledger partitions claimed. Many without rollouts: the group is not stable."
        )
        self.losses = make.counter(
            "ledger_losses_total", "", "Ledger partitions that another replica claimed while this one held them."
        )
        self.restored = make.counter("ledger_restored_records_total", "", "Ledger records read at claims.")
        self.restore_left = make.gauge(
            "ledger_restore_left_records", "", "Ledger records that are still to be read before work begins."
        )
        self.restore = make.histogram(
            "ledger_restore_seconds", "", "From a claim to the moment when work began.", _RESTORE
        )
        self.remembered = make.gauge(
            "ledger_remembered_ids", "", "Finished triggers kept in memory, so that none is called twice."
        )
        self.open_items = make.gauge("ledger_open_items", "", "Triggers in the ledger that are not finished.")

    def _process(self, make: Maker) -> None:
        self.lag = make.gauge(
            "consumer_lag_records", "stage,topic", "Records between this replica and the end of its partitions."
        )
        self.assigned = make.gauge("partitions_assigned", "stage", "Partitions that this replica has.")
        self.rebalances = make.counter("rebalances_total", "stage", "Assignments that the consumer group gave.")
        self.fetch_age = make.gauge(
            "fetch_age_seconds", "stage", "Since the stage last asked Kafka for records. Growing: the stage hangs."
        )
        self.heartbeat_age = make.gauge(
            "heartbeat_age_seconds",
            "stage",
            "Since the consumer group last answered. Above the session timeout nothing is called.",
        )
        self.spans = make.counter(
            "spans_total",
            "end",
            "Spans by what became of them: made; exported; lost, because the collector did not take them. What was made and is "
            "neither waits, or did not fit into the queue. Only with `tracing.enabled`.",
        )
        self.loop_lag = make.histogram(
            "event_loop_lag_seconds", "", "How late the event loop does what is due. High: the CPU is short.", _LOOP
        )
        self.memory_limit = make.gauge(
            "memory_limit_bytes",
            "",
            "What the container's memory is limited to; +Inf: nothing. `process_resident_memory_bytes` above it: the kernel kills the "
            "process.",
        )
        self.build = make.gauge("build_info", "version,mode", "1; the version that runs, and whether it is live.")
        self.routes = make.gauge("routes_info", "hash", "1; the hash of the routing table in force.")
        self.modes = make.gauge(
            "routes",
            "mode",
            "Routes of the table in force: live; shadow, which decide and count and call nobody (where the service is in shadow, "
            "all but those that are off); off.",
        )
        self.lookup_entries = make.gauge("lookup_entries", "lookup", "Entries of a lookup that comes from a topic.")
        self.lookup_unusable = make.counter(
            "lookup_records_unusable_total", "lookup", "Records of a lookup's topic that hold no usable key or value."
        )
        self.reloads = make.counter(
            "routes_reloads_total",
            "result",
            "Changed routing tables found while running: taken, refused, or without a change.",
        )
        self.refused = make.gauge(
            "routes_refused",
            "",
            "1 while the files hold a routing table that was refused: the one before it is in force.",
        )
        self.secrets_reloads = make.counter(
            "secrets_reloads_total",
            "result",
            "Settings read again for their secrets: taken, refused, or without a changed secret.",
        )
        self.secrets_taken = make.gauge(
            "secrets_taken_timestamp_seconds", "", "Since when (Unix time) the secrets in force count."
        )
        self.secrets_refused = make.gauge(
            "secrets_refused", "", "1 while the settings can't be read any more: the secrets before are in force."
        )
