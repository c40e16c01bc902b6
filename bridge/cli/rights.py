"""`bridge rights`."""

from typing import Annotated

import typer

from bridge.cli.check import Config, Routes
from bridge.cli.tables import loaded, settings_of
from bridge.kafka.rights import VERBS, commands, rights_of


def rights(
    routes: Routes,
    config: Config = None,
    principal: Annotated[str, typer.Option(help="Who is to get them, as Kafka names it: User:NAME.")] = "User:bridge",
    verb: Annotated[str, typer.Option(help=f"For which verb: {', '.join(VERBS)}.")] = "run",
) -> None:
    """Print what grants the rights that the service, or a verb, needs at Kafka: kafka-acls commands for your names.

    Kafka is not asked.
    """
    if verb not in VERBS:
        raise typer.BadParameter(f"{verb} needs none, or is no verb: {', '.join(VERBS)}", param_hint="--verb")
    settings, table = settings_of(config), loaded(routes).table
    sources = {source.topic for source in table.sources.values()}
    lookups = {lookup.origin.topic for lookup in table.lookups if lookup.origin is not None}
    needed = rights_of(verb, settings.name, sources, lookups, create=settings.topics.create)
    print("\n".join(commands(needed, principal, settings.kafka.bootstrap_servers)))
