"""The only place that knows every part: builds them, starts the stages, and ends them in order."""

from bridge.app.replica import Replica, Surroundings
from bridge.app.tables import Tables

__all__ = ["Replica", "Surroundings", "Tables"]
