"""A small authorization server: client credentials for signed tokens (JWT, RS256), and the keys to check them with.

It runs in a thread of its own, so that a test may use it from any event loop, and a broker from its process.
"""

import base64
import json
import ssl
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from secured.certificates import Pair

AUDIENCE, ISSUER = "kafka", "https://tokens.example.com"
CLIENT = "bridge"
Answer = tuple[int, bytes, dict[str, str]]


class TokenServer:
    """A context; listens on loopback. `life`: seconds. `answer`, where set, is given in place of a token."""

    def __init__(self, shown: Pair | None = None) -> None:
        """`shown`: its certificate; without one it speaks plain HTTP."""
        self.secret = "s3cret/of+the=client"
        self.life = 3600
        self.audience = AUDIENCE
        self.asked: list[dict[str, str]] = []
        self.answer: Callable[[], Answer] | None = None
        self._key = rsa.generate_private_key(65537, 2048)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._scheme = "http" if shown is None else "https"
        if shown is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(shown.cert_file, shown.key_file)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}/token"

    @property
    def keys_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/keys"

    def keys(self) -> bytes:
        public = self._key.public_key().public_numbers()
        key = {"kty": "RSA", "kid": "one", "use": "sig", "alg": "RS256", "n": _number(public.n), "e": _number(public.e)}
        return json.dumps({"keys": [key]}).encode()

    def token(self, scope: str | None) -> str:
        now = int(time.time())  # noqa: TID251 - the broker compares it with its own clock
        claims = {"iss": ISSUER, "aud": self.audience, "sub": CLIENT, "iat": now, "exp": now + self.life}
        head = _text({"alg": "RS256", "typ": "JWT", "kid": "one"})
        signed = f"{head}.{_text(claims | ({'scope': scope} if scope else {}))}"
        return f"{signed}.{_base64(self._key.sign(signed.encode(), PKCS1v15(), SHA256()))}"

    def respond(self, authorization: str, form: dict[str, str]) -> Answer:
        self.asked.append(form)
        if self.answer is not None:
            return self.answer()
        right = base64.b64encode(f"{CLIENT}:{self.secret}".encode()).decode()
        if authorization != f"Basic {right}" or form.get("grant_type") != "client_credentials":
            return _json(401, {"error": "invalid_client", "error_description": "no such client, or not its secret"})
        return _json(
            200, {"access_token": self.token(form.get("scope")), "token_type": "Bearer", "expires_in": self.life}
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(server: TokenServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send((200, server.keys(), {}))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._send(server.respond(self.headers.get("Authorization", ""), form))

        def _send(self, answer: Answer) -> None:
            status, body, headers = answer
            self.send_response(status)
            for name, value in {
                "Content-Type": "application/json",
                "Content-Length": str(len(body)),
                **headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    return Handler


def _json(status: int, content: Any) -> Answer:
    return status, json.dumps(content).encode(), {}


def _text(content: Any) -> str:
    return _base64(json.dumps(content).encode())


def _number(value: int) -> str:
    return _base64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
