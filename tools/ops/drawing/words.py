"""Numbers and times as a dashboard writes them. Pure."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime

_SI = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_BINARY = ((2**40, "TiB"), (2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"))
_TIMES = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"), (1.0, "s"), (1e-3, "ms"))


def written(value: float, unit: str, decimals: int | None = None) -> str:
    """A value with its unit, in three digits or so; below a thousand with so many `decimals`."""
    if not math.isfinite(value):
        return "-"
    if unit == "short" and decimals is not None and abs(value) < _SI[-1][0]:
        return f"{value:.{decimals}f}"
    units = {
        "percentunit": lambda: f"{_digits(value * 100)} %",
        "s": lambda: _scaled(value, _TIMES, " ") if value else "0 s",
        "bytes": lambda: _scaled(value, _BINARY, " "),
        "reqps": lambda: f"{_scaled(value, _SI, '')}/s",
    }
    return units.get(unit, lambda: _scaled(value, _SI, ""))()


def _scaled(value: float, scale: Sequence[tuple[float, str]], between: str) -> str:
    for size, name in scale:
        if abs(value) >= size * 0.9995:
            return f"{_digits(value / size)}{between}{name}"
    return _digits(value) if scale is not _TIMES else f"{_digits(value * 1000)} ms"


def _digits(value: float) -> str:
    whole = f"{value:.{max(0, 2 - len(str(int(abs(value)))) + 1) if abs(value) >= 1 else 2}f}"
    return whole.rstrip("0").rstrip(".") if "." in whole else whole


def clock(seconds: float) -> str:
    """A time of the day, UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M:%S")


def ticks(highest: float, unit: str = "short", most: int = 4) -> list[float]:
    """Round values from 0 up to `highest` or a little above it; of seconds and bytes in their larger units."""
    if highest <= 0 or not math.isfinite(highest):
        return [0.0, 1.0]
    sizes = {"s": _TIMES, "bytes": _BINARY}.get(unit, ())
    larger = next((size for size, _ in sizes if highest >= 1.5 * size), 1.0)
    if larger > 1:
        return [larger * mark for mark in ticks(highest / larger, most=most)]
    rough = highest / most
    size = 10 ** math.floor(math.log10(rough))
    step = next(factor * size for factor in (1, 2, 2.5, 5, 10) if factor * size >= rough * 0.999)
    return [step * number for number in range(math.ceil(highest / step * 0.999) + 1)]
