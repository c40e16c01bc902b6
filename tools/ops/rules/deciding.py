"""Alerts about events and the routing table: what comes in, and what it means."""

from tools.ops.rules.model import Alert

ROUTES = "bridge-routes"

DECIDING = (
    Alert(
        "BridgeUnmappedTopics",
        "warning",
        'sum by (namespace, job, brand, route) (increase(bridge_triggers_total{outcome="unmapped"}[30m])) > ${triggers}',
        "0m",
        "A lookup lacks the topic key of an event.",
        "{{ $value | humanize }} triggers of route {{ $labels.route }} ({{ $labels.brand }}) found no topic key within 30 minutes: "
        "nobody was told.",
        ROUTES,
        {"triggers": 0},
    ),
    Alert(
        "BridgeRejectedEvents",
        "warning",
        'sum by (namespace, job, brand, route) (increase(bridge_triggers_total{outcome="rejected"}[30m])) > ${triggers} '
        'and sum by (namespace, job, brand, route) (rate(bridge_triggers_total{outcome="rejected"}[30m])) '
        "/ sum by (namespace, job, brand, route) (rate(bridge_triggers_total{}[30m])) > ${ratio}",
        "0m",
        "Events do not fit the contract of their campaign.",
        "{{ $value | humanize }} triggers of route {{ $labels.route }} ({{ $labels.brand }}) were rejected within 30 minutes. "
        "Their outcomes name the field.",
        ROUTES,
        {"triggers": 3, "ratio": 0.02},
    ),
    Alert(
        "BridgeDeadLetters",
        "warning",
        "sum by (namespace, job, topic) (increase(bridge_dead_letters_total{}[30m])) > ${records}",
        "0m",
        "Records on a source topic are no events.",
        "{{ $value | humanize }} records of {{ $labels.topic }} went to the dead letters within 30 minutes.",
        ROUTES,
        {"records": 0},
    ),
    Alert(
        "BridgeRoutesReloadFailed",
        "warning",
        "max by (namespace, job) (bridge_routes_refused{}) == 1",
        "5m",
        "A changed routing table was refused; the one before is in force.",
        'A replica of {{ $labels.job }} does not take the routing table in its files. Its log names each problem: "routes refused".',
        ROUTES,
    ),
    Alert(
        "BridgeRoutesDiffer",
        "warning",
        "count by (namespace, job) (count by (namespace, job, hash) (bridge_routes_info{})) > 1",
        "15m",
        "Replicas work by different routing tables.",
        "{{ $value }} routing tables are in force at once: what an event means depends on who reads it.",
        ROUTES,
    ),
)
