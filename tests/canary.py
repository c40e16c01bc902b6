"""A word that stands in every secret of a test's service, and looking for it in what the service wrote."""

import base64
from collections.abc import Iterable, Iterator
from urllib.parse import quote

_PIECE = 9


class Canary:
    """Words of letters and digits only are the same as JSON, Python, a URL and a header write them; what stands around them
    in a secret need not be.
    """

    def __init__(self, word: str) -> None:
        assert word.isascii()
        assert word.isalnum()
        assert len(word) >= 2 * _PIECE
        self.word = word
        self._forms = dict(_forms(word))

    def in_secret(self, what: str) -> str:
        """A secret that holds it beside signs that are escaped in one place or another."""
        return f'{what}/{self.word}+="%{what}'

    def found_in(self, where: str, content: bytes | str) -> list[str]:
        """Each form in which it, or half of it, stands there; with what is around it."""
        text = content.encode() if isinstance(content, str) else content
        lower = text.lower()
        found = []
        for form, spelling in self._forms.items():
            at = (lower if form.startswith("hex") else text).find(spelling)
            if at >= 0:
                around = text[max(0, at - 60) : at + 60]
                found.append(f"{where}: {form}: ...{around!r}...")
        return found


def _forms(word: str) -> Iterator[tuple[str, bytes]]:
    """By what they are called. Halves, because what is cut off shows them, too."""
    for name, part in (("beginning", word[:_PIECE]), ("end", word[-_PIECE:])):
        plain = part.encode()
        yield f"the {name}", plain
        yield f"the {name} backwards", plain[::-1]
        yield f"hex of the {name}", plain.hex().encode()
        for alphabet, encode in (("base64", base64.standard_b64encode), ("base64url", base64.urlsafe_b64encode)):
            for before in range(3):
                # Where it stands within three bytes decides what it becomes; the first and last signs mix with neighbours.
                encoded = encode(b"\0" * before + plain).rstrip(b"=")
                inner = encoded[-(-8 * before // 6) : len(plain + b"\0" * before) * 8 // 6]
                yield f"{alphabet} of the {name}, shifted by {before}", inner
        yield f"the {name}, every sign percent-encoded", "".join(f"%{byte:02X}" for byte in plain).encode()


CANARY = Canary("c4n4ryThatN0bodyMayShow")
"""In the secrets of every service that tests start."""


def no_leaks(found: Iterable[str]) -> None:
    """Fails with all of them."""
    told = list(found)
    assert not told, "a secret was shown:\n" + "\n".join(told)


def quoted(secret: str) -> str:
    """As a part of a URL."""
    return quote(secret, safe="")
