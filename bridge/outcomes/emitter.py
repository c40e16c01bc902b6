"""Writing outcomes to the results topic."""

from bridge.kafka.producer import Producer
from bridge.kafka.records import NewRecord
from bridge.ledger.item import End, Item
from bridge.ledger.records import Dropped, Ended, Refused, Unknown
from bridge.outcomes import cloudevents
from bridge.outcomes.audience import AudienceWatch
from bridge.outcomes.compose import compose
from bridge.outcomes.model import Outcome
from bridge.telemetry import Telemetry
from bridge.telemetry.spans import Told


class Emitter:
    """Writes the result of a trigger's best end and returns when it is acknowledged."""

    def __init__(self, producer: Producer, topic: str, service: str, telemetry: Telemetry) -> None:
        """`service` is the service's name."""
        self._producer = producer
        self._topic = topic
        self._service = service
        self._telemetry = telemetry
        self._audiences = AudienceWatch()

    async def emit(self, trigger: str, item: Item, end: End) -> None:
        """Write the result of `end`, however long Kafka is away: a repetition is recognisable. Raises KafkaTrouble when
        Kafka does not take it: the process must end, and whoever reads the ledger next writes the result.
        """
        outcome = compose(trigger, item, end)
        value = outcome.model_dump_json().encode()
        key = outcome.event_id.encode("utf-8", "replace")
        trace, tracing = item.about.trace or None, self._telemetry.tracing
        headers = cloudevents.headers(outcome, self._service, trace)
        began = 0 if tracing is None else tracing.now()
        corrects = 0 < item.written < outcome.revision
        await self._producer.send_until_written(NewRecord(self._topic, key, value, headers))
        self._tell(outcome, end, trace)
        if tracing is not None:
            tracing.result_written(trigger, item.about, _told(outcome, end), began)
        if corrects:
            self._telemetry.corrected(outcome.brand, outcome.route, outcome.outcome)

    def _tell(self, outcome: Outcome, end: End, trace: str | None) -> None:
        match end:
            case Ended():
                self._telemetry.execution_ended(
                    outcome.brand,
                    outcome.route,
                    outcome.outcome,
                    trigger_id=outcome.trigger_id,
                    execution_id=end.execution_id,
                    event_id=outcome.event_id,
                    seconds_since_call=(end.at - end.attempt.called) / 1000,
                    audience=end.audience_size,
                    usual_audience=self._audiences.look(outcome),
                    trace=trace,
                )
            case Dropped() | Refused() | Unknown():
                self._telemetry.trigger_ended(
                    outcome.brand,
                    outcome.route,
                    outcome.outcome,
                    trigger_id=outcome.trigger_id,
                    event_id=outcome.event_id,
                    reason=outcome.reason,
                )
            case _:
                raise ValueError(f"not an end: {end}")


def _told(outcome: Outcome, end: End) -> Told:
    followed = (end.attempt.nonce, end.accepted, end.at) if isinstance(end, Ended) else None
    return Told(outcome.result_id, outcome.outcome, followed)
