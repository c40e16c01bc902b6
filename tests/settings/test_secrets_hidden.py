"""No secret is shown by settings that are wrong, by settings that are shown, or by anybody who asks for help."""

import os
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from canary import CANARY, no_leaks
from cli.calling import Ended, call
from service.story import TEAMS_CSV, table
from settings.full import filled, full_settings, replaced, secret_settings, shape_of, with_oauth

from bridge.cli import app
from bridge.configfile import ConfigError, without_places
from bridge.settings import Settings, load_with_origins, settings_of
from bridge.settings.renewing import RENEWED, renewal

KNOWN = set(secret_settings())
DOCUMENTS = {"password": full_settings(), "oauth": with_oauth()}
SECRETS = sorted({(name, path) for name, document in DOCUMENTS.items() for path in filled(document)})


def loaded(data: Any) -> Settings:
    return settings_of(without_places(data), {})


def test_no_secret_setting_is_forgotten_here() -> None:
    """A new one must be put into `settings.full`, and `bridge.settings.renewing` must say whether it may be rotated."""
    covered = {shape_of(path, KNOWN) for _, path in SECRETS}
    assert covered | {("kafka", "security", "tls", "key_password")} == KNOWN
    assert {path for path in KNOWN if not any(path[: len(one)] == one for one in RENEWED)} == set()


def spoilt() -> Iterator[tuple[str, Any]]:
    """Ways in which a person gets a secret wrong, with what then stands in the file."""
    secret = CANARY.in_secret("x")
    yield "broken over lines", f"{secret}\n{secret}\n"
    yield "with blanks", f" {secret} {secret} "
    yield "in a list", [secret]
    yield "in a mapping", {"value": secret}
    yield "with a sign that is not ASCII", f"{secret}ü\0"
    yield "a number beside it", 12345
    yield "nothing", None
    yield "half a reference", f"{secret}${{{secret} x"
    yield "no reference", f"${{{secret} x}}"


CASES = [
    pytest.param(name, path, value, id=f"{'.'.join(path)} {what}") for name, path in SECRETS for what, value in spoilt()
]


@pytest.mark.parametrize(("name", "path", "value"), CASES)
def test_settings_that_are_wrong_do_not_show_what_stands_there(
    name: str, path: tuple[str, ...], value: Any, tmp_path: Path
) -> None:
    file = tmp_path / "bridge.yaml"
    for at in (path, (*path[:-1], f"{path[-1]}x")):
        file.write_bytes(orjson.dumps(replaced(DOCUMENTS[name], at, value)))
        no_leaks(CANARY.found_in("complaints", complaints(file, {})))


BROKEN: list[Callable[[str], str]] = [
    lambda text: text.replace('"brands":', '"brands"'),
    lambda text: text.replace(CANARY.word, f'{CANARY.word}"', 1),
    lambda text: text.replace(CANARY.word, f"{CANARY.word}\\q", 1),
    lambda text: text.replace(CANARY.word, f"{CANARY.word}\x01", 1),
    lambda text: text.replace(CANARY.word, f"{CANARY.word}\\ud800", 1),
    lambda text: text.replace(CANARY.word, f"${{{CANARY.word} }}", 1),
    lambda text: text[: text.index(CANARY.word) + len(CANARY.word)],
]


@pytest.mark.parametrize("spoil", BROKEN)
def test_what_verbs_say_of_wrong_files_does_not_show_what_stands_in_them(
    spoil: Callable[[str], str], tmp_path: Path
) -> None:
    text = spoil(orjson.dumps(full_settings(), option=orjson.OPT_INDENT_2).decode())
    (tmp_path / "bridge.yaml").write_text(text)
    (tmp_path / "teams.csv").write_text(TEAMS_CSV)
    (tmp_path / "routes.yaml").write_bytes(orjson.dumps(table("matches")))
    config = ("--config", tmp_path / "bridge.yaml")
    routes = ("--routes", tmp_path / "routes.yaml")
    for words in (
        ("config", "show", *config),
        ("run", *config, *routes),
        ("holds", *config),
        *(("check", *config, *routes, "--format", form) for form in ("text", "json", "sarif", "github")),
    ):
        ended = call(*words)
        assert ended.code == (1 if words[0] == "check" else 2)
        no_leaks(shown_by(ended))


@pytest.mark.parametrize(("name", "path"), SECRETS)
def test_variables_that_are_wrong_do_not_show_what_stands_in_them(
    name: str, path: tuple[str, ...], tmp_path: Path
) -> None:
    file = tmp_path / "bridge.yaml"
    file.write_bytes(orjson.dumps(DOCUMENTS[name]))
    secret = CANARY.in_secret("x")
    values = (
        secret,
        f"{secret} {secret}",
        f'{{"a": "{secret}',
        f'["{CANARY.word}"]',
        f'{{"a": "{CANARY.word}"}}',
        f'{{"api_key": ["{CANARY.word}"]}}',
    )
    for variable in ("__".join(path), "__".join((*path, "more")), f"{path[0]}__{path[1]}", f"_{path[0]}"):
        for value in values:
            no_leaks(CANARY.found_in(variable, complaints(file, {f"BRIDGE_{variable.upper()}": value})))


def complaints(file: Path, environ: dict[str, str]) -> str:
    """All that is said of wrong settings, also by a traceback; nothing where they are right."""
    try:
        load_with_origins(file, environ)
    except ConfigError as error:
        return "".join(traceback.format_exception(error)) + repr(error.problems)
    return ""


def shown_by(ended: Ended) -> list[str]:
    return CANARY.found_in("output", ended.said) + CANARY.found_in("complaint", ended.complaint)


def test_help_and_usage_of_every_verb_show_nothing_of_the_environment() -> None:
    environ = {
        f"BRIDGE_{'__'.join(path).upper()}": CANARY.in_secret("x")
        for document in DOCUMENTS.values()
        for path in filled(document)
    }
    verbs = [command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands]
    assert {"run", "audit", "resend"} <= set(verbs)
    for words in [["--help"], *([verb, "--help"] for verb in verbs), *([verb, "--no-such-option"] for verb in verbs)]:
        ended = call(*words, env=environ)
        assert ended.code == (0 if words[-1] == "--help" else 2)
        no_leaks(shown_by(ended))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_settings_that_are_right_show_themselves_and_no_secret(name: str, tmp_path: Path) -> None:
    file = tmp_path / "bridge.yaml"
    file.write_bytes(orjson.dumps(DOCUMENTS[name]))
    found = load_with_origins(file, os.environ)
    old = loaded(replaced(DOCUMENTS[name], ("brands", "acme", "api_key"), "before"))
    for shown in (repr(found.settings), str(found.settings), repr(renewal(old, found.settings))):
        no_leaks(CANARY.found_in("repr", shown))
    for form in ("yaml", "json"):
        ended = call("config", "show", "--config", file, "--format", form)
        assert ended.code == 0
        assert ended.said.count("**********") == len(list(filled(DOCUMENTS[name])))
        no_leaks(shown_by(ended))
