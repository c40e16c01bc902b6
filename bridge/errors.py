"""The tree of errors that a person can act on.

BridgeError
 +- ConfigError        a file or a setting is wrong: exit code 2, with every problem placed
 +- StartupRefused     the surroundings are not what safety needs (topics, Kafka's settings): exit code 2
 +- Undecodable        a record is no event: to the dead letters
 |   +- Tombstone          it has no value: a source may pass over these
 +- SchemaNeeded       a record was written by a schema that is not known yet: it waits
 +- KafkaTrouble       Kafka did not do what was asked
 |   +- AppendUncertain    an append's deadline passed: it may have been written
 |   +- LogTruncated       acknowledged records are gone: the process must end
 +- LedgerLost         another replica claimed the partition: nothing may be started
"""

from uuid import UUID


class BridgeError(Exception):
    """Any error of this service; its text says what is wrong, where, and what to do."""


class StartupRefused(BridgeError):
    """The surroundings are not what safety needs; the text says what to do."""


class Undecodable(BridgeError):
    """A record that is no event; the text is the reason that goes to the dead letters."""


class Tombstone(Undecodable):
    """A record without a value, which says that its key is deleted in a compacted topic."""

    def __init__(self) -> None:
        super().__init__("the record has no value (a tombstone)")


class SchemaNeeded(BridgeError):
    """A record was written by a schema that is not known yet: ask the registry, and read the record again then.

    `schema` is the id or the GUID that the record names.
    """

    def __init__(self, schema: int | UUID) -> None:
        super().__init__(f"schema {schema} is not known yet")
        self.schema = schema


class KafkaTrouble(BridgeError):
    """Kafka did not do what was asked."""


class AppendUncertain(KafkaTrouble):
    """The deadline of an append passed: its records may have been written, or may yet be."""


class LogTruncated(KafkaTrouble):
    """Acknowledged records are gone, or an append was refused for good: go on from a fresh process."""


class LedgerLost(BridgeError):
    """Another replica claimed the partition: nothing may be started or committed until a new claim."""
