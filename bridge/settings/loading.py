"""bridge.yaml and the environment -> Settings, with every mistake placed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict, SettingsError

from bridge.configfile import ConfigError, Document, Path_, Problem, load, placed, problems_of, without_places
from bridge.configfile.loading import UnreadPartsError
from bridge.configfile.validation import did_you_mean
from bridge.settings.checks import misfits
from bridge.settings.model import Settings
from bridge.settings.renewing import named_files

_PREFIX = "BRIDGE_"
_BETWEEN = "__"


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, and where they came from. `overrides`: what each environment variable sets, as nested mappings, and its name."""

    settings: Settings
    document: Document
    overrides: Sequence[tuple[Mapping[str, Any], str]]

    @property
    def files(self) -> frozenset[Path]:
        """All that was read for them: when one of these changes, they may have changed."""
        own = {Path(self.document.file)} if self.document.file else set()
        return self.document.secrets | own | set(named_files(self.settings).values())

    def origin(self, path: Path_) -> str:
        """Where the value at `path` comes from: a variable, a place in the file, or `default`."""
        for values, variable in self.overrides[::-1]:
            if _holds(values, path):
                return variable
        return str(self.document.place(path)) if _holds(self.document.data, path) else "default"


def load_settings(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """The settings of a file (none: the defaults), overridden by the environment. Raises ConfigError with every problem."""
    return load_with_origins(path, environ).settings


def load_with_origins(path: Path | None, environ: Mapping[str, str]) -> Loaded:
    """As `load_settings`, and where each came from.

    An override is a variable named `BRIDGE_SECTION__SETTING`, for a setting outside of all sections `BRIDGE__SETTING`.
    Names without a double underscore are not looked at: Kubernetes sets BRIDGE_PORT for a service named bridge.
    """
    try:
        document = without_places({}) if path is None else load(path, environ)
    except UnreadPartsError as unread:
        try:
            _loaded(unread.document, environ)
        except ConfigError as error:
            raise unread.with_what_else(error.problems) from None
        raise
    return _loaded(document, environ)


def settings_of(document: Document, environ: Mapping[str, str]) -> Settings:
    """As `load_settings`, of a file that was read already."""
    return _loaded(document, environ).settings


def _loaded(document: Document, environ: Mapping[str, str]) -> Loaded:
    data = {} if document.data is None else document.data
    if not isinstance(data, dict):
        raise ConfigError([placed("must be a mapping (key: value)", (), document)])
    overrides, problems = _overrides(environ)
    for values, _ in overrides.values():
        data = _merged(data, values)
    variables = {path: variable for path, (_, variable) in overrides.items()}
    try:
        settings = Settings.model_validate(data)
    except ValidationError as error:
        problems += problems_of(error, document, Settings, overrides=variables)
        # Not chained: a traceback of pydantic's would show what was refused, and that may be a key.
        raise ConfigError(problems) from None
    problems += [placed(message, path, document, variables) for path, message in misfits(settings)]
    if problems:
        raise ConfigError(problems)
    return Loaded(settings, document, tuple(overrides.values()))


def _holds(data: Any, path: Path_) -> bool:
    for part in path:
        if not isinstance(data, Mapping) or part not in data:
            return False
        data = data[part]
    return True


class _Variables(Settings, BaseSettings):
    """Settings as pydantic-settings reads variables for them. Never instantiated: files and variables are merged first."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, env_nested_delimiter=_BETWEEN)


def _overrides(environ: Mapping[str, str]) -> tuple[dict[Path_, tuple[dict[str, Any], str]], list[Problem]]:
    """By path: what a variable sets, as nested mappings, and its name. An empty variable counts as unset."""
    found: dict[Path_, tuple[dict[str, Any], str]] = {}
    problems: list[Problem] = []
    for variable, value in sorted(environ.items()):
        rest = variable.removeprefix(_PREFIX)
        if rest == variable or _BETWEEN not in variable or not value:
            continue
        rest = rest.removeprefix("_")
        path: Path_ = tuple(rest.lower().split(_BETWEEN))
        values = _values(_PREFIX + rest, value)
        if values:
            found[path] = (values, variable)
        else:
            suggestion = did_you_mean(str(path[0]), Settings.model_fields)
            problems.append(Problem(f"{variable}: unknown setting{suggestion}", None))
    return found, problems


def _values(variable: str, value: str) -> dict[str, Any]:
    """What one variable sets; nothing when there is no such setting. One at a time, so that each mistake has its variable."""
    source = EnvSettingsSource(_Variables)
    source.env_vars = {variable.lower(): None if value == "null" else value}
    try:
        return source()
    except SettingsError:  # a whole section that is no JSON: what it should be is the model's to say
        return {variable.removeprefix(_PREFIX).lower(): value}


def _merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = _merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged
