"""What a client of Kafka shows the brokers, and how it makes sure of them: values, and the TLS context made of files."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bridge.errors import BridgeError

Protocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"]
TlsField = Literal["ca_file", "cert_file", "key_file", "key_password"]

# A bundle of all public certificate authorities has some 250,000.
_LARGEST_FILE = 4 * 1024 * 1024
_CERTIFICATE = "-----BEGIN CERTIFICATE-----"
_KEY_END = "PRIVATE KEY-----"


class BadCredentials(BridgeError):
    """A certificate or key can't be used; the text names the file and what to do. `field`: the setting to blame."""

    def __init__(self, message: str, at: TlsField) -> None:
        super().__init__(message)
        self.field = at


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """PEM files. Without `ca_file` the system's certificate authorities are trusted; without `key_file` the key is looked
    for in `cert_file`.
    """

    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    key_password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthClient:
    """Where a token is fetched (RFC 6749, 4.4: client credentials), and for whom. `timeout`: seconds for one answer."""

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str | None = None
    extensions: Mapping[str, str] = field(default_factory=dict)
    ca_file: str | None = None
    timeout: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """How a connection is secured. What a protocol needs is there: `bridge.settings` checks it."""

    protocol: Protocol = "PLAINTEXT"
    mechanism: Mechanism | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: TlsFiles = TlsFiles()
    oauth: OAuthClient | None = None

    @property
    def encrypted(self) -> bool:
        """Does it use TLS?"""
        return self.protocol in ("SSL", "SASL_SSL")

    def __str__(self) -> str:
        return f"{self.protocol}/{self.mechanism}" if self.mechanism else self.protocol


def tls_context(files: TlsFiles) -> ssl.SSLContext:
    """A context that checks the broker's certificate and host name, always. Raises BadCredentials."""
    context = trusting(files.ca_file)
    if files.cert_file is not None:
        _show(context, files, files.cert_file)
    return context


def trusting(ca_file: str | None) -> ssl.SSLContext:
    """A client's context that trusts the certificate authorities of a file, or the system's. Raises BadCredentials."""
    if ca_file is None:
        return ssl.create_default_context()
    text = _read(ca_file, "ca_file")
    if _CERTIFICATE not in text:
        raise BadCredentials(f"{ca_file} holds no certificate in PEM form (a line {_CERTIFICATE})", "ca_file")
    try:
        return ssl.create_default_context(cadata=text)
    except (ssl.SSLError, ValueError) as error:
        raise BadCredentials(f"{ca_file} holds a certificate that can't be read: {error}", "ca_file") from None


def _show(context: ssl.SSLContext, files: TlsFiles, cert_file: str) -> None:
    """Let the context show our own certificate."""
    key_file = files.key_file or cert_file
    blamed: TlsField = "key_file" if files.key_file else "cert_file"
    if _CERTIFICATE not in _read(cert_file, "cert_file"):
        raise BadCredentials(f"{cert_file} holds no certificate in PEM form (a line {_CERTIFICATE})", "cert_file")
    if _KEY_END not in _read(key_file, blamed):
        raise BadCredentials(f"{key_file} holds no private key in PEM form (a line -----BEGIN {_KEY_END})", blamed)

    def password() -> str:
        # Without this OpenSSL would ask at the terminal.
        if files.key_password is None:
            raise BadCredentials(f"the key in {key_file} is encrypted, and there is no password for it", "key_password")
        return files.key_password

    try:
        context.load_cert_chain(cert_file, key_file, password)
    except ssl.SSLError as error:
        raise BadCredentials(*_why(error, files, cert_file, key_file, blamed)) from None


def _why(error: ssl.SSLError, files: TlsFiles, cert_file: str, key_file: str, blamed: TlsField) -> tuple[str, TlsField]:
    if error.reason == "KEY_VALUES_MISMATCH":
        return f"the key in {key_file} is not that of the certificate in {cert_file}: give both of one pair", blamed
    if files.key_password is not None and "ENCRYPTED" in _read(key_file, blamed):
        return f"the key in {key_file} can't be decrypted with the password given", "key_password"
    return f"the certificate in {cert_file} or the key in {key_file} can't be read: {error}", "cert_file"


def _read(name: str, at: TlsField) -> str:
    try:
        with Path(name).open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a path"
        raise BadCredentials(f"can't read the file {name}: {reason}; mount it there, or mend the path", at) from None
    if len(content) > _LARGEST_FILE:
        raise BadCredentials(f"the file {name} is larger than {_LARGEST_FILE} bytes: those are no certificates", at)
    # What is around the certificates is a comment, in any encoding.
    return content.decode("ascii", "replace").replace("\ufffd", "?")
