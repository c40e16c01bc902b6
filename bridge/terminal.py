"""Printing for people: on a terminal, or into a file or a pipe."""

from rich.console import Console

# Where nobody's window bounds a line.
_WIDE = 240


def console() -> Console:
    """The standard output. Lines are broken for a terminal only."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=_WIDE)


def plain(text: str) -> str:
    """The text without anything that a terminal would obey: an event id may hold any letters."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
