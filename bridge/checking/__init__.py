"""What `bridge check` found, for people and for machines. Judges nothing."""

from bridge.checking.report import Report
from bridge.checking.writing import Format, written

__all__ = ["Format", "Report", "written"]
