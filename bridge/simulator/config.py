"""What the simulator plays: brands with their keys, generators, the limit, how executions go."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo, model_validator

from bridge.configfile import ConfigError, load, problems_of
from bridge.durations import parse_duration
from bridge.simulator.contract import FieldContract

API_TRIGGERED = "API Triggered (Preference Center)"
"""The only type of generator that the run endpoint takes; any other is answered by 422 (docs/vendor.md #16)."""

RetryAfterForm = Literal["seconds", "date", "absent"]
"""How a 429 says when to come back (docs/vendor.md #14)."""


def _milliseconds(value: object, info: ValidationInfo) -> object:
    if isinstance(value, str):
        return parse_duration(value)
    if info.context is _FROM_FILE:
        raise ValueError("must be a duration with its unit, as in 250ms or 10s")
    return value


_FROM_FILE = {"numbers": "need a unit"}
Duration = Annotated[int, BeforeValidator(_milliseconds), Field(ge=0)]
"""Milliseconds; in a file a text with its unit."""
Name = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, str_strip_whitespace=False)


class BrandConfig(_Part):
    """The keys of one brand."""

    api_key: Name
    brand_key: Name


class GeneratorConfig(_Part):
    """One Event Generator. `context` is its agreed contract: a breach is reported, and answered by 202 all the same."""

    id: Name
    brand: Name
    type: str = API_TRIGGERED
    name: str = ""
    context: Mapping[str, FieldContract] = Field(default_factory=dict)


class SimulatorConfig(_Part):
    """Everything that can be set; the defaults suit `bridge simulate` without a file. Durations are milliseconds.

    `unlisted_generators` says what becomes of a generator that is not in `generators`; by default it is accepted when
    the list is empty, and unknown (404) otherwise. `identity` names the context fields that tell one event from
    another; without it two calls are the same event when generator, topic key and the whole context are equal.
    """

    brands: Mapping[Name, BrandConfig] = Field(
        default_factory=lambda: {"acme": BrandConfig(api_key="demo-api-key", brand_key="demo-brand-key")}, min_length=1
    )
    generators: tuple[GeneratorConfig, ...] = ()
    unlisted_generators: Literal["accept", "refuse"] | None = None
    limit: int = Field(default=500, ge=1, description="requests of a brand in any rolling second, runs and polls")
    retry_after: RetryAfterForm = "seconds"
    latency: Duration = Field(default=20, description="from request to answer, of what is accepted")
    jitter: Duration = Field(default=10, description="the most that is added to the latency")
    time_to_end: tuple[Duration, Duration] = Field(default=(5_000, 12_000), description="shortest and longest")
    audience: tuple[int, int] = Field(default=(100, 250_000), description="smallest and largest")
    failing_topic_keys: frozenset[str] = frozenset()
    zero_audience_topic_keys: frozenset[str] = frozenset()
    identity: tuple[Name, ...] = ()
    seed: int = 0
    prefix: str = Field(default="/smart-campaigns/v1", pattern=r"^(/[A-Za-z0-9._-]+)+$")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for name, (low, high) in (("time_to_end", self.time_to_end), ("audience", self.audience)):
            if not 0 <= low <= high:
                raise ValueError(f"{name}: give the smaller value first, and none below 0")
        unknown = sorted({generator.brand for generator in self.generators} - set(self.brands))
        if unknown:
            raise ValueError(f"generators: no brand is named {', '.join(unknown)}; add it under brands")
        ids = Counter(generator.id for generator in self.generators)
        keys = Counter(brand.brand_key for brand in self.brands.values())
        repeated = [f"generator {name}" for name, count in ids.items() if count > 1]
        repeated += ["a brand_key" for _, count in keys.items() if count > 1]
        if repeated:
            raise ValueError(f"given more than once: {', '.join(repeated)}")
        return self

    @property
    def accepts_unlisted(self) -> bool:
        """Whether a generator that is not listed may run."""
        if self.unlisted_generators is None:
            return not self.generators
        return self.unlisted_generators == "accept"


def load_simulator_config(path: Path, environ: Mapping[str, str]) -> SimulatorConfig:
    """The configuration in a YAML (or JSON) file. Raises ConfigError with every mistake placed."""
    document = load(path, environ)
    try:
        return SimulatorConfig.model_validate({} if document.data is None else document.data, context=_FROM_FILE)
    except ValidationError as error:
        raise ConfigError(problems_of(error, document, SimulatorConfig)) from error
