"""Phrases that do not belong in a draft: pay, apologies, pressure, direct messages, arguing with a decision.

The phrases are data, in `unwelcome.toml`, read, validated and compiled once, at import.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from importlib import resources
from itertools import islice
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.rules.catalogue import RULES
from app.rules.checks.findings import MOST, cut, find
from app.rules.checks.masking import to_plain
from app.rules.checks.reading import Reading
from app.rules.drafts import Finding, Severity
from app.rules.plans import Kind

Pattern = Annotated[str, Field(min_length=2)]
"""A regular expression over small letters on one line; a space stands for one to three."""


_BETWEEN = r"(?!(?:not|no|never|without|whether|that)\b)[\w'-]{1,20}"
_SPACE = re.compile(r" (?![?*{\]])")
_TITLED = re.compile(r"(?<=[\w,;] )[A-Z][a-z]+ (?!I\b)[A-Z]")


class Pair(BaseModel):
    """Two lists of patterns: any of the first, a few words at most, any of the second, as in "hope for" and "£60"."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    first: Annotated[tuple[str, ...], Field(min_length=1)]
    second: Annotated[tuple[str, ...], Field(min_length=1)]
    apart: Annotated[int, Field(ge=0, le=6)] = 0
    """How many words may stand between."""

    @property
    def pattern(self) -> str:
        """Both as one pattern."""
        return rf"(?:{'|'.join(self.first)})(?: {_BETWEEN}){{0,{self.apart}}} (?:{'|'.join(self.second)})"


class Phrases(BaseModel):
    """One table of `unwelcome.toml`: what gives a rule away, in which kinds of draft, and what only looks like it."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    rule: str
    severity: Severity = "warning"
    message: Annotated[str, Field(pattern=r"^[A-Z].*[.?]$")]
    kinds: frozenset[Kind]
    """The kinds of draft in which it is odd."""
    patterns: Annotated[tuple[Pattern, ...], Field(min_length=1)]
    pairs: tuple[Pair, ...] = ()
    """What gives it away by two words near each other."""
    innocent: tuple[Pattern, ...] = ()
    """What a match may overlap with and then means something else."""
    innocent_in: Mapping[Kind, tuple[Pattern, ...]] = Field(default_factory=dict)
    """The same for one kind of draft."""
    trade: frozenset[str] = frozenset()
    """Where a fact holds one of these words, the matter is the company's trade, and only what is `personal` counts."""
    personal: tuple[Pattern, ...] = ()

    @model_validator(mode="after")
    def _cites_a_rule(self) -> Self:
        if self.rule not in RULES:
            raise ValueError(f"{self.rule} is not in the catalogue")
        return self

    @model_validator(mode="after")
    def _compiles(self) -> Self:
        if self.innocent_in.keys() - self.kinds:
            raise ValueError(f"{self.rule} excuses a kind of draft that it does not look at")
        # Compiling them here lets a broken pattern stop the start.
        _ = self.guilty, self.guilty_of_self, self.excused
        return self

    @cached_property
    def guilty(self) -> re.Pattern[str]:
        """All patterns as one."""
        return compile_any((*self.patterns, *(pair.pattern for pair in self.pairs)))

    @cached_property
    def guilty_of_self(self) -> re.Pattern[str]:
        """What counts even where the matter is the company's trade."""
        return compile_any(self.personal)

    @cached_property
    def excused(self) -> Mapping[Kind, re.Pattern[str]]:
        """What is innocent, by kind of draft."""
        return {kind: compile_any((*self.innocent, *self.innocent_in.get(kind, ()))) for kind in self.kinds}


def compile_any(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Any of some patterns, as whole words."""
    joined = _SPACE.sub(" {1,3}", "|".join(patterns))
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)" if patterns else r"(?!)")


def parse(text: str) -> dict[str, Phrases]:
    """The tables of a TOML text, by name."""
    return {name: Phrases(**table) for name, table in tomllib.loads(text).items()}


PHRASES = parse(resources.files("app.rules.checks").joinpath("unwelcome.toml").read_text(encoding="utf-8"))


def look_for(name: str) -> Callable[[Reading], Iterator[Finding]]:
    """The check of one table."""
    phrases = PHRASES[name]

    def check_phrases(reading: Reading) -> Iterator[Finding]:
        if reading.draft.kind in phrases.kinds:
            yield from islice(_find_phrases(phrases, reading), MOST)

    return check_phrases


def _choose(phrases: Phrases, reading: Reading) -> re.Pattern[str]:
    """What to look for: less where the matter itself is the company's trade."""
    traded = phrases.trade and any(word in fact.text for fact in reading.facts for word in phrases.trade)
    return phrases.guilty_of_self if traded else phrases.guilty


def check_pay_in_subject(reading: Reading) -> Iterator[Finding]:
    """Pay in the subject line, which is said once."""
    phrases, subject = PHRASES["salary"], reading.draft.subject or ""
    if reading.draft.kind in phrases.kinds:
        for _ in islice(_spot(phrases, reading, to_plain(reading.masked_subject), subject), 1):
            yield find(phrases.rule, phrases.severity, f"In the subject: {phrases.message}")


def _find_phrases(phrases: Phrases, reading: Reading) -> Iterator[Finding]:
    text = reading.draft.text
    for start, end in _spot(phrases, reading, reading.plain, text):
        yield find(phrases.rule, phrases.severity, phrases.message, cut(text, start, end))


def _spot(phrases: Phrases, reading: Reading, plain: str, text: str) -> Iterator[tuple[int, int]]:
    """Where the phrases stand in a text of which `plain` is the plain form, and nothing excuses them."""
    excused = [match.span() for match in phrases.excused[reading.draft.kind].finditer(plain)]
    n = 0
    for match in _choose(phrases, reading).finditer(plain):
        while n < len(excused) and excused[n][1] <= match.start():
            n += 1
        is_excused = n < len(excused) and excused[n][0] < match.end()
        if not is_excused and not _is_name(text, match.start()):
            yield match.span()


def _is_name(text: str, start: int) -> bool:
    """Whether words have capitals inside of a sentence: "the Unfair Dismissal desk" is a name."""
    return _TITLED.match(text, start) is not None
