"""The first letter of what people typed, and its end: small in the middle of a sentence, capital at its start."""

import re
from collections.abc import Sequence
from functools import lru_cache

from app.language.verbs import FORMS
from app.language.words import WORDS, opens_with_month

_LONE_I = re.compile(r"(?<![\w.'\u2019/-])i(?=['\u2019](?:m|d|ve|ll)\b|[ ,;!?]|$)")
_CLOSERS = "\"'”\u2019»)]}"
_BRACKETS = ")]}"
_STOPS = ".!?…。\uff01\uff1f"
_LOOSE = " ,;:-\u2013—"
_ENDINGS = tuple(WORDS.common_endings)
_SHORTEST_WITH_ENDING = 6
_SMALL = WORDS.determiners | WORDS.pronouns | WORDS.indefinites | WORDS.prepositions | WORDS.question_words
_SMALL |= WORDS.auxiliaries | WORDS.relatives | WORDS.conjunctions
_BEFORE_PLACES = frozenset({"at", "from", "in"})
_PAIR = 2
_FEWEST_SHOUTED = 9
"""So many letters in capitals, and more than one word, are no acronym."""
_LONGEST_ACRONYM = 4
_NAME_OPENINGS = tuple(f"{name} " for name in WORDS.name_openings)
_SPELLINGS = {spelling.casefold(): spelling for spelling in WORDS.spellings}


def lower_first(text: str) -> str:
    """The text as it stands in the middle of a sentence.

    A name, an acronym, mixed case, a digit and "I" keep their capital. Whether a capitalised word is a name cannot be
    known: one that is in no list of common words is taken for a name, and so is "Data Mesh", but not "Open Source".
    """
    words = text.split(" ")
    if not _is_capitalised(words[0], alone=len(words) == 1) or _opens_with_name(text, words):
        return text
    run = [word for word in words if _is_capitalised(word, alone=True)]
    if _is_title(words, run):
        return " ".join(_lower(word) if word in run else word for word in words)
    if _is_unlike_a_name(words):
        return " ".join([_lower(words[0]), *words[1:]])
    return text


def capitalise(text: str) -> str:
    """The text with a capital first letter, unless its first word has its own way: iPhone, dbt, k8s, example.com."""
    start = len(text) - len(text.lstrip("\"'“\u2018«([{ "))
    first = text[start:].split(" ", 1)[0].rstrip(",;:.!?…" + _CLOSERS)
    has_own_way = first != first.lower() or re.search(r"[\d@/_]|\w\.\w", first) or first in WORDS.small_names
    letter = first[:1].upper()
    if has_own_way or len(letter) != 1:
        return text
    return text[:start] + letter + text[start + 1 :]


def end_stop(text: str) -> str:
    """The text with a full stop, unless a stop ends it already, be it inside the quotation marks that close it."""
    text = text.rstrip()
    bare = text.rstrip(_CLOSERS)
    if bare.endswith(tuple(_STOPS)) and not (text[-1] in _BRACKETS and text[0] not in "([{"):
        return text
    closed = text.rstrip(_LOOSE)
    return closed if closed.endswith(tuple(_STOPS)) or not closed else f"{closed}."


def finish(text: str) -> str:
    """Sentences as typed, the first with its capital and the last with its stop."""
    return end_stop(capitalise(write_capitals(text)))


@lru_cache(maxsize=256)  # one text goes through here several times before its shape is known
def write_capitals(text: str) -> str:
    """The text with the capitals that no one disputes: "I", and Kafka, SQL and the like where they were typed small."""
    words = _LONE_I.sub("I", _calm(text)).split(" ")
    return " ".join(map(_spell, words))


def _calm(text: str) -> str:
    """A text all in capitals written small, but for names and acronyms: "KAFKA MIGRATION" -> "Kafka migration"."""
    if not text.isupper() or " " not in text or sum(map(str.isalpha, text)) < _FEWEST_SHOUTED:
        return text
    return " ".join(map(_calm_word, text.split(" ")))


