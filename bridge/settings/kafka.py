"""The settings of the connection to Kafka."""

from typing import Annotated, Literal, get_args

from pydantic import Field

from bridge.kafka.security import Mechanism, Protocol
from bridge.settings.kinds import ClientId, Duration, Kind, Password, Servers, Text, Url, Whole
from bridge.settings.section import Positive, Section


class TlsSettings(Section):
    """Certificates, as PEM files. The broker's certificate and host name are checked always."""

    ca_file: Annotated[Text | None, Kind("text")] = Field(
        default=None,
        description="The certificate authorities that may have signed the brokers' certificates. Without it those of the system.",
    )
    cert_file: Annotated[Text | None, Kind("text")] = Field(
        default=None, description="Our own certificate (and what leads from it to its authority), for mutual TLS."
    )
    key_file: Annotated[Text | None, Kind("text")] = Field(
        default=None, description="The key of that certificate. Without it, it is looked for in `cert_file`."
    )
    key_password: Annotated[Password | None, Kind("secret")] = Field(
        default=None, description="What that key is encrypted with."
    )


class OAuthSettings(Section):
    """OAUTHBEARER: a token is fetched by client credentials (RFC 6749, 4.4), and replaced before it expires."""

    token_url: Url = Field(
        description="The authorization server's token endpoint. https, except for a loopback address. Redirects are not followed."
    )
    client_id: Text = Field(description="The client id that it knows.")
    client_secret: Password = Field(
        description="Its secret. Best from a mounted file: `${file:/etc/bridge/kafka/secret}`."
    )
    scope: Annotated[Text | None, Kind("text")] = Field(
        default=None, description="What is asked for, where the server wants that said."
    )
    extensions: Annotated[dict[Text, Text], Kind("texts by name")] = Field(
        default={},
        description="SASL extensions that the brokers want, as `logicalCluster` and `identityPoolId` at Confluent.",
    )
    ca_file: Annotated[Text | None, Kind("text")] = Field(
        default=None,
        description="The certificate authorities that may have signed its certificate. Without it those of the system.",
    )
    timeout: Positive = Field(default=10_000, description="How long its answer may take.")


class SecuritySettings(Section):
    """How the connection to Kafka is secured ([kafka-security.md](../kafka-security.md))."""

    protocol: Protocol = Field(
        default="PLAINTEXT",
        description="What the listener speaks: `SSL` and `SASL_SSL` are encrypted. With `SASL_PLAINTEXT` only SCRAM is allowed, "
        "except for a loopback address.",
    )
    sasl_mechanism: Annotated[Mechanism | None, Kind(", ".join(f"`{one}`" for one in get_args(Mechanism)))] = Field(
        default=None, description="How we prove who we are, with `SASL_SSL` and `SASL_PLAINTEXT`."
    )
    username: Annotated[Text | None, Kind("text")] = Field(default=None, description="For PLAIN and SCRAM.")
    password: Annotated[Password | None, Kind("secret")] = Field(
        default=None, description="For PLAIN and SCRAM. Best from a mounted file: `${file:/etc/bridge/kafka/password}`."
    )
    tls: TlsSettings = Field(default_factory=TlsSettings)
    oauth: OAuthSettings | None = Field(default=None, description="For OAUTHBEARER.")


class FetchSettings(Section):
    """How much is read at a time."""

    max_bytes: Annotated[Whole, Field(ge=1_024, le=2**31 - 1)] = Field(
        default=52_428_800, description="Most bytes of one answer of a broker. A single larger batch still comes."
    )
    max_partition_bytes: Annotated[Whole, Field(ge=1_024, le=2**31 - 1)] = Field(
        default=1_048_576,
        description="Most bytes of one partition in it. A replica that restores its ledger takes 4 MiB at least.",
    )
    max_wait: Annotated[Duration, Field(ge=10, le=30_000)] = Field(
        default=500, description="How long a broker waits for a first record; it answers as soon as there is one."
    )


class KafkaSettings(Section):
    """How Kafka is reached."""

    bootstrap_servers: Servers = Field(
        default="localhost:9092", description="Brokers to begin with, `host:port`, with commas between."
    )
    client_id: Annotated[ClientId | None, Kind("text")] = Field(
        default=None,
        description="What brokers call the clients in quotas, logs and metrics, the same for every replica. Without it `NAME-` and a "
        "part of the replica's own name.",
    )
    session_timeout: Annotated[Duration, Field(ge=1_000, le=1_800_000)] = Field(
        default=10_000,
        description="After this long without a heartbeat a replica is out of its group, and others take its work over. "
        "Short is good: safety does not depend on it, and after a crash its work waits this long. Brokers refuse less than their "
        "`group.min.session.timeout.ms` (6 s).",
    )
    rebalance_timeout: Positive = Field(
        default=60_000,
        description="How long the group waits for its members to come forward when it shares the partitions anew. What they have goes on "
        "meanwhile. So long may a write to Kafka take, too, before a replica ends.",
    )
    max_poll_interval: Positive = Field(
        default=300_000,
        description="A replica whose loop reads nothing for this long, though its heartbeats go on, leaves its group. "
        "Must be longer than `kafka.rebalance_timeout`, for which a loop may rightly wait for a write.",
    )
    request_timeout: Annotated[Duration | None, Kind("duration")] = Field(
        default=None,
        description="How long a broker's answer may take before the connection is given up. Without it `kafka.rebalance_timeout` and "
        "10 s, at least 30 s; it must not be less than the first of these, since joining a group takes so long.",
    )
    metadata_max_age: Annotated[Duration, Field(ge=100, le=3_600_000)] = Field(
        default=30_000, description="How soon at the latest a new topic, partition or broker is noticed."
    )
    fetch: FetchSettings = Field(default_factory=FetchSettings)
    compression: Literal["none", "gzip", "snappy", "lz4", "zstd"] = Field(
        default="none",
        description="Of what is written to the own topics, where the topic's `compression.type` is `producer`. Sources may be compressed in "
        "any of these ways.",
    )
    security: SecuritySettings = Field(default_factory=SecuritySettings)
