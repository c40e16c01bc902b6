"""Spans of time on the command line: what `--from` and `--to` mean, everywhere."""

from typing import Annotated

import typer

from bridge.durations import format_instant, parse_moment

From = Annotated[
    str,
    typer.Option("--from", help="An RFC 3339 time with a zone, or a duration back from now, as in 2h."),
]
To = Annotated[str, typer.Option("--to", help="As --from, not included.")]


def span(start: str, end: str, now: int) -> tuple[int, int]:
    """Both, in milliseconds since 1970 UTC; what would come after now ends now."""
    try:
        first, last = parse_moment(start, now), parse_moment(end, now)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    if first >= last:
        raise typer.BadParameter(f"--from ({format_instant(first)}) must be before --to ({format_instant(last)})")
    return first, min(last, now)
