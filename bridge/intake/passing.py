"""Records that no route wants, told before anything is made of them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bridge.events import Record
from bridge.formats.bounds import LARGEST_EVENT
from bridge.formats.jsonformat import read_json
from bridge.routing.table import Table
from bridge.routing.unwanted import Unwanted

Left = tuple[Record, dict[str, Any] | None]


class Passing:
    """Of the records of a topic, those that can be passed by: deciding would find an event, and no route for it.

    It only ever saves work: a record that it leaves is decided, whatever that then finds.
    """

    def __init__(self, source: str, unwanted: Unwanted) -> None:
        """`source` reads JSON, and alone reads the topic."""
        self.source = source
        self._unwanted = unwanted

    @classmethod
    def by_topic(cls, table: Table) -> Mapping[str, "Passing"]:
        """For the topics of a table where it can be told."""
        sources = defaultdict(list)
        for source in table.sources.values():
            sources[source.topic].append(source)
        alone = [(topic, one) for topic, (one, *others) in sources.items() if not others and one.format == "json"]
        by_topic = ((topic, one.name, table.unwanted(one.name)) for topic, one in alone)
        return {topic: cls(name, unwanted) for topic, name, unwanted in by_topic if unwanted is not None}

    def left_of(self, records: Sequence[Record]) -> Iterator[Left]:
        """Those that must be decided, in order, each with the JSON object in it, if it could be read: one at a time, for it
        takes many times the memory of the record.
        """
        are_unwanted = self._unwanted.are
        for record in records:  # of nearly every topic, most of what is read ends here
            body, value = None, record.value
            if value is not None and len(value) <= LARGEST_EVENT:
                try:
                    body = read_json(value, "the value")
                    if are_unwanted(body):
                        continue
                except Exception:  # noqa: BLE001 - whatever it is, it is met again where it is told
                    body = None
            yield record, body if isinstance(body, dict) else None