def _calm_word(word: str) -> str:
    bare = _bare(word)
    plain = bare.casefold()
    if plain in _SPELLINGS:
        return word.replace(bare, _SPELLINGS[plain])
    if plain in WORDS.names and plain not in _SMALL:
        return word.replace(bare, bare.capitalize())
    if bare == "I" or not bare.isalpha() or not bare.isascii():
        return word
    is_acronym = len(bare) <= _LONGEST_ACRONYM and not _is_common(plain) and plain not in _SMALL
    return word if is_acronym else word.lower()


@lru_cache(maxsize=4096)  # people use the same words
def _spell(word: str) -> str:
    if not word.islower():
        return word
    bare = word.rstrip(",;:.!?…" + _CLOSERS)
    return _SPELLINGS.get(bare, bare) + word[len(bare) :]


def lower_letter(text: str) -> str:
    """The text with a small first letter where only that is a capital, for a first word that is no name."""
    first = text.split(" ", 1)[0]
    return text if len(first) > 1 and first[1:] != first[1:].lower() else text[:1].lower() + text[1:]


def _is_common(word: str) -> bool:
    """Whether a word is an everyday one and no name."""
    plain = word.casefold().replace("\u2019", "'")
    stem, _, ending = plain.partition("'")
    if plain in WORDS.auxiliaries or stem in WORDS.pronouns or stem in WORDS.indefinites:
        return True
    if stem in WORDS.names:
        return False
    if ending == "s":
        return stem in WORDS.owners
    if stem in WORDS.common or stem.split("-")[0] in WORDS.common or stem in FORMS:
        return True
    return len(stem) >= _SHORTEST_WITH_ENDING and stem.endswith(_ENDINGS)


def _is_capitalised(word: str, *, alone: bool) -> bool:
    """Whether a word has one capital, the first letter, and no digit; a single letter only where it is an article."""
    bare = word.strip(",;:.!?…\"“”()[]'\u2019")
    if bare[:2] in {"I'", "I\u2019"}:
        return False
    if len(bare) == 1:
        return bare == "A" and word == bare and not alone
    return word[:1].isupper() and bare[1:] == bare[1:].lower() and not any(letter.isdigit() for letter in bare)


def _opens_with_name(text: str, words: Sequence[str]) -> bool:
    """Whether a text begins with a name that is made of common words: "New York", "May release", "Hope House"."""
    if len(words) > 1 and words[0].casefold() in WORDS.also_names and _is_capitalised(words[1], alone=True):
        return True
    return opens_with_month(words) or f"{text} ".startswith(_NAME_OPENINGS)


def _is_title(words: Sequence[str], run: Sequence[str]) -> bool:
    """Whether every word is written large for looks alone: "Open Source", not "Article in Nature"."""
    if len(run) == 1 or run[:1] != words[:1]:
        return False
    if len(run) == _PAIR and words[words.index(run[1]) - 1] in _BEFORE_PLACES:
        return False
    return all(_is_common(_bare(word)) if word in run else _is_function(word) for word in words)


def _is_unlike_a_name(words: Sequence[str]) -> bool:
    """Whether the first word opens no name: it is a small one, or a common one before a small letter or before SQL."""
    first, following = _bare(words[0]), _bare(words[1]) if len(words) > 1 else ""
    if not _is_common(first):
        return False
    known = following.isupper() or following.casefold() in _SPELLINGS or following.casefold() in WORDS.names
    return known or not following[:1].isupper() or _is_function(first.casefold())


def _is_function(word: str) -> bool:
    """Whether a word is one of the small ones, or tells of doing: a name behind it keeps its capital."""
    stem = word.replace("\u2019", "'").split("'")[0]
    return word in _SMALL or stem in _SMALL or word.endswith(("ing", "ed"))


def _bare(word: str) -> str:
    return word.strip(',;:.!?…"“”()[]')


def _lower(word: str) -> str:
    return word[:1].lower() + word[1:]
