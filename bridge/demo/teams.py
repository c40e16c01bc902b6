"""National teams and the ids that the demo's events have for them."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Team:
    """A team: FIFA's three letters, and its name."""

    id: str
    name: str


# Those of 2022.
_FIFA = {
    "Argentina": "ARG",
    "Australia": "AUS",
    "Belgium": "BEL",
    "Brazil": "BRA",
    "Cameroon": "CMR",
    "Canada": "CAN",
    "Costa Rica": "CRC",
    "Croatia": "CRO",
    "Denmark": "DEN",
    "Ecuador": "ECU",
    "England": "ENG",
    "France": "FRA",
    "Germany": "GER",
    "Ghana": "GHA",
    "Iran": "IRN",
    "Japan": "JPN",
    "Mexico": "MEX",
    "Morocco": "MAR",
    "Netherlands": "NED",
    "Poland": "POL",
    "Portugal": "POR",
    "Qatar": "QAT",
    "Saudi Arabia": "KSA",
    "Senegal": "SEN",
    "Serbia": "SRB",
    "South Korea": "KOR",
    "Spain": "ESP",
    "Switzerland": "SUI",
    "Tunisia": "TUN",
    "USA": "USA",
    "Uruguay": "URU",
    "Wales": "WAL",
}


def team_named(name: str) -> Team:
    """The team of that name; one that is not in the list gets its name in capitals as its id (`SOUTH_AFRICA`)."""
    return Team(_FIFA.get(name) or re.sub(r"\W+", "_", name).strip("_").upper(), name)
