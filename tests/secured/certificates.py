"""Certificates of a test's own: an authority, what the broker shows, what clients show."""

from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate with its chain, and its key (PKCS#8), as files."""

    cert_file: str
    key_file: str


class Authority:
    """A certificate authority in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._authority = trustme.CA()
        self.ca_file = str(folder / "ca.pem")
        self._authority.cert_pem.write_to_path(self.ca_file)

    def pair(self, *names: str, common_name: str | None = None, password: str | None = None) -> Pair:
        """Something new for these host names or addresses."""
        made = self._authority.issue_cert(*names, common_name=common_name)
        where = self._folder / f"pair-{len(list(self._folder.iterdir()))}"
        where.mkdir()
        cert, key = where / "cert.pem", where / "key.pem"
        cert.write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))
        private = load_pem_private_key(made.private_key_pem.bytes(), None)
        encryption = NoEncryption() if password is None else BestAvailableEncryption(password.encode())
        key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
        return Pair(str(cert), str(key))
