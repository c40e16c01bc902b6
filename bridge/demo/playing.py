"""Kafka alone, to play with: `bridge kafka`."""

import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from bridge.demo.kafka import EmbeddedKafka
from bridge.errors import BridgeError


def run_kafka(port: int, data: Path | None, announce: Callable[[str], None]) -> None:
    """Serve on `port` of 127.0.0.1 until Ctrl-C or SIGTERM. Without `data` nothing is kept.

    Raises BridgeError when Kafka can't start, or ends by itself.
    """
    signal.signal(signal.SIGTERM, _as_interrupt)
    try:
        with EmbeddedKafka(port=port, data=data, announce=announce) as kafka:
            kept = f"its data stays in {data}" if data else "its data goes when it stops"
            announce(f"Kafka serves at {kafka.bootstrap_servers}; {kept}. Ctrl-C stops it.")
            while kafka.is_running:
                time.sleep(0.2)
            raise BridgeError(
                f"Kafka ended by itself: {kafka.log.read_text(encoding='utf-8', errors='replace')[-2000:]}"
            )
    except KeyboardInterrupt:
        announce("Kafka has stopped.")


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
