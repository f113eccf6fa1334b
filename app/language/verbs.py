"""Verbs and their forms, from verbs.toml, and where a sentence has its verb."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Self

from pydantic import BeforeValidator, model_validator

from app.language.word_lists import Set, WordLists, check_order, split_phrases
from app.language.words import WORDS, opens_with_subject


def _split_forms(text: str) -> tuple[tuple[str, str, str], ...]:
    forms = tuple((base, past, participle) for base, past, participle in map(str.split, split_phrases(text)))
    check_order([base for base, _, _ in forms])
    return forms


class Verbs(WordLists):
    """The lists of verbs.toml."""

    irregular: Annotated[tuple[tuple[str, str, str], ...], BeforeValidator(_split_forms)]
    regular: Set
    also_nouns: Set
    doubled: Set
    intransitive: Set
    attributive: Set
    before_for: Set
    before_to: Set
    resume: Set
    also_adjectives: Set
    only_adjectives: Set
    passive: Set

    @property
    def bases(self) -> frozenset[str]:
        """Every verb, as it stands behind "to"."""
        return self.regular | self.also_nouns | {base for base, _, _ in self.irregular}

    @model_validator(mode="after")
    def _refuse_strangers(self) -> Self:
        known = {base for base, _, _ in self.irregular} | self.also_nouns
        if twice := self.regular & known:
            raise ValueError(f"verbs of two kinds: {sorted(twice)}")
        strangers = (self.doubled | self.intransitive | self.before_to) - self.bases
        if strangers := strangers | (self.also_adjectives - self.resume):
            raise ValueError(f"not among the verbs: {sorted(strangers)}")
        return self


VERBS = Verbs.load("verbs.toml")

_SHORTEST_PAST = 4
_SHORTEST_OWNER = 3
_FARTHEST = 14
"""A verb that stands farther from the beginning is not looked for."""


def third_person(base: str) -> str:
    """How he, she or it does it: "reviews", "carries", "has"."""
    if base in {"have", "do", "go"}:
        return {"have": "has", "do": "does", "go": "goes"}[base]
    if base.endswith("y") and base[-2:-1] not in "aeiou":
        return base[:-1] + "ies"
    return base + ("es" if base.endswith(("s", "x", "z", "ch", "sh", "o")) else "s")


def gerund(base: str) -> str:
    """A verb as doing: "reducing", "running", "seeing"."""
    if base in VERBS.doubled:
        return base + base[-1] + "ing"
    return (base[:-1] if base.endswith("e") and base[-2:] not in {"be", "ee", "ie", "oe", "ye"} else base) + "ing"


def _regular_past(base: str) -> str:
    if base.endswith("e"):
        return base + "d"
    if base.endswith("y") and base[-2:-1] not in "aeiou":
        return base[:-1] + "ied"
    return base + (base[-1] + "ed" if base in VERBS.doubled else "ed")


BASES = VERBS.bases
PAST = {base: _regular_past(base) for base in BASES} | {base: past for base, past, _ in VERBS.irregular}
PARTICIPLES = frozenset(PAST[base] for base in BASES) | {participle for _, _, participle in VERBS.irregular}
THIRD = {third_person(base): base for base in BASES}
PRESENT_OF = {past: base for base, past in PAST.items()}

FORMS = BASES | PARTICIPLES | frozenset(THIRD) | frozenset(PAST.values())

_STRONG_BASES = BASES - VERBS.also_nouns
_STRONG = _STRONG_BASES | {third_person(base) for base in _STRONG_BASES}
_STRONG |= {past for base, past, participle in VERBS.irregular if past != participle}
_STRONG |= {PAST[base] for base in VERBS.intransitive}
_WEAK = (BASES | frozenset(THIRD) | frozenset(PAST.values())) - _STRONG
_OBJECTS = WORDS.determiners | WORDS.adverbs | WORDS.pronouns | WORDS.names | {"us", "them", "him", "me"}
_ARTICLES = frozenset({"the", "a", "an", "my", "your", "our", "their", "his", "her", "its", "this", "these", "every"})
_BEFORE_NOUNS = WORDS.prepositions | WORDS.determiners | {"and", "or", "to"}
_BEFORE_NOUNS |= {"good", "great", "large", "new", "small"}
_JOINING = WORDS.prepositions | WORDS.determiners | WORDS.conjunctions
_BEFORE_TO = frozenset(third_person(base) for base in VERBS.before_to)
_TELLING = WORDS.pronouns | WORDS.relatives | WORDS.auxiliaries | _ARTICLES | _STRONG | _WEAK
"""Any other word neither is a verb nor takes one with it, but for one in -ed."""
_BEHIND_IS = (WORDS.prepositions | WORDS.determiners | {"not"}) - {"inside", "past", "like", "all"}


@lru_cache(maxsize=256)  # one text is asked about several times before its shape is known
def is_sentence(words: tuple[str, ...], *, lenient: bool = False) -> bool:
    """Whether words say something of somebody: "your team ships daily". Lenient: "teams ship faster" does, too.

    A word that is a noun as well counts as a verb only before what a verb has behind it, so it misses some.
    """
    if opens_with_subject(words) or (
        words[0].endswith("'s") and len(words[0]) > _SHORTEST_OWNER and len(words) > 1 and words[1] in _BEHIND_IS
    ):
        return True
    missing, n = 1, 1
    while n < min(len(words), _FARTHEST) and missing:
        if words[n] not in _TELLING and not words[n].endswith("ed"):
            pass
        elif words[n] in WORDS.pronouns and words[n - 1] not in WORDS.prepositions:
            missing -= words[n - 1] in WORDS.relatives
            n += 1  # the pronoun's own verb
        elif _is_turned(words, n):
            missing += 1
        elif _is_auxiliary(words, n) or _is_verb(words, n, lenient=lenient):
            missing -= 1
        n += 1
    return missing == 0


def _is_auxiliary(words: Sequence[str], n: int) -> bool:
    before = words[n - 1]
    behind_noun = before not in WORDS.auxiliaries and before not in WORDS.prepositions
    return words[n] in WORDS.auxiliaries and words[n] != "been" and behind_noun


def _is_turned(words: Sequence[str], n: int) -> bool:
    """Whether a part of its own begins at a word: "the way / you ship", "the tool / that runs"."""
    before, here = words[n - 1], words[n]
    if here in WORDS.relatives:
        return True
    return here in _ARTICLES and before not in _JOINING and words[0] in WORDS.determiners


def _is_verb(words: Sequence[str], n: int, *, lenient: bool) -> bool:
    before, here, after = words[n - 1], words[n], words[n + 1] if n + 1 < len(words) else ""
    if before in _BEFORE_NOUNS or before.endswith("'s"):
        return False
    if here in _STRONG or (here in _BEFORE_TO and after == "to"):
        return True
    if here not in _WEAK and not (here.endswith("ed") and len(here) > _SHORTEST_PAST):
        return False
    if after in _OBJECTS or after.startswith('"') or after.endswith("ly") or after[:1].isdigit():
        return True
    return lenient and after != "" and after not in _JOINING and _agrees(words, n)


def _agrees(words: Sequence[str], n: int) -> bool:
    """Whether a word has the form of a verb behind the noun before it: "teams ship", "the team ships"."""
    before, here = words[n - 1], words[n]
    if before.endswith("s") and not before.endswith("ss"):
        return here in BASES
    return here in THIRD and words[0] in _ARTICLES
