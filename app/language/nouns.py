"""Nouns that want an article where people leave it out: "offer from Contoso", "importance of documentation"."""

import re
from collections.abc import Collection, Sequence

from app.language.articles import article
from app.language.verbs import THIRD, VERBS
from app.language.word_lists import Set, WordLists
from app.language.words import WORDS, read_words


class Nouns(WordLists):
    """The lists of nouns.toml."""

    counted: Set
    roles: Set
    qualities: Set
    states: Set
    abstract: Set
    told: Set
    degrees: Set


NOUNS = Nouns.load("nouns.toml")

_BEHIND_NOUNS = WORDS.prepositions | WORDS.relatives | {"to"}
_NOT_BARE = WORDS.determiners | WORDS.pronouns | WORDS.indefinites | WORDS.auxiliaries | (WORDS.conjunctions - {"and"})
_VERB_FORMS = frozenset(THIRD) | VERBS.bases
_POINTING = frozenset({"this", "that", "these", "those"})
_OWNING = _POINTING | {"the", "a", "an", "my", "your", "our", "their", "his", "her", "its"}
_END = re.compile(r"[,;:(]| [-\u2013—] ")


def _find_head(text: str) -> str:
    """The noun that a bare phrase is about, "nurse" of "certified nurse in Ghent"; empty where none can be told."""
    words = read_words(_END.split(text, maxsplit=1)[0])
    end = next((n for n, word in enumerate(words) if word in _BEHIND_NOUNS), len(words))
    phrase = words[:end]
    owned = any("'" in word or word in _NOT_BARE for word in phrase)
    if not phrase or owned or phrase[0][:1].isdigit() or phrase[0] == "and":
        return ""
    return phrase[-1].casefold()


def add_article(text: str, nouns: Collection[str]) -> str:
    """The text with its "a" or "an" where it is about one of these nouns and has none."""
    return article(text) if _find_head(text) in nouns else text


def name_role(text: str) -> str | None:
    """What somebody is, with its "a" or "an": "a certified nurse"; None where it is no such thing."""
    bare = text.partition(" ")[2] if read_words(text)[0] in {"a", "an"} else text
    return article(bare) if bare and _find_head(bare) in NOUNS.roles else None


def add_the(text: str) -> str:
    """The text with its "the" where it begins with what there is only one of: "importance of documentation"."""
    words = read_words(text)
    return f"the {text}" if words[0] in NOUNS.abstract and words[1:2] == ("of",) else text


def is_surely_thing(words: Sequence[str]) -> bool:
    """Whether words can hold no verb that is not known: "the seams", "Conway's law", "advice on hiring", "tests"."""
    if len(words) == 1:
        return True
    if words[0] in _OWNING or words[0].endswith("'s"):
        end = next((n for n, word in enumerate(words) if n and word in _BEHIND_NOUNS), len(words))
        start = 1 if words[0] in _POINTING else 2
        tells = words[1] in {"more", "less"} or words[-1] in WORDS.adverbs
        return not tells and THIRD.keys().isdisjoint(words[start:end])
    if words[1] in WORDS.prepositions:
        return words[0] in NOUNS.told | NOUNS.counted
    return len(words) == len(("two", "words")) and words[0] not in _NOT_BARE | {"to"} and words[1] not in _VERB_FORMS


def names_degree(words: Sequence[str]) -> bool:
    """Whether words are a degree or a former firm and nothing else: "PhD", "BSc Computer Science", "ex-Google"."""
    alone = len(words) == 1 or words[1] not in WORDS.prepositions | {"and"}
    return words[0].startswith("ex-") or (words[0].casefold() in NOUNS.degrees and alone)
