"""Routing tables and settings of verbs that need them whole: what is wrong with either ends the process with 2."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import typer

from bridge.cli.connecting import connected
from bridge.configfile import ConfigError
from bridge.kafka import Connection
from bridge.kafka.archive import Archive
from bridge.kafka.rights import recorded
from bridge.reloading.lookups import TopicLookups
from bridge.routing import Table, load_table
from bridge.routing.live import Live, LiveEntries
from bridge.routing.places import Places
from bridge.settings import Settings, load_settings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A table, and where its files say what."""

    table: Table
    places: Places


def loaded(path: Path, live: Live = LiveEntries) -> Loaded:
    """The table at `path`. `live` gives the entries of lookups that come from topics: by default there are none."""
    return _or_2(lambda: Loaded(load_table(path, os.environ, live=live), Places.of(path, os.environ)))


def with_topics(*paths: Path, config: Path | None) -> list[Loaded]:
    """The tables at these paths, with what is in the topics of their lookups now: only then Kafka is asked."""
    topics = TopicLookups()
    tables = [loaded(path, topics.entries) for path in paths]
    lookups = [lookup for one in tables for lookup in one.table.lookups if lookup.origin is not None]
    names = sorted({lookup.origin.topic for lookup in lookups if lookup.origin is not None})

    async def read(_: Settings, connection: Connection) -> None:
        async with Archive(connection) as archive:  # which does not wait for ever
            await archive.snapshots(*names)
        await topics.read(lookups, connection)

    if lookups:
        connected(config, read, lambda _: [right for name in names for right in recorded(name)])
    return tables


def settings_of(config: Path | None) -> Settings:
    """The settings of the file, or of the environment alone."""
    return _or_2(lambda: load_settings(config, os.environ))


def _or_2(load: Callable[[], T]) -> T:
    try:
        return load()
    except ConfigError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
