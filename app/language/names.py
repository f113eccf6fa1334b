"""Names: how somebody is greeted and called, and what is theirs."""

import re
import unicodedata
from functools import lru_cache
from typing import Literal

from app.language.word_lists import Set, WordLists
from app.language.words import WORDS

Tone = Literal["warm", "formal"]


class NameWords(WordLists):
    """The lists of names.toml."""

    titles: Set
    suffixes: Set
    particles: Set
    large_particles: Set
    called: Set


AROUND = NameWords.load("names.toml")

_FAMILY_FIRST = ("CJK", "HANGUL", "HIRAGANA", "KATAKANA")
_THE = "the "
_ARABIC_ARTICLES = ("al-", "el-", "ul-", "ur-")
_INITIAL = re.compile(r"[A-Za-z](?:\.|$)(?:-?[A-Za-z]\.?)*")


def greet_name(name: str, salutation: str | None, tone: Tone) -> str:
    """How a person is greeted: the salutation as typed; warm: the first name as written; formal: the whole name."""
    if salutation and salutation.strip():
        return salutation.strip()
    named = _turn(name) if tone == "formal" else short_name(name)
    return named[len(_THE) :] if named.casefold().startswith(_THE) else named


@lru_cache(maxsize=1024)  # everybody on a panel is named in the emails of all the others
def short_name(name: str) -> str:
    """The first name as written, past a title; "Shah, Priya" is Priya. The whole where none can be told.

    A title stays before a family name ("Dr Park", "Dr van der Berg", "Dr J. Smith" -> "Dr Smith"). Initials stay whole
    ("J. R. Smith": "J." reads like a slip, and "Smith" like a summons), and so does a name in Chinese, Japanese or
    Korean letters, which begins with the family. It cannot know that in "Li Wei" Li is the family.
    """
    whole = " ".join(name.split())
    words = _drop_suffixes(whole).split(" ")
    titles = _count_titles(words)
    given = words[titles:]
    if (
        not any(given)
        or whole.casefold().startswith(_THE)
        or unicodedata.name(given[0][0], "").startswith(_FAMILY_FIRST)
    ):
        return whole
    if _opens_family(given):
        return " ".join(words)
    if _INITIAL.fullmatch(given[0]) and len(given) > 1:
        return f"{words[titles - 1]} {given[-1]}" if titles else " ".join(given)
    if titles and len(given) == 1:
        return " ".join(words)
    first = " ".join(given[: _measure_first(given)]).strip(',;"“”()')
    return (
        f"{words[titles - 1]} {first}" if titles and words[titles - 1].casefold() in AROUND.called else first or whole
    )


def _measure_first(given: list[str]) -> int:
    """How many words a first name has: "Ma. Teresa" and "Abd al-Rahman" are one."""
    joined = len(given) > 1 and (given[0].endswith(".") or given[1].startswith(_ARABIC_ARTICLES))
    return 1 + joined


def _turn(name: str) -> str:
    """The whole name, "Shah, Priya" as "Priya Shah"."""
    whole = " ".join(name.split())
    turned = _drop_suffixes(whole)
    is_turned = not turned.startswith(whole.partition(",")[0]) and sorted(turned.split()) == sorted(_split(whole))
    return turned if is_turned else whole


def _split(name: str) -> list[str]:
    return name.replace(",", " ").split()


def possessive(name: str) -> str:
    """The name of whoever owns something, "James's"; a name that is a possessive already stays: "McDonald's"."""
    return name if name.endswith(("'s", "\u2019s")) else f"{name}'s"


def _drop_suffixes(name: str) -> str:
    """The name without degrees, pronouns and a post behind a comma; "Shah, Priya" turned."""
    first, _, second = name.partition(",")
    before, behind = _without_suffixes(first.split()), _without_suffixes(second.replace(",", " ").split())
    if not before or (len(before) > 1 and any(_is_of_a_post(word) for word in behind)):
        behind = []
    return " ".join([*behind, *before]) or name


def _without_suffixes(words: list[str]) -> list[str]:
    while len(words) > 1 and words[-1].strip("()").casefold() in AROUND.suffixes:
        words = words[:-1]
    return [] if len(words) == 1 and words[0].strip("()").casefold() in AROUND.suffixes else words


def _is_of_a_post(word: str) -> bool:
    """Whether a word behind a name and a comma tells what somebody does: "Ada Park, Head of Data"."""
    return word.casefold() in WORDS.common or word.islower() or (len(word) > 1 and word.isupper())


def _count_titles(words: list[str]) -> int:
    count = 0
    while count < len(words) and words[count].casefold() in AROUND.titles:
        count += 1
    return count


def _opens_family(words: list[str]) -> bool:
    """Whether words begin with a particle, so that no first name stands before them."""
    return words[0] in AROUND.particles or (len(words) > 1 and words[0] in AROUND.large_particles)
