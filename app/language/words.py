"""The words that tell shapes apart, from words.toml, and small questions about them."""

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from app.language.word_lists import Phrases, Set, WordLists


class Words(WordLists):
    """The lists of words.toml."""

    determiners: Set
    pronouns: Set
    first_person: Set
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
    acronyms: Set
    nobody: Phrases
    names: Set
    small_names: Set
    spellings: Set
    name_openings: Phrases
    also_names: Set
    owners: Set
    common: Set
    common_endings: Set


WORDS = Words.load("words.toml")

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
    words = text.split(" ")
    if text.isupper():
        found = [_read_plain(word) for word in words]
    else:
        first = f'"{words[0]}' if opens_with_month(words) else _read_word(words[0])
        found = [first, *map(_read_later_word, words[1:])]
    return tuple(_mark_quoted(words, found) if '"' in text or "“" in text else found)


def _mark_quoted(words: Sequence[str], found: Sequence[str]) -> Iterator[str]:
    quoted = False
    for word, plain in zip(words, found, strict=True):
        quoted = quoted or word.startswith(_QUOTES)
        yield f'"{word}' if quoted else plain
        quoted = quoted and not word.rstrip(".,;:!?…").endswith(_QUOTES)


@lru_cache(maxsize=4096)  # people use the same words
def _read_word(word: str) -> str:
    bare = word.strip(_MARKS)
    return bare if bare.isupper() and len(bare) > 1 else _read_plain(word)


@lru_cache(maxsize=4096)
def _read_later_word(word: str) -> str:
    is_name = word[:1].isupper() and word.strip(_MARKS).casefold() in WORDS.names
    return f'"{word}' if is_name else _read_word(word)


def _read_plain(word: str) -> str:
    return word.strip(_MARKS).casefold().replace("\u2019", "'")


def opens_with_month(words: Sequence[str]) -> bool:
    """Whether words as typed begin with a month's name: "May release", but not "May I ask"."""
    return words[0] == "May" and (len(words) == 1 or words[1].casefold() not in WORDS.pronouns | WORDS.determiners)


def is_of_oneself(words: Sequence[str], persons: Collection[str]) -> bool:
    """Whether one of these persons speaks: "I", "we've", "my"."""
    return any(word in persons or word.split("'", 1)[0] in persons for word in words)


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
