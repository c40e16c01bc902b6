"""Times and numbers as people write them, in a language and a zone (CLDR's patterns, by Babel)."""

import math
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import DateTimePattern
from babel.numbers import NumberPattern

from bridge.events import Event
from bridge.routing.expressions import Expression
from bridge.routing.moments import Unit, moment_of
from bridge.routing.refusals import Refusal, is_blank, shown, type_name
from bridge.routing.templates import Template

MOST_DECIMALS = 10
_LARGEST = 10**15  # above it a float no longer holds every integer, so its digits would be made up
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Source = Template | Expression


@dataclass(frozen=True, slots=True)
class WrittenTime:
    """A moment of the event, written by a pattern such as `HH:mm`, as clocks in `zone` show it."""

    source: Source
    unit: Unit
    pattern: DateTimePattern
    zone: ZoneInfo
    locale: Locale

    def value(self, event: Event) -> str:
        """The text. Raises Refusal."""
        milliseconds = moment_of(self.source.value(event), self.unit, said(self.source))
        try:
            moment = (_EPOCH + timedelta(milliseconds=milliseconds)).astimezone(self.zone)
        except OverflowError as error:
            raise Refusal(f"{said(self.source)} is a time that no calendar has in {self.zone.key}") from error
        try:
            text = self.pattern.apply(moment, self.locale)
        except (ArithmeticError, LookupError, ValueError) as error:
            raise Refusal(f"{said(self.source)} can't be written so in the locale {self.locale}: {error}") from error
        return _not_blank(text, self.source)


@dataclass(frozen=True, slots=True)
class WrittenNumber:
    """A number of the event with `decimals` digits after the point, half rounded up, or as an amount of `currency`."""

    source: Source
    decimals: int
    currency: str
    locale: Locale
    pattern: NumberPattern = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        formats = self.locale.currency_formats["standard"] if self.currency else self.locale.decimal_formats[None]
        pattern = copy(formats)
        pattern.frac_prec = (self.decimals, self.decimals)
        object.__setattr__(self, "pattern", pattern)

    def value(self, event: Event) -> str:
        """The text. Raises Refusal."""
        number = self.source.value(event)
        if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
            raise Refusal(f"{said(self.source)} should be a number, is {type_name(number)} {shown(number)}")
        if abs(number) > _LARGEST:
            raise Refusal(f"{said(self.source)} is too large to be written out: {shown(number)}")
        rounded = Decimal(str(number)).quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_UP)
        text = self.pattern.apply(
            rounded or abs(rounded),  # nobody wants to read -0
            self.locale,
            currency=self.currency or None,
            currency_digits=False,
        )
        return _not_blank(text, self.source)


def gaps(pattern: DateTimePattern, locale: Locale) -> str | None:
    """Why some moments can't be written so: not every language has words for all parts of a day. None when all can."""
    moments = [datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in range(24)]
    moments += [datetime(2026, month, month, tzinfo=UTC) for month in range(1, 13)]
    try:
        for moment in moments:
            if is_blank(pattern.apply(moment, locale)):
                return "nothing would stand there"
    except (ArithmeticError, LookupError, ValueError) as error:
        return str(error)
    return None


def said(source: Source) -> str:
    """What to call it in a message."""
    if isinstance(source, Expression):
        return shown(source.source)
    return str(source.sole or source)


def _not_blank(text: str, source: Source) -> str:
    if is_blank(text):
        raise Refusal(f"{said(source)} is written as nothing")
    return text
