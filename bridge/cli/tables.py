"""Routing tables and settings of verbs that need them whole: what is wrong with either ends the process with 2."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import typer

from bridge.configfile import ConfigError
from bridge.routing import Table, load_table
from bridge.routing.written import Written
from bridge.settings import Settings, load_settings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A table, and where its files say what."""

    table: Table
    written: Written


def loaded(path: Path) -> Loaded:
    """The table at `path`."""
    return _or_2(lambda: Loaded(load_table(path, os.environ), Written.of(path, os.environ)))


def settings_of(config: Path | None) -> Settings:
    """The settings of the file, or of the environment alone."""
    return _or_2(lambda: load_settings(config, os.environ))


def _or_2(load: Callable[[], T]) -> T:
    try:
        return load()
    except ConfigError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
