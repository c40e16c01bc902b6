"""What no single setting can tell: how they fit together."""

from collections.abc import Iterator

from bridge.configfile import Path_
from bridge.durations import format_duration as written
from bridge.kafka.connection import least_request_timeout
from bridge.settings.kafka import KafkaSettings
from bridge.settings.kinds import plain_elsewhere
from bridge.settings.model import Settings
from bridge.settings.securing import security_misfits


def misfits(settings: Settings) -> Iterator[tuple[Path_, str]]:
    """The path of each setting that does not fit the others, and why."""
    yield from _draining(settings)
    yield from _following(settings)
    yield from _timeouts(settings.kafka)
    yield from security_misfits(settings.kafka)
    if settings.topics.retention.ledger <= settings.topics.retention.triggers:
        yield (
            ("topics", "retention", "ledger"),
            (
                f"must be longer than topics.retention.triggers ({written(settings.topics.retention.triggers)}): "
                "a trigger that the ledger has forgotten could be called again"
            ),
        )
    if settings.budget.strict and settings.budget.redis_url is None:
        yield ("budget", "strict"), "has no meaning without budget.redis_url: remove it"
    tracing = settings.tracing
    if tracing.headers and tracing.endpoint is not None and plain_elsewhere(tracing.endpoint):
        yield (
            ("tracing", "endpoint"),
            "must begin with https: tracing.headers would travel unencrypted (http is for loopback addresses, or without them)",
        )


def _draining(settings: Settings) -> Iterator[tuple[Path_, str]]:
    drain = settings.dispatch.drain_timeout
    if drain <= settings.vendor.timeout:
        yield (
            ("dispatch", "drain_timeout"),
            f"must be longer than vendor.timeout ({written(settings.vendor.timeout)}), or stopping cuts calls off",
        )


def _timeouts(kafka: KafkaSettings) -> Iterator[tuple[Path_, str]]:
    rebalance = written(kafka.rebalance_timeout)
    if kafka.rebalance_timeout < kafka.session_timeout:
        yield (
            ("kafka", "rebalance_timeout"),
            f"must not be shorter than kafka.session_timeout ({written(kafka.session_timeout)})",
        )
    if kafka.max_poll_interval <= kafka.rebalance_timeout:
        yield (
            ("kafka", "max_poll_interval"),
            f"must be longer than kafka.rebalance_timeout ({rebalance}), or a replica that waits for a write leaves its group",
        )
    least = least_request_timeout(kafka.rebalance_timeout)
    if kafka.request_timeout is not None and kafka.request_timeout < least:
        yield (
            ("kafka", "request_timeout"),
            f"must be at least {written(least)}: joining a group takes up to kafka.rebalance_timeout ({rebalance})",
        )


def _following(settings: Settings) -> Iterator[tuple[Path_, str]]:
    for name in ("first_poll", "max_interval", "grace_404"):
        if getattr(settings.reconcile, name) >= settings.reconcile.deadline:
            yield (
                ("reconcile", name),
                f"must be shorter than reconcile.deadline ({written(settings.reconcile.deadline)})",
            )
    follow, deadline, kept = (
        settings.reconcile.follow_unresolved,
        settings.reconcile.deadline,
        settings.topics.retention.ledger,
    )
    if follow < deadline:
        yield (
            ("reconcile", "follow_unresolved"),
            f"must not be shorter than reconcile.deadline ({written(deadline)}): only then an execution is unresolved",
        )
    if follow >= kept:
        yield (
            ("reconcile", "follow_unresolved"),
            f"must be shorter than topics.retention.ledger ({written(kept)}), where its trigger is known",
        )
