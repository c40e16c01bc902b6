"""How source records are encoded: a module for each format, none of which does any I/O."""

from bridge.formats.decoding import decode
from bridge.formats.schemas import REGISTERED, NoSchemas, Schemas

__all__ = ["REGISTERED", "NoSchemas", "Schemas", "decode"]
