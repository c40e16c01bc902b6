"""What routes have when they do not say otherwise: everywhere, by brand, by source; the nearest counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.configfile.validation import did_you_mean
from bridge.durations import format_duration
from bridge.routing.findings import Spot, read_shape
from bridge.routing.shape import LONGEST_WINDOW, BrandShape, DefaultsShape

Entry = tuple[Any, Spot]


@dataclass(frozen=True, slots=True)
class Defaults:
    """The defaults as the files have them, without those that have problems. `brand_of` names the brand of a generator."""

    everywhere: Mapping[str, Any] = field(default_factory=dict)
    brands: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sources: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    brand_of: Mapping[str, str] = field(default_factory=dict)

    def of(self, route: Mapping[str, Any]) -> dict[str, Any]:
        """What a route as its file has it takes: of its source, else of its brand, else from everywhere."""
        source, generator = route.get("source"), route.get("generator")
        brand = self.brand_of.get(generator) if isinstance(generator, str) else None
        return {
            **self.everywhere,
            **(self.brands.get(brand, {}) if brand is not None else {}),
            **(self.sources.get(source, {}) if isinstance(source, str) else {}),
        }


def read_all_defaults(
    everywhere: Entry | None, brands: Mapping[str, Entry], sources: Mapping[str, Entry], generators: Mapping[str, Entry]
) -> Defaults:
    """The defaults of a table; their problems are noted."""
    brand_of = {name: raw["brand"] for name, (raw, _) in generators.items() if _has_brand(raw)}
    of_brands: dict[str, dict[str, Any]] = {}
    for name, (raw, spot) in brands.items():
        shape = read_shape(BrandShape, raw, spot, f"brand {name}")
        if isinstance(raw, dict) and isinstance(raw.get("defaults"), dict):
            of_brands[name] = read_defaults(raw["defaults"], spot["defaults"], f"defaults of brand {name}")
        if shape is not None and len(brand_of) == len(generators) and name not in brand_of.values():
            hint = did_you_mean(name, brand_of.values()) or ": remove them, or give a generator this brand"
            spot.error(f"no generator belongs to brand {name}, so its defaults are nobody's{hint}", key=True)
    return Defaults(
        read_defaults(*everywhere, "defaults") if everywhere is not None else {},
        of_brands,
        {
            name: read_defaults(raw["defaults"], spot["defaults"], f"defaults of source {name}")
            for name, (raw, spot) in sources.items()
            if isinstance(raw, dict) and isinstance(raw.get("defaults"), dict)
        },
        brand_of,
    )


def _has_brand(raw: Any) -> bool:
    return isinstance(raw, dict) and isinstance(raw.get("brand"), str)


def read_defaults(raw: Any, spot: Spot, what: str) -> dict[str, Any]:
    """Defaults of one place. One with a problem stays what it is, but is not said again for every route."""
    before = len(spot.findings)
    shape = read_shape(DefaultsShape, raw, spot, what)
    if shape is not None and "dedup_window" in raw:
        check_dedup_window(shape.dedup_window, spot)
    if len(spot.findings) == before:
        return dict(raw)
    return {"expires_after": "1ms", "dedup_window": "7d"}  # so that no route is blamed for it


def check_dedup_window(dedup_window: int, spot: Spot) -> None:
    """Note a window, in ms, that is longer than what is remembered."""
    if dedup_window > LONGEST_WINDOW:
        spot["dedup_window"].error(
            f"dedup_window ({format_duration(dedup_window)}) is longer than 7d, which is what the service remembers"
        )
