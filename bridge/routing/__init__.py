"""From an event to decisions, by a table that a team writes. Pure: no I/O once the table is read, and no clock."""

from bridge.routing.loading import load_table
from bridge.routing.routes import Generator, Route, SourceConfig
from bridge.routing.table import Decided, Table

__all__ = ["Decided", "Generator", "Route", "SourceConfig", "Table", "load_table"]
