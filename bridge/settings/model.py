"""Every setting, with its default, its type and what it means. The reference page is made of this file and `kafka.py`."""

from typing import Annotated, Literal

from pydantic import Field

from bridge.settings.kafka import KafkaSettings
from bridge.settings.kinds import (
    AnswerPath,
    BaseUrl,
    BrandName,
    HeaderLine,
    HeaderName,
    Key,
    Kind,
    Number,
    RedisUrl,
    RequestBody,
    ServiceName,
    Switch,
    Text,
    Whole,
)
from bridge.settings.registry import RegistrySettings
from bridge.settings.section import Positive, Section
from bridge.settings.tracing import TracingSettings


class VendorSettings(Section):
    """How the vendor is called."""

    base_url: BaseUrl = Field(
        default="https://opti-x.optimove.net/smart-campaigns/v1",
        description="Where the vendor's endpoints are. https, except for a loopback address. Redirects are not followed.",
    )
    timeout: Positive = Field(
        default=10_000,
        description="How long an answer may take. After it the end of a call is `unknown`: it may have had an effect.",
    )
    connections: Annotated[Whole, Field(ge=1, le=10_000)] = Field(
        default=256, description="Most connections open at a time, over all brands."
    )
    transport: Literal["direct", "httpcore"] = Field(
        default="direct",
        description="What carries the requests: our own connections. `httpcore` is httpx2's, to fall back on: it needs far more CPU.",
    )


class BrandSettings(Section):
    """One brand at the vendor."""

    api_key: Key = Field(
        description="The vendor's `x-api-key`. Best from a mounted file: `${file:/etc/bridge/acme/api-key}`."
    )
    brand_key: Key = Field(description="The vendor's `x-brand-key`.")
    requests_per_second: Annotated[Number, Field(gt=0, le=100_000)] = Field(
        default=500, description="The vendor's limit for this brand, runs and polls together, over all replicas."
    )


class BudgetSettings(Section):
    """How the vendor's limit is shared."""

    headroom: Annotated[Number, Field(gt=0, le=1)] = Field(
        default=0.95, description="The part of the limit that is used. The rest covers clocks and the network."
    )
    redis_url: Annotated[RedisUrl | None, Kind("secret URL")] = Field(
        default=None,
        description="A Redis through which replicas lend one another what they don't use: `redis://HOST:PORT`, or "
        "`rediss://USER:PASSWORD@HOST:PORT?ssl_ca_certs=/path` with TLS. One primary, no cluster. Without it, or while it "
        "is away, each replica takes the share of its partitions.",
    )
    strict: Switch = Field(
        default=False,
        description="Call nothing while that Redis is away, instead of taking the share of the partitions.",
    )


class DispatchSettings(Section):
    """How triggers are called."""

    drain_timeout: Positive = Field(
        default=20_000,
        description="How long calls under way may take when the replica stops or partitions move. "
        "Must be longer than `vendor.timeout` and shorter than the pod's grace period.",
    )
    max_waiting: Annotated[Whole, Field(ge=1)] = Field(
        default=50_000,
        description="Triggers that may wait in a replica's memory; above it, those waiting longest are parked.",
    )
    park_after: Positive = Field(
        default=60_000,
        description="After waiting this long a trigger is parked in the ledger, so that it blocks no partition.",
    )
    digest_every: Positive = Field(
        default=3_600_000,
        description="How often the owner of a partition sums up the ids of finished triggers in its ledger. A replica that takes "
        "it over reads these digests, and in full only what was written in up to one and a quarter of this time before.",
    )


class ReconcileSettings(Section):
    """How executions are followed."""

    deadline: Positive = Field(
        default=1_800_000, description="An execution that has not ended by then is `unresolved`."
    )
    follow_unresolved: Positive = Field(
        default=6 * 3_600_000,
        description="How long after its acceptance an `unresolved` execution is still asked about, every 5 to 30 min: if it "
        "ends after all, a second result with a higher `revision` says so. Equal to `reconcile.deadline`: never.",
    )
    first_poll: Positive = Field(
        default=5_000,
        description="When to ask first, until it is known how long this generator's executions usually take.",
    )
    max_interval: Positive = Field(default=30_000, description="The longest pause between two polls of one execution.")
    grace_404: Positive = Field(
        default=60_000, description="How long after the call a 404 is taken for lag; later the execution is `lost`."
    )


