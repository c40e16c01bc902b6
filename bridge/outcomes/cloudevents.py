"""The headers of a result: CloudEvents 1.0 in Kafka's binary mode, where the record's value is the data. Pure.

Only what the outcome says goes in, and no clock is read: the same outcome has the same headers, however often it is written.
"""

from collections.abc import Mapping

from bridge.durations import format_instant
from bridge.outcomes.model import Outcome
from bridge.outcomes.schema import SCHEMA_ID
from bridge.tracecontext import TRACEPARENT, of_result, parse

# The same for every result.
FIXED: Mapping[str, str] = {
    "ce_specversion": "1.0",
    "ce_type": "campaign-bridge.outcome.v1",
    "ce_dataschema": SCHEMA_ID,
    "content-type": "application/json",
}

# What the reference pages say of each header.
MEANINGS: Mapping[str, str] = {
    "ce_specversion": f"`{FIXED['ce_specversion']}`",
    "ce_id": "The `result_id`: the same for repetitions of one result.",
    "ce_source": "`/campaign-bridge/` and the service's name.",
    "ce_type": f"`{FIXED['ce_type']}`, for every outcome: which one it is stands in the value.",
    "ce_time": "The outcome's `times.ended`; where that is null (a call that nobody knows the end of) its `times.called`.",
    "ce_subject": "The `trigger_id`.",
    "ce_dataschema": f"`{SCHEMA_ID}`, the `$id` of [the JSON Schema](outcome.schema.json).",
    "content-type": f"`{FIXED['content-type']}`",
    TRACEPARENT: "Only where the event was traced (W3C trace context; see [tracing](../tracing.md)): its trace, and the span in "
    "which the result was written.",
}
# Not part of the CloudEvent, so no `ce_` before it: it is where tracing libraries for Kafka look.
OPTIONAL = (TRACEPARENT,)


def headers(outcome: Outcome, service: str, trace: str | None = None) -> list[tuple[str, bytes]]:
    """The headers of the record that tells of `outcome`. `service` is the service's name, which fits a URI as it is; `trace`
    the traceparent of its trigger, where there is one.

    Raises ValueError for what `compose` never makes: an outcome without any time of its own.
    """
    times = outcome.times
    # Never left out: libraries fill in the moment of reading, which would differ from reader to reader.
    moment = times.called if times.ended is None else times.ended
    if moment is None:
        raise ValueError(f"result {outcome.result_id} has neither an end nor a call")
    told = {
        "ce_id": outcome.result_id,
        "ce_source": f"/campaign-bridge/{service}",
        "ce_time": format_instant(moment),
        "ce_subject": outcome.trigger_id,
        **FIXED,
    }
    if (context := parse(trace)) is not None:
        told[TRACEPARENT] = str(of_result(context, outcome.result_id))
    return [(name, text.encode()) for name, text in told.items()]
