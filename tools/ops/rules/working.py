"""Alerts about whether the service works: replicas, Kafka, ledger, the process."""

from tools.ops.rules.model import Alert

INSIDE = "bridge-inside"

WORKING = (
    Alert(
        "BridgeDown",
        "critical",
        "sum by (namespace, job) (up{}) == 0 or absent(up{})",
        "2m",
        "No replica of the bridge runs.",
        "Prometheus reaches no replica of {{ $labels.job }}: no event is read, and no campaign is called.",
    ),
    Alert(
        "BridgeCrashLooping",
        "critical",
        "max by (namespace, job, instance) (changes(process_start_time_seconds{}[15m])) > ${restarts}",
        "1m",
        "A replica of the bridge ends and starts again and again.",
        "{{ $labels.instance }} started {{ $value }} times within 15 minutes. Its log says why: the last lines before each end.",
        INSIDE,
        {"restarts": 2},
    ),
    Alert(
        "BridgeKafkaAway",
        "critical",
        "max by (namespace, job, instance, stage) (bridge_heartbeat_age_seconds{}) > ${seconds}",
        "2m",
        "A replica of the bridge hears nothing from Kafka.",
        "The consumer group of {{ $labels.stage }} has not answered {{ $labels.instance }} for {{ $value | humanizeDuration }}. "
        "It calls nothing meanwhile.",
        INSIDE,
        {"seconds": 60},
    ),
    Alert(
        "BridgeStageHangs",
        "critical",
        "max by (namespace, job, instance, stage) (bridge_fetch_age_seconds{}) > ${seconds}",
        "2m",
        "A stage of the bridge reads no more.",
        "{{ $labels.stage }} of {{ $labels.instance }} last asked Kafka for records {{ $value | humanizeDuration }} ago.",
        INSIDE,
        {"seconds": 120},
    ),
    Alert(
        "BridgeIntakeLagGrowing",
        "warning",
        "topic:bridge_intake_lag_records:sum{} > ${records} and deriv(topic:bridge_intake_lag_records:sum{}[10m]) > 0",
        "10m",
        "Events come faster than the bridge reads them.",
        "{{ $value | humanize }} records of {{ $labels.topic }} are not read yet, and they become more.",
        INSIDE,
        {"records": 1000},
    ),
    Alert(
        "BridgeDispatchStalled",
        "critical",
        "brand:bridge_triggers_waiting:sum{} - brand:bridge_triggers_held:sum{} > 0 "
        "unless on (namespace, job, brand) brand:bridge_calls:rate5m{} > 0",
        "5m",
        "Triggers wait, nothing holds them, and none is called.",
        "{{ $value | humanize }} triggers of {{ $labels.brand }} wait, and no call was made for 5 minutes.",
    ),
    Alert(
        "BridgeEventAgeHigh",
        "warning",
        "brand:bridge_event_to_call_seconds:p95_5m{} > ${seconds} "
        "or (max by (namespace, job, brand) (bridge_oldest_waiting_seconds{}) > ${seconds} "
        "unless on (namespace, job, brand) brand:bridge_triggers_held:sum{} > 0)",
        "5m",
        "Events are old when their campaigns are called.",
        "Events of {{ $labels.brand }} are {{ $value | humanizeDuration }} old when they are called, or have waited for so long.",
        thresholds={"seconds": 60},
    ),
    Alert(
        "BridgeRebalanceStorm",
        "warning",
        "max by (namespace, job, stage) (increase(bridge_rebalances_total{}[15m])) > ${rebalances}",
        "5m",
        "The consumer group does not come to rest.",
        "The group of {{ $labels.stage }} gave its partitions out {{ $value | humanize }} times within 15 minutes. Each time "
        "partitions move, which stand still until their next owner has read their ledgers.",
        INSIDE,
        {"rebalances": 8},
    ),
    Alert(
        "BridgeLedgerLost",
        "critical",
        "sum by (namespace, job) (increase(bridge_ledger_losses_total{}[15m])) > 0 "
        "and sum by (namespace, job) (increase(bridge_ledger_losses_total{}[15m] offset 15m)) > 0",
        "0m",
        "Replicas take one another's partitions again and again.",
        "{{ $value | humanize }} ledger partitions were claimed by others within 15 minutes, and some before that. Nothing is "
        "called twice; what was between an intent and its end each time is unknown.",
        INSIDE,
    ),
    Alert(
        "BridgeRestoreSlow",
        "warning",
        "max by (namespace, job, instance) (bridge_ledger_restore_left_records{}) > ${records}",
        "5m",
        "A replica reads ledgers for minutes before it works.",
        "{{ $labels.instance }} has {{ $value | humanize }} records of ledgers still to read. Triggers of those partitions wait.",
        INSIDE,
        {"records": 0},
    ),
    Alert(
        "BridgeEventLoopBlocked",
        "warning",
        "histogram_quantile(0.99, sum by (namespace, job, instance, le) (rate(bridge_event_loop_lag_seconds_bucket{}[5m]))) "
        "> ${seconds}",
        "5m",
        "A replica is late with everything: it has too little CPU.",
        "In 1 % of the cases the event loop of {{ $labels.instance }} is late by {{ $value | humanizeDuration }} or more.",
        INSIDE,
        {"seconds": 0.25},
    ),
    Alert(
        "BridgeMemoryNearLimit",
        "warning",
        "max by (namespace, job, instance) (process_resident_memory_bytes{}) "
        "/ max by (namespace, job, instance) (bridge_memory_limit_bytes{}) > ${ratio}",
        "5m",
        "A replica has nearly used up its memory.",
        "{{ $labels.instance }} uses {{ $value | humanizePercentage }} of its limit. Above it the kernel kills it.",
        INSIDE,
        {"ratio": 0.9},
    ),
)
