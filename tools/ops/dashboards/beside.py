"""What a replica has beside its stages: a schema registry, secrets that change, traces."""

from tools.ops.dashboards.panels import Panel, Query, lines
from tools.ops.dashboards.queries import RATE, per_second


def panels() -> list[Panel]:
    """One row of *Inside*."""
    return [
        lines(
            "Schema registry",
            "Source partitions that wait for a schema, and replicas whose registry does not answer or refuses them.",
            "short",
            Query("sum(bridge_registry_waiting_partitions{})", "partitions that wait"),
            Query("count(bridge_registry_up{}) - sum(bridge_registry_up{})", "replicas without it"),
        ),
        lines(
            "Questions about schemas",
            "What the schema registry was asked, by what it answered.",
            "short",
            Query(f"sum by (end) (increase(bridge_registry_questions_total{{}}[{RATE}]))", "{{end}}"),
            stacked=True,
        ),
        lines(
            "Spans",
            "Spans of traces, by what became of them. What is lost was not taken by the collector. Only with tracing.enabled.",
            "short",
            Query(per_second("bridge_spans_total", "end"), "{{end}}"),
        ),
        lines(
            "Settings read again",
            "How often settings were read again for their secrets, by result; and replicas that can't read them any more.",
            "short",
            Query(f"sum by (result) (increase(bridge_secrets_reloads_total{{}}[{RATE}]))", "{{result}}"),
            Query("sum(bridge_secrets_refused{})", "replicas that can't"),
            width=12,
        ),
        lines(
            "Age of the secrets in force",
            "How long ago each replica took the secrets that it uses; where they differ, a rotation has not reached all.",
            "s",
            Query("max by (instance) (time() - bridge_secrets_taken_timestamp_seconds{})", "{{instance}}"),
            width=12,
        ),
    ]
