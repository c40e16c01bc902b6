"""What decides a trigger's id and partition must not change unnoticed: its fingerprint stands in the control topic.

With another fingerprint the same event would make another id, or lie in another partition, and be called again.
"""

from collections.abc import Awaitable, Callable, Mapping

from bridge.errors import StartupRefused

Write = Callable[[str, bytes | None], Awaitable[None]]

_PREFIX = "route/"
_PARTITIONS = "partitions"


class Identity:
    """The fingerprints in the control topic, as far as it was read."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._known: dict[str, str] = {}

    def learn(self, key: str, value: bytes | None) -> None:
        """A record of the control topic. Those that are no fingerprints are somebody else's."""
        if key.startswith(_PREFIX) or key == _PARTITIONS:
            if value is None:
                self._known.pop(key, None)
            else:
                self._known[key] = value.decode("utf-8", "replace")

    async def confirm(self, routes: Mapping[str, str], partitions: int, *, accept_forgetting: bool) -> None:
        """Compare with what was in force before, and write down what is new.

        Raises StartupRefused when something changed and nobody accepted that past events may be called again.
        """
        wanted = {f"{_PREFIX}{name}": fingerprint for name, fingerprint in routes.items()}
        wanted[_PARTITIONS] = str(partitions)
        changed = sorted(key for key, value in wanted.items() if self._known.get(key, value) != value)
        if changed and not accept_forgetting:
            raise StartupRefused(
                f"{', '.join(changed)}: what decides the ids or the partitions of triggers has changed (brand, event_id, "
                "dedup_key, order_by, supersede_by, topic_key, lookup names, topics.partitions). Events that were called "
                "already would be new to the ledger, and called again when they are read again. Give a changed route a new name, or "
                "start once with --accept-forgetting"
            )
        for key, value in wanted.items():
            if self._known.get(key) != value:
                await self._write(key, value.encode())
