"""What an unquoted word of a file means: the core schema of YAML 1.2 (section 10.3.2), made stricter.

No yes/no/on/off, no sexagesimal numbers, no timestamps: these are texts. What would be read as a number that nobody
meant (leading zeros, octal, infinities, what JSON can't hold) is refused.
"""

import math
import re

Scalar = str | int | float | bool | None

_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+", re.ASCII)
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_AMBIGUOUS = re.compile(r"[-+]?0[0-9]+|0o[0-7]+", re.ASCII)
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_LONGEST_NUMBER = 64


def resolve(word: str) -> Scalar:
    """The value of an unquoted word. Raises ValueError that says what to write instead."""
    if word in _WORDS:
        return _WORDS[word]
    if _AMBIGUOUS.fullmatch(word):
        raise ValueError(
            f'{word[:_LONGEST_NUMBER]} can be read in several ways: quote it ("...") when it is a text, or drop the leading zero'
        )
    if _NOT_FINITE.fullmatch(word):
        raise ValueError(f'{word} is not a finite number; quote it ("...") when it is a text')
    if _INTEGER.fullmatch(word) or _HEXADECIMAL.fullmatch(word):
        return _integer(word)
    if _FLOAT.fullmatch(word):
        return _float(word)
    return word


def _integer(word: str) -> int:
    if len(word) <= _LONGEST_NUMBER:
        number = int(word, 0)
        if -(2**63) <= number < 2**64:
            return number
    raise ValueError('the number does not fit into 64 bits: quote it ("...") when it is a text')


def _float(word: str) -> float:
    number = float(word)
    if math.isinf(number):
        raise ValueError('the number is too large: quote it ("...") when it is a text')
    return number
