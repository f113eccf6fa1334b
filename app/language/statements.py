"""What people typed as sentences of their own: a resume's "Led a team" gets its "I"."""

from collections.abc import Sequence

from app.language.casing import capitalise, end_stop, lower_letter, write_capitals
from app.language.verbs import BASES, VERBS, is_sentence
from app.language.words import WORDS, is_doing, read_words

_BEHIND_ADJECTIVES = frozenset(["in", "with", "at", "for", "about", "on", "as", "to"])
_NAMES_AND_FIGURES = tuple('"0123456789')
_BEHIND_DEED = WORDS.determiners | WORDS.adverbs | WORDS.names
_BEHIND_DEED |= frozenset(["up", "out", "down", "off", "back", "away", "you", "us", "them", "me", "him", "her"])


def finish(text: str) -> str:
    """Sentences as typed, the first with its capital and the last with its stop."""
    return end_stop(capitalise(write_capitals(text)))


def as_statement(text: str, *, resume: bool) -> str | None:
    """A piece as a sentence of its own; None where it is none."""
    words = read_words(text)
    if resume and _opens_state(words):
        return f"I am {end_stop(lower_letter(text))}"
    if resume and (_opens_resume(words) or opens_deed(words)):
        return f"I {end_stop(lower_letter(text))}"
    if not resume and opens_deed(words, lenient=True):
        return None
    is_clause = words[0] in WORDS.question_words | {"because", "since"} and not text.endswith("?")
    return finish(text) if is_sentence(words) and not is_clause else None


def _opens_resume(words: Sequence[str]) -> bool:
    """Whether words tell what "I" did: "led a team of five"; "automated testing" does not."""
    if len(words) == 1 or words[0] not in VERBS.resume:
        return False
    return words[0] not in VERBS.also_adjectives or _opens_object(words[1])


def _opens_state(words: Sequence[str]) -> bool:
    """Whether words tell what "I" am: "experienced in Kafka", "currently leading a team"."""
    if len(words) == 1:
        return False
    state = words[0] in WORDS.adjectives and words[1] in _BEHIND_ADJECTIVES
    return state or (words[0] in {"currently", "now"} and is_doing(words))


def opens_deed(words: Sequence[str], *, lenient: bool = False) -> bool:
    """Whether words begin with a verb, its subject left out: "run the platform". Lenient: "review pipelines", too."""
    if len(words) == 1 or words[0] not in BASES or words[0] in WORDS.names or words[1] == "of":
        return False
    if words[0] not in VERBS.also_nouns or words[1] in _BEHIND_DEED or words[1][:1] in _NAMES_AND_FIGURES:
        return True
    return lenient and _opens_object(words[1]) and words[1] != "for"


def _opens_object(word: str) -> bool:
    return word in _BEHIND_DEED or word in WORDS.prepositions or word.endswith("s") or word[:1].isdigit()
