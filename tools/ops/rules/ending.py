"""Alerts about what becomes of triggers: outcomes, executions, audiences."""

from tools.ops.rules.model import Alert

ROUTES = "bridge-routes"
_ROUTE = "namespace, job, brand, route"

ENDING = (
    Alert(
        "BridgeUnknownOutcomes",
        "warning",
        f'sum by ({_ROUTE}) (increase(bridge_triggers_total{{outcome="unknown"}}[30m])) > ${{triggers}}',
        "0m",
        "Nobody knows whether a campaign went out.",
        "{{ $value | humanize }} triggers of route {{ $labels.route }} ({{ $labels.brand }}) ended as unknown within 30 minutes. They are "
        "not sent again by themselves.",
        ROUTES,
        {"triggers": 0},
    ),
    Alert(
        "BridgeExecutionsStuck",
        "warning",
        f'sum by ({_ROUTE}) (increase(bridge_triggers_total{{outcome=~"unresolved|lost"}}[1h])) > ${{triggers}}',
        "0m",
        "Executions do not end, or the vendor has lost them.",
        "{{ $value | humanize }} executions of route {{ $labels.route }} ({{ $labels.brand }}) ended as unresolved or lost within an hour.",
        ROUTES,
        {"triggers": 0},
    ),
    Alert(
        "BridgeAcceptedWithoutEnd",
        "warning",
        '(sum by (namespace, job, brand) (increase(bridge_calls_total{end="accepted"}[1h])) '
        '- sum by (namespace, job, brand) (increase(bridge_triggers_total{outcome=~"published|failed|lost|unresolved"}[1h]))) '
        '/ sum by (namespace, job, brand) (increase(bridge_calls_total{end="accepted"}[1h])) > ${ratio} '
        'and sum by (namespace, job, brand) (increase(bridge_calls_total{end="accepted"}[1h])) > ${calls}',
        "15m",
        "The vendor accepts calls, and their executions do not end.",
        "Of what {{ $labels.brand }} had accepted within an hour, {{ $value | humanizePercentage }} has no end yet.",
        thresholds={"ratio": 0.5, "calls": 10},
    ),
    Alert(
        "BridgePollBacklog",
        "warning",
        "max by (namespace, job) (bridge_poll_lag_seconds{}) > ${seconds}",
        "5m",
        "Outcomes are late, because executions are asked about late.",
        "An execution should have been asked about {{ $value | humanizeDuration }} ago: calls use the budget up, or the vendor is slow.",
        "bridge-inside",
        {"seconds": 60},
    ),
    Alert(
        "BridgeResultsFailing",
        "critical",
        "max by (namespace, job, instance) (bridge_oldest_result_seconds{}) > ${seconds}",
        "1m",
        "Outcomes cannot be written to the results topic.",
        "{{ $labels.instance }} has waited {{ $value | humanizeDuration }} for Kafka to take an outcome. None is lost: it is written "
        "later, or by whoever takes over.",
        "bridge-inside",
        {"seconds": 15},
    ),
    Alert(
        "BridgeAudienceZero",
        "warning",
        f"sum by ({_ROUTE}) (increase(bridge_audience_zero_total{{}}[30m])) > ${{campaigns}}",
        "0m",
        "Campaigns were published to nobody.",
        "{{ $value | humanize }} campaigns of route {{ $labels.route }} ({{ $labels.brand }}) had an audience of 0 within 30 minutes: "
        "this is what a wrong topic key looks like.",
        "bridge-campaigns",
        {"campaigns": 0},
    ),
    Alert(
        "BridgeAudienceDropped",
        "warning",
        f"sum by ({_ROUTE}) (increase(bridge_audience_dropped_total{{}}[30m])) > ${{campaigns}}",
        "0m",
        "Campaigns reached far fewer people than usual.",
        "{{ $value | humanize }} campaigns of route {{ $labels.route }} ({{ $labels.brand }}) had less than a tenth of their usual "
        "audience within 30 minutes.",
        "bridge-campaigns",
        {"campaigns": 0},
    ),
)
