"""Who may come in: keys, and the brand's limit over runs and polls together (docs/vendor.md #13)."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from multidict import CIMultiDictProxy

from bridge.simulator.config import BrandConfig, SimulatorConfig
from bridge.simulator.rolling import RollingSecond
from bridge.simulator.strict import Refusal, Rule

_WRONG_KEY = Refusal(401, "invalid or missing API key")
_OTHER_BRAND = Refusal(403, "the API key does not have permission for this brand")


@dataclass(frozen=True, slots=True)
class OverLimit:
    """Too many requests; there is room again after `seconds`."""

    brand: str
    seconds: int


@dataclass(slots=True)
class BrandTraffic:
    """What a brand sent since the report was last reset."""

    every: RollingSecond
    admitted: RollingSecond
    requests: int = 0
    over_limit: int = 0


class Gate:
    """Lets requests in, brand by brand. A request over the limit takes no place in the window."""

    def __init__(self, config: SimulatorConfig) -> None:
        self._limit = config.limit
        self._use(config.brands)
        self.traffic = {name: BrandTraffic(RollingSecond(), RollingSecond()) for name in config.brands}

    def _use(self, brands: Mapping[str, BrandConfig]) -> None:
        self._brand_of = {(keys.api_key, keys.brand_key): name for name, keys in brands.items()}
        self._keys = dict(brands)

    def replace_keys(self, brand: str, keys: BrandConfig) -> None:
        """From now on only these are the brand's keys. Raises KeyError for a brand that is not configured."""
        if brand not in self._keys:
            raise KeyError(brand)
        self._use({**self._keys, brand: keys})

    def enter(self, headers: CIMultiDictProxy[str], now: float) -> str | OverLimit | Refusal:
        """The brand of a request that arrives now (in seconds), or why it is turned away."""
        api_keys, brand_keys = headers.getall("x-api-key", []), headers.getall("x-brand-key", [])
        if len(api_keys) != 1 or len(brand_keys) != 1:
            return _wrong_number(api_keys, brand_keys)
        brand = self._brand_of.get((api_keys[0], brand_keys[0]))
        if brand is None:
            return self._refusal(api_keys[0], brand_keys[0])
        traffic = self.traffic[brand]
        traffic.requests += 1
        traffic.every.add(now)
        if traffic.admitted.count(now) >= self._limit:
            traffic.over_limit += 1
            return OverLimit(brand, max(1, ceil(traffic.admitted.room_in(now))))
        traffic.admitted.add(now)
        return brand

    def restart(self, now: float) -> None:
        """Count from here. The limit still sees the last second."""
        for traffic in self.traffic.values():
            traffic.requests = traffic.over_limit = 0
            traffic.every.restart(now)
            traffic.admitted.restart(now)

    def _refusal(self, api_key: str, brand_key: str) -> Refusal:
        known = self._keys.values()
        both = any(keys.api_key == api_key for keys in known) and any(keys.brand_key == brand_key for keys in known)
        return _OTHER_BRAND if both else _WRONG_KEY


def _wrong_number(api_keys: list[str], brand_keys: list[str]) -> Refusal:
    for name, values in (("x-api-key", api_keys), ("x-brand-key", brand_keys)):
        if not values:
            return Refusal(401, f"invalid or missing API key: {name} is missing", Rule.MISSING_HEADER)
    return Refusal(400, "x-api-key and x-brand-key may be given only once", Rule.REPEATED_HEADER)
