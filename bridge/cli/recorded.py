"""Options of verbs that take recorded events."""

from typing import Annotated

import typer

Envelope = Annotated[
    bool,
    typer.Option(
        "--envelope",
        help="Each event stands in an envelope, with what came around it: "
        '{"value": {...}, "key": ..., "headers": {...}, "timestamp": ..., "topic": ...}, or as `kcat -J` writes it.',
    ),
]
SourceName = Annotated[
    str | None,
    typer.Option(
        "--source",
        help="The source that the events are of, where neither their topic nor the table says it.",
        show_default=False,
    ),
]
