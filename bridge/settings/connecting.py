"""What the settings say of the connection to Kafka."""

from bridge.kafka.connection import Connection
from bridge.kafka.credentials import Credentials
from bridge.settings.model import Settings
from bridge.settings.securing import security_of


def connection_of(settings: Settings, member: str, *, patient: bool = True) -> Connection:
    """How this process reaches Kafka. `member`: what its client id ends with, where `kafka.client_id` is not set.

    Raises BadCredentials when a certificate can't be read any more that could be when the settings were loaded.
    """
    kafka = settings.kafka
    return Connection(
        bootstrap_servers=kafka.bootstrap_servers,
        client_id=kafka.client_id or f"{settings.name}-{member}",
        session_timeout=kafka.session_timeout,
        rebalance_timeout=kafka.rebalance_timeout,
        max_poll_interval=kafka.max_poll_interval,
        request_timeout=kafka.request_timeout,
        metadata_max_age=kafka.metadata_max_age,
        fetch_max_bytes=kafka.fetch.max_bytes,
        fetch_partition_bytes=kafka.fetch.max_partition_bytes,
        fetch_max_wait=kafka.fetch.max_wait,
        compression=None if kafka.compression == "none" else kafka.compression,
        patient=patient,
        credentials=Credentials(security_of(kafka.security)),
    )
