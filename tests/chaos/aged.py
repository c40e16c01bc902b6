"""A ledger that already holds a day."""

from pathlib import Path


async def fill(folder: Path, count: int) -> None:
    """Write it."""
    raise NotImplementedError
