"""Inside: stages, Kafka, ledger, budget, the process, by replica."""

from tools.ops.dashboards import beside
from tools.ops.dashboards.making import Rows
from tools.ops.dashboards.panels import Panel, Query, latency, lines, number
from tools.ops.dashboards.queries import RATE, per_second, within_range


def rows() -> Rows:
    """Its panels by row."""
    return {
        "Service levels": [
            number(
                "Replicas",
                "Replicas that Prometheus reaches.",
                "short",
                "sum(up{})",
                [(None, "red"), (1, "green")],
                width=4,
            ),
            number(
                "Events not read",
                "Records of source topics that intake has not read yet.",
                "short",
                'sum(bridge_consumer_lag_records{stage="intake"})',
                [(None, "green"), (1000, "yellow"), (10_000, "red")],
                width=4,
            ),
            number(
                "Kafka last heard",
                "Since a consumer group answered a replica, of all the longest. Above the session timeout that one calls nothing.",
                "s",
                "max(bridge_heartbeat_age_seconds{})",
                [(None, "green"), (10, "yellow"), (60, "red")],
                width=4,
            ),
            number(
                "Ledger still to read",
                "Records of ledgers to be read before work begins. Triggers of those partitions wait meanwhile.",
                "short",
                "sum(bridge_ledger_restore_left_records{})",
                [(None, "green"), (1, "yellow")],
                width=4,
            ),
            number(
                "Result that waits longest",
                "How long an outcome has waited for Kafka to acknowledge it. Normally milliseconds.",
                "s",
                "max(bridge_oldest_result_seconds{})",
                [(None, "green"), (5, "yellow"), (15, "red")],
                width=4,
            ),
            number(
                "Ledgers lost",
                "Ledger partitions within the time shown that another replica claimed while this one held them.",
                "short",
                within_range("bridge_ledger_losses_total"),
                [(None, "green"), (1, "yellow")],
                width=4,
            ),
        ],
        "Stages and Kafka": _stages(),
        "Ledger": _ledger(),
        "Budget, calls and polls": _budget(),
        "Schemas, secrets and traces": beside.panels(),
        "Process": _process(),
    }


def _stages() -> list[Panel]:
    return [
        lines(
            "Lag",
            "Records between the replicas and the end of their partitions.",
            "short",
            Query("sum by (stage, topic) (bridge_consumer_lag_records{})", "{{stage}} {{topic}}"),
        ),
        lines(
            "Partitions by replica",
            "Who has how many partitions of which stage.",
            "short",
            Query("sum by (instance, stage) (bridge_partitions_assigned{})", "{{instance}} {{stage}}"),
        ),
        lines(
            "Rebalances",
            "Assignments that the group gave, within each interval. What moves stands still for some seconds.",
            "short",
            Query(f"max by (stage) (increase(bridge_rebalances_total{{}}[{RATE}]))", "{{stage}}"),
        ),
        lines(
            "Since Kafka was heard",
            "Seconds since the consumer group last answered.",
            "s",
            Query("max by (instance, stage) (bridge_heartbeat_age_seconds{})", "{{instance}} {{stage}}"),
            width=12,
        ),
        lines(
            "Since the stage read",
            "Seconds since the stage last asked Kafka for records. Growing: the stage hangs.",
            "s",
            Query("max by (instance, stage) (bridge_fetch_age_seconds{})", "{{instance}} {{stage}}"),
            width=12,
        ),
    ]


def _ledger() -> list[Panel]:
    return [
        *latency(
            "From a claim to the start of work",
            "How long a replica reads a ledger partition before it works on it.",
            "bridge_ledger_restore_seconds",
        ),
        lines(
            "Claims and losses",
            "Ledger partitions claimed within each interval, and lost to another replica. Many without rollouts: the group is not stable.",
            "short",
            Query(f"sum(increase(bridge_ledger_claims_total{{}}[{RATE}]))", "claims"),
            Query(f"sum(increase(bridge_ledger_losses_total{{}}[{RATE}]))", "losses"),
        ),
        lines(
            "Records read at claims",
            "A second, and how many are still to be read.",
            "short",
            Query(f"sum(rate(bridge_ledger_restored_records_total{{}}[{RATE}]))", "read"),
            Query("sum(bridge_ledger_restore_left_records{})", "left"),
        ),
        lines(
            "In memory",
            "Finished triggers that are remembered so that none is called twice (some 100 bytes each), and those that are not finished.",
            "short",
            Query("sum by (instance) (bridge_ledger_remembered_ids{})", "{{instance}} remembered"),
            Query("sum by (instance) (bridge_ledger_open_items{})", "{{instance}} open"),
        ),
    ]


def _budget() -> list[Panel]:
    return [
        lines(
            "Calls under way",
            "The most that a kill of each replica would leave unknown.",
            "short",
            Query("sum by (instance) (bridge_calls_in_flight{})", "{{instance}}"),
        ),
        lines(
            "Share of the budget",
            "Requests a second that each replica may make by its partitions.",
            "reqps",
            Query("sum by (instance, brand) (bridge_budget_share_rate{})", "{{instance}} {{brand}}"),
            Query("max by (brand) (bridge_budget_limit_rate{})", "limit {{brand}}"),
        ),
        lines(
            "Redis",
            "Slots from Redis that came up too late, a second (CPU is short), and how often a replica went on without Redis.",
            "short",
            Query(per_second("bridge_budget_slots_missed_total", "brand"), "{{brand}} slots missed"),
            Query(f"sum by (brand) (increase(bridge_budget_fallbacks_total{{}}[{RATE}]))", "{{brand}} fallbacks"),
        ),
        lines(
            "Executions followed",
            "Triggers whose executions have not ended, and unresolved ones that are still asked about.",
            "short",
            Query("sum by (instance) (bridge_open_executions{})", "{{instance}}"),
        ),
        lines(
            "Polls are late by",
            "How long the execution that should have been asked about first has waited for that.",
            "s",
            Query("max by (instance) (bridge_poll_lag_seconds{})", "{{instance}}"),
        ),
        lines(
            "Results wait for",
            "How long the outcome that waits longest has waited for Kafka.",
            "s",
            Query("max by (instance) (bridge_oldest_result_seconds{})", "{{instance}}"),
        ),
    ]


def _process() -> list[Panel]:
    return [
        *latency(
            "Lateness of the event loop",
            "How late the process does what is due. High: it has too little CPU.",
            "bridge_event_loop_lag_seconds",
        ),
        lines(
            "CPU",
            "Cores in use, by replica. One process uses one core at the most.",
            "short",
            Query(f"sum by (instance) (rate(process_cpu_seconds_total{{}}[{RATE}]))", "{{instance}}"),
        ),
        lines(
            "Memory",
            "Memory in use by replica, and the container's limit where there is one.",
            "bytes",
            Query("max by (instance) (process_resident_memory_bytes{})", "{{instance}}"),
            Query("min(bridge_memory_limit_bytes{} < +Inf)", "limit"),
        ),
        lines(
            "Open files",
            "Connections and files that are open, and how many may be.",
            "short",
            Query("max by (instance) (process_open_fds{})", "{{instance}}"),
            Query("min(process_max_fds{})", "limit"),
        ),
        lines(
            "Running since",
            "How long each replica has run.",
            "s",
            Query("max by (instance) (time() - process_start_time_seconds{})", "{{instance}}"),
            width=12,
        ),
        lines(
            "Versions and modes",
            "Replicas by version and mode: live, or shadow, which calls nobody.",
            "short",
            Query("count by (version, mode) (bridge_build_info{})", "{{version}} {{mode}}"),
            width=12,
            stacked=True,
        ),
    ]
