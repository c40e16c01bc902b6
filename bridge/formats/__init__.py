"""How source records are encoded: a module for each format, none of which does any I/O."""

from bridge.formats.decoding import decode

__all__ = ["decode"]