class ProvisionerSettings(Section):
    """An endpoint of yours that makes the topics which a lookup has no entry for. It is asked by POST, in JSON."""

    url: BaseUrl = Field(description="Where it is. https, except for a loopback address. Redirects are not followed.")
    headers: Annotated[dict[HeaderName, HeaderLine], Kind("secrets by name")] = Field(
        default={}, description="Headers of each question, a token among them: `{authorization: ...}`."
    )
    body: RequestBody = Field(
        default={"brand": "{brand}", "lookup": "{lookup}", "key": "{key}"},
        description="What is asked: JSON, whose texts may hold `{brand}`, `{route}`, `{generator}`, `{lookup}`, `{key}`, "
        "`{event_id}` and `{context.FIELD}`.",
    )
    topic_key: AnswerPath = Field(default="topic_key", description="The path to the topic key in its answer.")
    timeout: Positive = Field(default=5_000, description="How long one answer may take.")
    patience: Positive = Field(
        default=30_000,
        description="How long it is asked again for one topic while it answers 2xx without a key, 408, 425, 429 or 5xx, or "
        "not at all; then the outcome is `unmapped`. Any other 4xx is a no, at once.",
    )


class RetentionSettings(Section):
    """How long the service's own topics keep records. They may hold personal data: the events', and the contexts'."""

    triggers: Positive = Field(default=7 * 86_400_000, description="The triggers topic.")
    ledger: Positive = Field(
        default=8 * 86_400_000, description="The ledger. Must be longer than that of the triggers."
    )
    results: Positive = Field(default=30 * 86_400_000, description="The results topic.")
    dead_letters: Positive = Field(default=30 * 86_400_000, description="The dead letters.")


class TopicsSettings(Section):
    """The service's own topics."""

    create: Switch = Field(
        default=True, description="Make the topics that don't exist at start-up. They are checked always."
    )
    partitions: Annotated[Whole, Field(ge=1, le=10_000)] = Field(
        default=12,
        description="Partitions of the triggers and the ledger topic: the most replicas that can share the work. "
        "Must not be changed later: it decides where a trigger is looked for.",
    )
    replication: Annotated[Whole, Field(ge=1, le=32_767)] = Field(
        default=3,
        description="Replicas of each own topic. With 1, a lost disk loses what was called: for a laptop only.",
    )
    retention: RetentionSettings = Field(default_factory=RetentionSettings, description="How long records are kept.")
    max_message_bytes: Annotated[Whole, Field(ge=65_536, le=2**31 - 1)] = Field(
        default=1_048_588,
        description="The largest record of the own topics, in bytes. A trigger above it is `rejected`.",
    )


class HttpSettings(Section):
    """The port for health and metrics."""

    host: Text = Field(default="0.0.0.0", description="The address to listen at.")  # noqa: S104 - a pod is scraped from outside
    port: Annotated[Whole, Field(ge=0, le=65_535)] = Field(
        default=8080, description="The port of `/livez`, `/readyz` and `/metrics`; 0 takes any that is free."
    )


class LogSettings(Section):
    """What is written to the log, as JSON lines on the standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least severe that is written."
    )


class Settings(Section):
    """All settings of the service."""

    name: ServiceName = Field(
        default="bridge",
        description="Consumer groups and own topics begin with it. A different name is a different service that remembers nothing.",
    )
    mode: Literal["live", "shadow"] = Field(
        default="live", description="`shadow`: decide and count, never call. For the first day."
    )
    kafka: KafkaSettings = Field(default_factory=KafkaSettings)
    vendor: VendorSettings = Field(default_factory=VendorSettings)
    brands: dict[BrandName, BrandSettings] = Field(
        default_factory=dict, description="The brands that routes may call, by name."
    )
    budget: BudgetSettings = Field(default_factory=BudgetSettings)
    dispatch: DispatchSettings = Field(default_factory=DispatchSettings)
    reconcile: ReconcileSettings = Field(default_factory=ReconcileSettings)
    provisioner: ProvisionerSettings | None = Field(
        default=None, description="Who makes topics that are missing. Without it their outcome is `unmapped`."
    )
    registry: RegistrySettings | None = Field(
        default=None, description="The schema registry. Needed by sources in avro, protobuf and json-schema."
    )
    topics: TopicsSettings = Field(default_factory=TopicsSettings)
    http: HttpSettings = Field(default_factory=HttpSettings)
    log: LogSettings = Field(default_factory=LogSettings)
    tracing: TracingSettings = Field(default_factory=TracingSettings)
