"""How source records are encoded: a module for each format, none of which does any I/O."""

from bridge.formats.decoding import decode
from bridge.formats.schemas import NO_SCHEMAS, REGISTERED, NoSchemas, Schemas

__all__ = ["NO_SCHEMAS", "REGISTERED", "NoSchemas", "Schemas", "decode"]
