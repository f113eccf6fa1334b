"""The words that tell shapes apart, from words.toml, and small questions about them."""

import re
import tomllib
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict


def _split(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _split_phrases(text: str) -> frozenset[str]:
    return frozenset(phrase for phrase in re.split(r"[|\n]", text) if phrase)


Set = Annotated[frozenset[str], BeforeValidator(_split)]
Phrases = Annotated[frozenset[str], BeforeValidator(_split_phrases)]


class Words(BaseModel):
    """The lists of words.toml, each a set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    determiners: Set
    pronouns: Set
    indefinites: Set
    prepositions: Set
    relatives: Set
    conjunctions: Set
    question_words: Set
    auxiliaries: Set
    adverbs: Set
    adjectives: Set
    things_in_ing: Set
    ing_heads: Set
    abbreviations: Set
    nothing: Phrases
    names: Set
    small_names: Set
    spellings: Set
    name_openings: Phrases
    common: Set
    common_endings: Set


WORDS = Words.model_validate(tomllib.loads((files("app.language") / "words.toml").read_text("utf-8")))

_MARKS = '.,;:!?…"“”()[]'
_QUOTES = ('"', "“", "”")
_SHORTEST_DOING = 5
_BEFORE_DOING = frozenset({"not", "never", "currently", "now"})
_JOINS = frozenset({"", "/", "&", "and", "or", "vs", "versus"})
_CONTRACTED = re.compile(r"(i|you|we|they|he|she|it|that|there|this|who|what)['\u2019](?:m|d|ve|ll|re|s)")


@lru_cache(maxsize=256)  # a text is looked at several times over before its shape is known
def read_words(text: str) -> tuple[str, ...]:
    """The words of a text in small letters, without stops; an acronym keeps its capitals.

    A name that looks like a common word ("Go") gets a quotation mark, and so does what is quoted: neither is a verb.
    """
    shouted, quoted = text.isupper(), False
    found = []
    for n, word in enumerate(text.split(" ")):
        quoted = quoted or word.startswith(_QUOTES)
        is_name = n > 0 and not shouted and word[:1].isupper() and word.strip(_MARKS).casefold() in WORDS.names
        found.append(f'"{word}' if quoted or is_name else _read_word(word, shouted=shouted))
        quoted = quoted and not word.rstrip(".,;:!?…").endswith(_QUOTES)
    return tuple(found)


def _read_word(word: str, *, shouted: bool) -> str:
    bare = word.strip(_MARKS)
    if len(bare) > 1 and bare.isupper() and not shouted:
        return bare
    return bare.casefold().replace("\u2019", "'")


def is_doing(words: Sequence[str]) -> bool:
    """Whether words tell of doing something: "moving the nightly batch", "gradually moving to streaming"."""
    start = 1 if words[0] in _BEFORE_DOING or _is_adverb(words[0]) else 0
    if len(words) < start + 2:
        return False
    following = words[start + 1]
    takes_object = following in WORDS.determiners or following in WORDS.prepositions
    if not _is_ing(words[start]) and not (words[start].endswith("ing") and takes_object):
        return False
    if following in _JOINS:
        return len(words) > start + 3 and _is_ing(words[start + 2])
    return following not in WORDS.ing_heads


def opens_with_subject(words: Sequence[str]) -> bool:
    """Whether words begin with who does it: "we", "you've"."""
    first = words[0]
    return any(words[1:]) and (first in WORDS.pronouns or _CONTRACTED.fullmatch(first) is not None)


def _is_ing(word: str) -> bool:
    return word.endswith("ing") and len(word) >= _SHORTEST_DOING and word not in WORDS.things_in_ing


def _is_adverb(word: str) -> bool:
    return word.endswith("ly") and word not in WORDS.names and word not in WORDS.common
