"""Configuration files: YAML 1.2 with the place of everything, so that every mistake can be shown where it is made."""

from bridge.configfile.document import Document, without_places
from bridge.configfile.files import Noted, noting, read_file
from bridge.configfile.loading import load, parse
from bridge.configfile.problems import ConfigError, Path_, Place, Problem
from bridge.configfile.validation import placed, problems_of

__all__ = [
    "ConfigError",
    "Document",
    "Noted",
    "Path_",
    "Place",
    "Problem",
    "load",
    "noting",
    "parse",
    "placed",
    "problems_of",
    "read_file",
    "without_places",
]
