"""`bridge config`: the settings, as the service understands them."""

import json
import os
import sys
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

import typer
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from bridge.cli.check import Config
from bridge.configfile import ConfigError, Path_
from bridge.configfile.validation import dotted
from bridge.settings import load_with_origins
from bridge.settings.showing import origins, shown

config = typer.Typer(name="config", help="The settings, as the service understands them.", no_args_is_help=True)

_COMMENTS_AT = 60
_LONGEST_LINE = 1_000


class Format(StrEnum):
    """How the settings are printed."""

    YAML = "yaml"
    JSON = "json"


@config.command()
def show(
    path: Config = None,
    form: Annotated[
        Format, typer.Option("--format", help="YAML with a comment on each value, or both as JSON.")
    ] = Format.YAML,
) -> None:
    """Print every setting with the value that it has: from a variable, from the file, or by default. Secrets are `**********`.

    Nothing but files and the environment is looked at: a service that runs may still have older values.

    Ends with 0, or with 2 when the settings are wrong.
    """
    try:
        loaded = load_with_origins(path, os.environ)
    except ConfigError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    values, where = shown(loaded.settings), origins(loaded)
    if form is Format.JSON:
        origin_of = {dotted(at): origin for at, origin in where.items()}
        print(json.dumps({"settings": values, "origins": origin_of}, indent=2, ensure_ascii=False))
        return
    yaml = YAML()
    yaml.width = _LONGEST_LINE
    yaml.dump(_commented(values, where, ()), sys.stdout)


def _commented(node: Mapping[str, Any], where: Mapping[Path_, str], path: Path_) -> CommentedMap:
    made = CommentedMap()
    for name, value in node.items():
        at = (*path, name)
        if at in where:
            made[name] = value
            made.yaml_add_eol_comment(where[at], name, column=_COMMENTS_AT)
        else:
            made[name] = _commented(value, where, at)
    return made
