"""Stage 1: from source topics to triggers and dead letters."""

from bridge.intake.awaiting import KnownSchemas
from bridge.intake.deadletters import dead_letter
from bridge.intake.stage import Intake

__all__ = ["Intake", "KnownSchemas", "dead_letter"]
