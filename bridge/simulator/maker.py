"""Makes executions: how long each lasts, whom it reaches, whether it fails."""

from collections.abc import Iterable
from hashlib import blake2b
from random import Random
from secrets import token_hex
from typing import Any

from bridge.clock import Clock
from bridge.simulator.config import API_TRIGGERED, SimulatorConfig
from bridge.simulator.contract import breaches
from bridge.simulator.executions import Execution, ExecutionLog
from bridge.simulator.faults import Fault, Lag404, NeverEnds, UnknownStatus
from bridge.simulator.strict import Refusal, RunCall

_UNKNOWN_GENERATOR = Refusal(404, "event_generator_id not found or doesn't belong to your brand")
_WRONG_TYPE = Refusal(422, f'the Event Generator is not of type "{API_TRIGGERED}"')


class Maker:
    """Makes executions as the configuration says; what is drawn depends on the seed alone."""

    def __init__(self, config: SimulatorConfig, clock: Clock, log: ExecutionLog) -> None:
        self._config = config
        self._clock = clock
        self._log = log
        self._random = Random(f"executions/{config.seed}")
        self._generators = {generator.id: generator for generator in config.generators}

    def refusal(self, brand: str, generator: str) -> Refusal | None:
        """Why this generator can't be run by this brand, if so."""
        listed = self._generators.get(generator)
        if listed is None:
            return None if self._config.accepts_unlisted else _UNKNOWN_GENERATOR
        if listed.brand != brand:
            return _UNKNOWN_GENERATOR
        return None if listed.type == API_TRIGGERED else _WRONG_TYPE

    def breaches(self, generator: str, context: dict[str, Any]) -> Iterable[str]:
        """How the context differs from the generator's contract, where one is configured."""
        listed = self._generators.get(generator)
        return breaches(listed.context, context) if listed is not None and listed.context else ()

    def make(self, brand: str, generator: str, call: RunCall, fault: Fault | None) -> Execution:
        """Make and keep an execution, marked by a fault that is about its later life."""
        config, topic_key = self._config, call.topic_key
        shortest, longest = config.time_to_end
        execution = Execution(
            id=f"exec-{token_hex(12)}",  # never the same again, also not with the same seed: clients remember ids
            brand=brand,
            generator=generator,
            topic_key=topic_key,
            context=call.context,
            at=self._clock.now(),
            born=self._clock.boottime(),
            lasts=self._random.uniform(shortest, longest) / 1000,
            audience=self._audience(topic_key),
            fails=topic_key in config.failing_topic_keys,
        )
        match fault:
            case Lag404(seconds=seconds):
                execution.hidden_for = seconds
            case NeverEnds():
                execution.stuck_as = "processing"
            case UnknownStatus(value=value):
                execution.stuck_as = value
            case _:
                pass
        self._log.add(execution, call.canonical)
        return execution

    def _audience(self, topic_key: str) -> int:
        """A topic has the same subscribers in every call and after every restart with the same seed."""
        if topic_key in self._config.zero_audience_topic_keys:
            return 0
        smallest, largest = self._config.audience
        text = f"{self._config.seed}/{topic_key}"
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        return smallest + int.from_bytes(digest, "big") % (largest - smallest + 1)
