"""Where an interview takes place: its zone, its country and the part of that country."""

import re
from functools import cache
from importlib.resources import files
from typing import Annotated

import holidays
from holidays.registry import EntityLoader
from pydantic import AfterValidator, Field, ValidationInfo

_ABBREVIATIONS = frozenset({"CET", "EET", "EST", "GMT", "HST", "MET", "MST", "UCT", "WET"})
_NO_PLACES = re.compile(
    r"(Etc|posix|right)/.*|[A-Z]{3}\d[A-Z]{3}|GMT.\d|GMT0|Factory|Greenwich|Universal|Zulu|local.*|posixrules"
)


def _list_zones() -> frozenset[str]:
    names = (files("tzdata") / "zones").read_text(encoding="utf-8").split()
    return frozenset(name for name in names if not _NO_PLACES.fullmatch(name)) - _ABBREVIATIONS


ZONES = _list_zones()
"""The IANA names of places, legacy ones such as US/Eastern included, and UTC."""

COUNTRIES = frozenset(EntityLoader.get_country_codes(include_aliases=False))
"""The ISO 3166 alpha-2 codes of the countries whose holidays are known."""


@cache
def subdivisions(country: str) -> frozenset[str]:
    """The codes of a country's parts that have holidays of their own. Loads that country alone, once."""
    return frozenset(getattr(holidays, country).subdivisions)


def _known_zone(name: str) -> str:
    if name not in ZONES:
        raise ValueError("must be the IANA name of a place, such as America/New_York, or UTC")
    return name


def _known_country(code: str) -> str:
    if code not in COUNTRIES:
        raise ValueError("must be the ISO 3166 code of a country in two capital letters, such as US")
    return code


def check_subdivision(code: str | None, info: ValidationInfo) -> str | None:
    """For the member `subdivision` of a model whose `country` is validated before it."""
    if code is None or "country" not in info.data:
        return code
    country = info.data["country"]
    if country is None:
        raise ValueError("must come with a country")
    known = subdivisions(country)
    if code not in known:
        expected = f"must be one of {', '.join(sorted(known))}" if known else "must be left out"
        raise ValueError(f"{expected} (in {country})")
    return code


Zone = Annotated[str, AfterValidator(_known_zone), Field(max_length=60)]
"""The name of a time zone."""

Country = Annotated[str, AfterValidator(_known_country)]
"""The code of a country."""

Subdivision = Annotated[str, Field(min_length=1, max_length=40)]
"""The code of a state, province or the like; `check_subdivision` knows which."""
