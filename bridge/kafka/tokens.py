"""OAUTHBEARER: tokens from an authorization server, by client credentials (RFC 6749, 4.4), kept until shortly before they expire."""

import asyncio
import base64
import binascii
import time
from dataclasses import dataclass
from typing import Any

import httpx2
import orjson

from bridge.kafka.refusals import NoToken
from bridge.kafka.security import OAuthClient, trusting

_LONGEST_ANSWER = 65_536
_LONGEST_REASON = 200
# A token is replaced when a fifth of its life is left, so that a slow or silent server is survived for that long.
_FRESH_PART = 0.8
_LEAST_LIFE = 1.0
_UNKNOWN_LIFE = 60.0


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    renew_at: float
    expires_at: float


class TokenSource:
    """Gives a token that is still valid; asks at most once at a time. https only, except for loopback (see the settings);
    redirects are not followed, proxies of the environment are not used, answers are bounded.
    """

    def __init__(self, client: OAuthClient) -> None:
        self._client = client
        self._trust = trusting(client.ca_file)
        self._token: _Token | None = None
        self._asking = asyncio.Lock()

    async def token(self) -> str:
        """A token, at most four fifths through its life where the server can be asked. Raises NoToken."""
        async with self._asking:
            now = time.monotonic()
            if self._token is None or now >= self._token.renew_at:
                try:
                    self._token = await self._fetch()
                except NoToken:
                    if self._token is None or now >= self._token.expires_at:
                        raise
            return self._token.text

    @property
    def subject(self) -> str | None:
        """Whom the token names (its `sub`), as far as it is a readable JWT; for messages only."""
        try:
            middle = self._token.text.split(".")[1] if self._token else ""
            claims = orjson.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        except (IndexError, ValueError, binascii.Error):
            return None
        found = claims.get("sub") if isinstance(claims, dict) else None
        return found if isinstance(found, str) else None

    async def _fetch(self) -> _Token:
        asked_at = time.monotonic()
        try:
            async with asyncio.timeout(self._client.timeout):
                status, body = await self._post()
        except TimeoutError:
            raise self._refused(f"no answer within {self._client.timeout:g} s") from None
        except (httpx2.HTTPError, OSError) as error:
            raise self._refused(str(error) or type(error).__name__) from None
        answer = _json(body)
        if status != httpx2.codes.OK:
            raise self._refused(f"HTTP {status}{_reason(answer)}")
        text = answer.get("access_token")
        if not isinstance(text, str) or not text or not text.isascii() or not text.isprintable():
            raise self._refused("its answer holds no access_token")
        life = _life(answer.get("expires_in"))
        return _Token(text, asked_at + life * _FRESH_PART, asked_at + life)

    async def _post(self) -> tuple[int, bytes]:
        client = self._client
        form = {"grant_type": "client_credentials"} | ({"scope": client.scope} if client.scope else {})
        async with (
            httpx2.AsyncClient(verify=self._trust, follow_redirects=False, trust_env=False, timeout=None) as http,
            http.stream(
                "POST",
                client.token_url,
                data=form,
                auth=httpx2.BasicAuth(client.client_id, client.client_secret),
                headers={"Accept": "application/json", "User-Agent": "campaign-bridge"},
            ) as response,
        ):
            body = b""
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > _LONGEST_ANSWER:
                    raise self._refused(f"its answer is longer than {_LONGEST_ANSWER} bytes")
            return response.status_code, body

    def _refused(self, why: str) -> NoToken:
        secret = self._client.client_secret
        return NoToken(f"no token from {self._client.token_url}: {why.replace(secret, '***')}")


def _json(body: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _reason(answer: dict[str, Any]) -> str:
    """What the server says of a refusal (RFC 6749, 5.2)."""
    said = [answer.get(name) for name in ("error", "error_description")]
    text = ": ".join(one for one in said if isinstance(one, str) and one.isprintable())
    return f" ({text[:_LONGEST_REASON]})" if text else ""


def _life(expires_in: Any) -> float:
    """Seconds. Some servers write it as text; RFC 6749 lets it be left out."""
    try:
        return max(float(expires_in), _LEAST_LIFE)
    except (TypeError, ValueError):
        return _UNKNOWN_LIFE
