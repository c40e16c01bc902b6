"""Letters that nobody sees, made visible: they could turn a line around, or hide what stands in it."""

import unicodedata

_KEPT = "\n\t"
# Joiners and variation selectors stay: names in some scripts and many emoji are made with them.
_JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"


def visible(text: str) -> str:
    """The text, with U+FFFD for each control or formatting character."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}"
        if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp") and letter not in _KEPT + _JOINERS
        else letter
        for letter in text
    )
