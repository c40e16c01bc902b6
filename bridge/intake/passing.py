"""Records that no route wants, told before anything is made of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from bridge.events import Record
from bridge.formats.bounds import LARGEST_EVENT
from bridge.formats.jsonformat import read_json
from bridge.routing.table import Table
from bridge.routing.unwanted import Unwanted


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

    def left_of(self, records: Sequence[Record]) -> list[Record]:
        """Those that must be decided, in order."""
        is_unwanted = self._is_unwanted
        return [record for record in records if not is_unwanted(record.value)]

    def _is_unwanted(self, value: bytes | None) -> bool:
        if value is None or len(value) > LARGEST_EVENT:
            return False
        try:
            return self._unwanted.are(read_json(value, "the value"))
        except Exception:  # noqa: BLE001 - whatever it is, it is met again where it is told
            return False
