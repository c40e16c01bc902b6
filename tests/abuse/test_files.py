"""Files that harm whoever reads them: settings, tables, lookups, secrets and schemas."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from routing.tables import TABLE, event, problems, reason, spoiled, write
from routing.test_agreed import AGREED, SCHEMA, agreed, changed, found

from bridge.configfile import ConfigError, load, parse
from bridge.routing import load_table

SOURCE = "    topic: sports.match-events\n"


def complaint(read: Callable[[], object]) -> str:
    with pytest.raises(ConfigError) as refused:
        read()
    return "\n".join(map(str, refused.value.problems))


def secret(name: str) -> str:
    return complaint(lambda: parse(f'key: "${{file:{name}}}"', "f", {}))


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system [id]", "!!binary aGk=", "!mine {}", "!!set {a}"])
def test_a_yaml_tag_makes_nothing(tag: str) -> None:
    assert "tags are not supported" in complaint(lambda: parse(f"a: {tag}", "f", {}))


def test_aliases_of_aliases_of_aliases_end_before_they_fill_the_memory() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    assert "with every alias written out" in complaint(lambda: parse("\n".join(lines), "f", {}))


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 100_000, "- " * 100_000, "? " * 50_000])
def test_yaml_that_is_nested_without_end_is_told(text: str) -> None:
    assert "nested deeper" in complaint(lambda: parse(text, "f", {}))


def test_a_key_that_is_there_twice_does_not_hide_the_first() -> None:
    assert "already set in line 1" in complaint(lambda: parse("mode: shadow\nmode: live\n", "f", {}))


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/random", "/dev/tty", "/proc/self/mem", "/", "/dev"])
def test_a_secret_that_is_a_device_or_a_folder_is_refused(name: str) -> None:
    assert f"can't read the file {name}" in secret(name)


def test_a_secret_that_is_a_pipe_without_a_writer_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "no regular file" in secret(str(tmp_path / "pipe"))


def test_symbolic_links_are_followed_to_files_alone(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s3cret\n")
    for name, target in {"good": "key", "loop": "loop", "zero": "/dev/zero", "folder": "/"}.items():
        (tmp_path / name).symlink_to(target)
    assert parse(f'key: "${{file:{tmp_path}/good}}"', "f", {}).data == {"key": "s3cret"}  # as Kubernetes mounts them
    for name in ("loop", "zero", "folder"):
        assert "can't read the file" in secret(str(tmp_path / name))


@pytest.mark.parametrize("name", ["teams.csv", "teams.json", "teams.yaml", "routes.yaml"])
def test_a_table_or_a_lookup_that_is_a_pipe_is_not_waited_for(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, spoiled("file: teams.csv, key: team_id, value: topic_key", f"file: {name}"), {})
    (tmp_path / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / name)
    assert "no regular file" in complaint(lambda: load_table(path, {}))


def test_what_a_shell_hands_over_is_read_all_the_same() -> None:
    reading, writing = os.pipe()  # what `<(...)` is
    os.write(writing, b"a: 1")
    os.close(writing)
    assert load(Path(f"/dev/fd/{reading}"), {}).data == {"a": 1}
    os.close(reading)


@pytest.mark.parametrize(
    "content",
    [
        "team_id,topic_key\n" + "x" * 200_000 + ",t\n",
        'team_id,topic_key\n"GER,t\n' + "a,b\n" * 1_000,
        "team_id,topic_key\nGER\x00,t\n\n",
        "team_id,topic_key" + ",x" * 100_000 + "\n",
        "",
    ],
    ids=["a long cell", "an open quote", "NUL", "many columns", "nothing"],
)
def test_an_odd_csv_is_an_error_with_its_place_or_does_no_harm(tmp_path: Path, content: str) -> None:
    for one in problems(tmp_path, TABLE, {"teams.csv": content}):
        assert one.place is not None
        assert one.place.file.endswith(("teams.csv", "routes.yaml"))
        assert len(one.message) < 500


class Listener(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")


@pytest.fixture
def listening() -> Iterator[tuple[str, list[str]]]:
    """A server, and what it was asked for."""
    server = HTTPServer(("127.0.0.1", 0), Listener)
    server.asked = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", server.asked  # type: ignore[attr-defined]
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_schema_that_refers_to_a_server_asks_it_for_nothing(tmp_path: Path, listening: Any) -> None:
    url, asked = listening
    for schema in (changed("minute", **{"$ref": f"{url}/minute.json"}), {**SCHEMA, "$schema": f"{url}/dialect.json"}):
        assert any("error" in line for line in found(tmp_path, schema))
    (tmp_path / "event.json").write_text(json.dumps({"$ref": f"{url}/event.json"}))
    problems(tmp_path, spoiled(SOURCE, SOURCE + "    schema: event.json\n"))
    assert asked == []


def test_a_schema_that_refers_to_a_file_of_the_machine_reads_nothing_of_it(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"const": "s3cret"}')
    for place in (f"file://{tmp_path}/other.json", "other.json", "file:///etc/passwd"):
        lines = found(tmp_path, changed("minute", **{"$ref": place}))
        assert any("can't refer to another file" in line for line in lines)
        assert not any("s3cret" in line or "root:" in line for line in lines)


def test_a_pattern_that_would_go_back_for_ever_takes_linear_time(tmp_path: Path) -> None:
    path = agreed(tmp_path, changed("team_name", type="string", pattern="^(a+)+$"))
    of = load_table(path, {})
    assert "does not match" in reason(of, event(team={"id": "GER", "name": "a" * 500_000 + "!"}))


def test_a_pattern_that_needs_going_back_is_refused(tmp_path: Path) -> None:
    lines = found(tmp_path, changed("team_name", type="string", pattern="(?=(a+))a*b\\1"))
    assert any("look-around" in line for line in lines)


def test_parts_of_an_event_schema_that_refer_to_one_another_by_two_are_looked_at_once(tmp_path: Path) -> None:
    parts = {f"a{n}": {"anyOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(29)} | {"a29": {"type": "object"}}
    (tmp_path / "event.json").write_text(json.dumps({"$ref": "#/$defs/a0", "$defs": parts}))
    assert not any(
        one.severity == "error" for one in problems(tmp_path, spoiled(SOURCE, SOURCE + "    schema: event.json\n"))
    )


@pytest.mark.parametrize("name", ["event.avsc", "event.json"])
def test_an_event_schema_that_is_nested_without_end_is_told(tmp_path: Path, name: str) -> None:
    inner, outer = ('{"type": ', "}") if name.endswith("avsc") else ('{"items": ', "}")
    (tmp_path / name).write_text(inner * 950 + '"string"' + outer * 950)
    found_problems = problems(tmp_path, spoiled(SOURCE, SOURCE + f"    schema: {name}\n"))
    assert any(name in one.message for one in found_problems)


def test_an_avro_record_that_holds_itself_is_read(tmp_path: Path) -> None:
    node = {"type": "record", "name": "Node", "fields": [{"name": "next", "type": "Node"}]}
    (tmp_path / "event.avsc").write_text(json.dumps(node))
    text = spoiled(SOURCE, SOURCE + "    schema: event.avsc\n")
    text = spoiled("event_id: id", "event_id: next.next.next.nope", text)
    assert any("next.next.next.nope is in no event" in one.message for one in problems(tmp_path, text))


def test_a_list_of_which_everything_is_wrong_is_told_by_its_first_mistake(tmp_path: Path) -> None:
    schema = changed("assist", type="array", items={"type": "string"})
    text = spoiled('assist: "{assist.name}"', 'assist: "{assist}"', AGREED)
    of = load_table(agreed(tmp_path, schema, text), {})
    # All of them would be found before the first is told: 10 us each.
    why = reason(of, event(assist=[1] * 300_000))
    assert "of 300000 parts, and by the agreed schema it is not of type" in why
    assert len(why) < 500
