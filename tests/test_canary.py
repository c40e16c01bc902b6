"""The search for leaked secrets finds what it should: it is what other tests trust."""

import base64
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from canary import CANARY, no_leaks

SECRET = CANARY.in_secret("api")
WAYS: dict[str, Callable[[str], bytes]] = {
    "as it is": str.encode,
    "in JSON": lambda secret: json.dumps({"key": secret}).encode(),
    "in JSON in JSON": lambda secret: json.dumps(json.dumps({"key": secret})).encode(),
    "as Python writes it": lambda secret: repr({"key": secret.encode()}).encode(),
    "in a URL": lambda secret: quote(f"redis://:{secret}@host", safe="").encode(),
    "its beginning": lambda secret: secret[:15].encode(),
    "its end": lambda secret: secret[-18:].encode(),
    "in base64": lambda secret: base64.b64encode(secret.encode()),
    "as basic authentication": lambda secret: base64.b64encode(f"bridge:{secret}".encode()),
    "as SASL PLAIN": lambda secret: base64.b64encode(f"\0user\0{secret}".encode()),
    "in base64 for URLs": lambda secret: base64.urlsafe_b64encode(f"id:{secret}".encode()),
    "in hex": lambda secret: secret.encode().hex().encode(),
    "in hex with capitals": lambda secret: secret.encode().hex().upper().encode(),
    "percent-encoded": lambda secret: "".join(f"%{byte:02X}" for byte in secret.encode()).encode(),
    "backwards": lambda secret: secret[::-1].encode(),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_secret_is_found_however_it_is_written(way: str) -> None:
    content = b'{"event": "something"}\n' + WAYS[way](SECRET) + b"\n"
    assert CANARY.found_in("a log", content)
    with pytest.raises(AssertionError, match="a secret was shown"):
        no_leaks(CANARY.found_in("a log", content))


def test_what_is_not_there_is_not_found() -> None:
    everything = bytes(range(256)) * 200 + json.dumps([str(number) for number in range(10_000)]).encode()
    assert CANARY.found_in("all bytes", everything) == []
