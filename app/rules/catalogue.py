"""Every rule by its id, with what it asks for and the articles that ask for it: what "why?" is answered with.

All of it is data, in `catalogue.toml`, read and validated once, at import. A broken catalogue stops the start.
"""

import tomllib
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, model_validator

from app.rules.plans import Rule

Line = Annotated[str, Field(pattern=r"^\S(.*\S)?$")]
"""One line of text, without space around it."""

RuleId = Annotated[str, Field(pattern=r"^(timing|limit|recipient|channel|content|length|lint|advice)(\.[a-z_]+)+$")]
"""A family and a name, such as `timing.thank_you` or `content.offer.more_time`."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Source(_Frozen):
    """One of the five articles: the name of its file, a title, and the policy that follows it."""

    file: Line
    title: Line
    policy: Line


class Entry(_Frozen):
    """One rule and all that is known about it.

    `sources` are the files of the articles that ask for it, in order, each once. `says` maps an article's file to our
    wording of what it says, and may name articles that speak against the rule. `balanced` is what our own policy does,
    and stands exactly where the articles `disagree`.
    """

    id: RuleId
    """A family and a name."""
    text: Line
    """What the rule asks for, in one line."""
    sources: Annotated[tuple[Line, ...], Field(min_length=1)]
    """The articles that ask for it."""
    disagree: StrictBool = False
    """Whether they say different things."""
    says: Mapping[str, Line] = Field(default_factory=dict)
    """What each article says, where it is worth knowing."""
    balanced: Line | None = None
    """What our own policy does where they disagree."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if list(self.sources) != sorted(set(self.sources)):
            raise ValueError(f"{self.id} must name its sources in order, each once")
        return self

    @model_validator(mode="after")
    def _settled(self) -> Self:
        if self.disagree != (self.balanced is not None):
            raise ValueError(f"{self.id} must say what balanced does where its sources disagree, and only there")
        if self.disagree and len(self.says) <= 1:
            raise ValueError(f"{self.id} must say what at least two sources say, since they disagree")
        return self


class Catalogue(_Frozen):
    """The whole file: the sources by their file names, the rules by their ids, in the order in which they stand."""

    sources: Mapping[str, Source]
    rules: Mapping[str, Entry]

    @model_validator(mode="after")
    def _known_sources(self) -> Self:
        for entry in self.rules.values():
            if unknown := {*entry.sources, *entry.says} - self.sources.keys():
                raise ValueError(f"{entry.id} names {', '.join(sorted(unknown))}, which is not among the sources")
        return self


def parse(text: str) -> Catalogue:
    """The catalogue in a TOML text of `[sources."<file>"]` and `[rules."<id>"]` tables."""
    tables = tomllib.loads(text)
    sources = {file: Source(file=file, **table) for file, table in tables.pop("sources").items()}
    rules = {name: Entry(id=name, **table) for name, table in tables.pop("rules").items()}
    return Catalogue(sources=sources, rules=rules, **tables)


_CATALOGUE = parse(resources.files("app.rules").joinpath("catalogue.toml").read_text(encoding="utf-8"))

SOURCES: Mapping[str, Source] = MappingProxyType(dict(_CATALOGUE.sources))
"""The five articles, by file name."""

ENTRIES: Mapping[str, Entry] = MappingProxyType(dict(_CATALOGUE.rules))
"""Every rule with all that is known about it, by id."""

RULES: Mapping[str, Rule] = MappingProxyType({e.id: Rule(e.id, e.text, e.sources) for e in ENTRIES.values()})
"""Every rule as a plan cites it, by id."""
