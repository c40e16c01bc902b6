"""Reading how a time or a number is written: `{time: ..., format: ..., zone: ...}`, `{number: ..., decimals: ...}`."""

import re
from collections.abc import Callable
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import DateTimePattern, parse_pattern
from babel.numbers import get_currency_precision, list_currencies

from bridge.configfile.validation import did_you_mean
from bridge.routing.findings import Spot, read_shape
from bridge.routing.references import read_expression, read_template
from bridge.routing.valueshapes import WrittenNumberShape, WrittenTimeShape
from bridge.routing.written import Source, WrittenNumber, WrittenTime, gaps

FORMATS = (("time", "format"), ("number", "decimals"), ("number", "currency"))
"""Two keys that together make a mapping a format. One alone may be a field of an object that is sent."""
_LETTERS = frozenset("GyQqMLEecdabBhHKkmsSzZOvVXx")
_MEANT = {
    "Y": "the year of a calendar of weeks, wrong around New Year: write yyyy",
    "D": "the day of the year: write d or dd",
    "u": "not read here: write yyyy",
}
_LONGEST = 60  # of a name that is shown though it is none
T = TypeVar("T")


def is_written(raw: dict[str, Any]) -> bool:
    """Whether a mapping in a context is a format, and not an object to send."""
    return any(raw.keys() >= set(keys) for keys in FORMATS)


def read_written(raw: dict[str, Any], spot: Spot) -> WrittenTime | WrittenNumber | None:
    """A time or a number and how it is written, or None with its problems noted."""
    return _read_time(raw, spot) if raw.keys() >= set(FORMATS[0]) else _read_number(raw, spot)


def _read_time(raw: dict[str, Any], spot: Spot) -> WrittenTime | None:
    shape = read_shape(WrittenTimeShape, raw, spot, "a time")
    source = _source(raw["time"], spot["time"], "time")
    if shape is None:
        return None
    pattern = _noted(_pattern, shape.format, spot["format"])
    zone = _noted(_zone, shape.zone, spot["zone"])
    locale = _noted(_locale, shape.locale, spot["locale"])
    if source is None or pattern is None or zone is None or locale is None:
        return None
    gap = gaps(pattern, locale)
    if gap is not None:
        spot["format"].error(f"format can't be written in the locale {shape.locale}: {gap}; write it with numbers")
        return None
    if re.search(r"[hK]", _outside_of_quotes(shape.format)) and not re.search(r"[abB]", shape.format):
        spot["format"].warning(
            "h counts to 12, so that 8 in the morning and in the evening look alike: write HH, or add a"
        )
    return WrittenTime(source, shape.unit, pattern, zone, locale)


def _read_number(raw: dict[str, Any], spot: Spot) -> WrittenNumber | None:
    shape = read_shape(WrittenNumberShape, raw, spot, "a number")
    source = _source(raw["number"], spot["number"], "number")
    if shape is None:
        return None
    locale = _noted(_locale, shape.locale, spot["locale"])
    currency = _noted(_currency, shape.currency, spot["currency"])
    if source is None or locale is None or currency is None:
        return None
    decimals = get_currency_precision(currency) if shape.decimals is None else shape.decimals
    return WrittenNumber(source, decimals, currency, locale)


def _source(raw: Any, spot: Spot, what: str) -> Source | None:
    if isinstance(raw, dict) and raw.keys() == {"cel"}:
        return read_expression(raw["cel"], spot["cel"], "cel")
    template = read_template(raw, spot, what)
    if template is not None and template.sole is None:
        spot.error(f'{what} is one reference alone, as in {what}: "{{occurred_at}}", or {{cel: ...}}')
        return None
    return template


def _noted(read: Callable[[str], T], text: str, spot: Spot) -> T | None:
    try:
        return read(text)
    except ValueError as error:
        spot.error(str(error))
        return None


def _pattern(text: str) -> DateTimePattern:
    if text.count("'") % 2:
        raise ValueError("format has a quote that is not closed: write '' for an apostrophe")
    odd = dict.fromkeys(letter for letter in re.findall("[A-Za-z]", _outside_of_quotes(text)) if letter not in _LETTERS)
    if odd:
        meant = [f"{letter} is {_MEANT[letter]}" for letter in odd if letter in _MEANT]
        words = [letter for letter in odd if letter not in _MEANT]
        if words:
            no_part = "is no part" if len(words) == 1 else "are no parts"
            meant.append(f"{', '.join(words)} {no_part} of a time: put words in single quotes, as in \"'at' HH:mm\"")
        raise ValueError(f"format: {'; '.join(meant)}")
    if not _LETTERS & set(_outside_of_quotes(text)):
        raise ValueError("format has no part of the time, such as HH:mm or d MMMM")
    try:
        return parse_pattern(text)
    except (ValueError, KeyError) as error:
        raise ValueError(f"format: {error}; write it as in HH:mm or EEEE d MMMM") from error


def _outside_of_quotes(pattern: str) -> str:
    return re.sub(r"'[^']*'", "", pattern)


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ValueError, OSError, LookupError) as error:  # what is not there, and what is no name of a zone at all
        hint = did_you_mean(text, available_timezones()) or ": write it as in Europe/Berlin"
        raise ValueError(f"there is no zone {text[:_LONGEST]}{hint}") from error


def _locale(text: str) -> Locale:
    try:
        return Locale.parse(text.replace("-", "_"))
    except (ValueError, UnknownLocaleError) as error:
        raise ValueError(
            f"there is no locale {text[:_LONGEST]}: write a language, as in de, or one of a country, as in pt-BR"
        ) from error


def _currency(text: str) -> str:
    if text and text not in list_currencies():
        raise ValueError(
            f"there is no currency {text[:_LONGEST]}{did_you_mean(text, list_currencies()) or ': write its ISO code, as in EUR'}"
        )
    return text
