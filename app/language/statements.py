"""What people typed as sentences of their own: a resume's "Led a team" gets its "I"."""

from collections.abc import Sequence

from app.language.casing import end_stop, finish, lower_first, lower_letter
from app.language.nouns import NOUNS, name_role
from app.language.verbs import BASES, THIRD, VERBS, is_sentence
from app.language.words import WORDS, is_doing, read_words

_BEHIND_ADJECTIVES = frozenset(["in", "with", "at", "for", "about", "on", "as", "to", "of", "by"])
_BESIDE_QUALITIES = frozenset(["and", "highly", "really", "very"])
_REASONS = frozenset({"because", "since"})
_PARTICIPLE_OPENINGS = {"is": "am", "being": "am", "having": "have"}
_ENDS_OF_QUALITIES = frozenset(
    ["certified", "driven", "focused", "licensed", "minded", "oriented", "qualified", "trained"]
)
_MOST_WORDS_OF_A_QUALITY = 3
_SHORTEST_PAST = 5
_JOINED_WITH_HYPHEN = ("co-", "pre-", "re-")
_NAMES_AND_FIGURES = tuple('"0123456789')
_BEHIND_DEED = WORDS.determiners | WORDS.adverbs | WORDS.names
_BEHIND_DEED |= frozenset(["up", "out", "down", "off", "back", "away", "you", "us", "them", "me", "him", "her"])


def as_statement(text: str, *, resume: bool) -> str | None:
    """A piece as a sentence of its own; None where it is none."""
    words = read_words(text)
    if resume and (claim := _claim(text, words)):
        return f"I {end_stop(claim)}"
    if resume and words[0] in _REASONS and any(words[1:]):
        return as_statement(text.partition(" ")[2], resume=True)
    if not resume and opens_deed(words, lenient=True):
        return None
    is_clause = words[0] in WORDS.question_words | _REASONS and not text.endswith("?")
    return finish(text) if is_sentence(words) and not is_clause else None


def _claim(text: str, words: Sequence[str]) -> str | None:
    """What a line of a resume says, behind "I"; None where it is no such line."""
    if words[0] in _PARTICIPLE_OPENINGS and any(words[1:]) and not text.endswith("?"):
        return _PARTICIPLE_OPENINGS[words[0]] + text[len(words[0]) :]
    if being := _be(words):
        return f"{being} {lower_letter(text)}"
    if _opens_resume(words) or _opens_past(text, words) or opens_deed(words):
        return lower_letter(text)
    if _opens_third_person(words):
        return THIRD[words[0]] + text[len(words[0]) :]
    if is_doing(words) or is_sentence(words):
        return None
    role = name_role(lower_first(text))
    return role and f"am {role}"


def _be(words: Sequence[str]) -> str | None:
    """What the writer's "I" wants before these words: "am" or "was"; None where it wants neither."""
    if _opens_state(words) or _is_quality(words):
        return "am"
    return "was" if words[0] in VERBS.passive and len(words) > 1 else None


def _is_quality(words: Sequence[str]) -> bool:
    """Whether words are how somebody is, and nothing else: "bilingual", "reliable and curious"."""
    if 1 < len(words) <= _MOST_WORDS_OF_A_QUALITY and words[-1] in _ENDS_OF_QUALITIES:
        return words[0] not in WORDS.determiners | WORDS.pronouns and not is_sentence(words)
    is_joined = len(words) == 1 or not _BESIDE_QUALITIES.isdisjoint(words)
    return is_joined and words[-1] in NOUNS.qualities and (NOUNS.qualities | _BESIDE_QUALITIES).issuperset(words)


def _opens_third_person(words: Sequence[str]) -> bool:
    """Whether words tell of somebody with the subject left out: "speaks Spanish"; "offers from Acme" does not."""
    if len(words) == 1 or words[0] not in THIRD or words[0] in WORDS.names or words[1] == "of":
        return False
    surely = words[1] in _BEHIND_DEED | {"as", "with"} or words[1].endswith("s") or words[1][:1] in _NAMES_AND_FIGURES
    return surely or THIRD[words[0]] not in VERBS.also_nouns


def _opens_resume(words: Sequence[str]) -> bool:
    """Whether words tell what "I" did: "led a team of five"; "automated testing" does not."""
    if len(words) == 1 or words[0] not in VERBS.resume:
        return False
    if words[:2] == ("used", "to"):
        return True
    return words[0] not in VERBS.also_adjectives or _opens_object(words[1])


def _opens_past(text: str, words: Sequence[str]) -> bool:
    """Whether words begin with a verb that is in no list, told by its -ed: "audited the books"."""
    first = words[0]
    if len(words) == 1 or not first.endswith("ed") or first.endswith("eed") or len(first) < _SHORTEST_PAST:
        return False
    if first in VERBS.resume | VERBS.only_adjectives | WORDS.adjectives | NOUNS.qualities | WORDS.names:
        return False
    is_plain = "-" not in first or first.startswith(_JOINED_WITH_HYPHEN)
    return is_plain and not is_sentence(words) and name_role(lower_first(text)) is None


def _opens_state(words: Sequence[str]) -> bool:
    """Whether words tell what "I" am: "experienced in Kafka", "currently leading a team"."""
    if len(words) == 1:
        return False
    if words[:2] == ("used", "to"):
        return len(words) > len(words[:2]) and words[2] not in BASES
    state = words[0] in WORDS.adjectives | NOUNS.qualities | NOUNS.states and words[1] in _BEHIND_ADJECTIVES
    return state or (words[0] in {"currently", "now"} and is_doing(words))


def opens_deed(words: Sequence[str], *, lenient: bool = False) -> bool:
    """Whether words begin with a verb, its subject left out: "run the platform". Lenient: "review pipelines", too."""
    if len(words) == 1 or words[0] not in BASES or words[0] in WORDS.names or words[1] == "of":
        return False
    if words[0] not in VERBS.also_nouns or words[1] in _BEHIND_DEED or words[1][:1] in _NAMES_AND_FIGURES:
        return True
    if words[0] == "help" and words[1] in BASES:
        return True
    return lenient and _takes_object(words)


def _takes_object(words: Sequence[str]) -> bool:
    """Whether a word that is a noun as well is a verb for what follows: "interview customers", "plan for growth"."""
    if words[0] in VERBS.attributive:
        return (words[0], words[1]) in {("focus", "on"), ("work", "on"), ("work", "with"), ("work", "through")}
    if words[1] == "for":
        return words[0] in VERBS.before_for
    return _opens_object(words[1])


def _opens_object(word: str) -> bool:
    return (
        word == "new"
        or word in _BEHIND_DEED
        or word in WORDS.prepositions
        or word.endswith("s")
        or word[:1] in _NAMES_AND_FIGURES
    )


def opens_passive(words: Sequence[str]) -> bool:
    """Whether words begin with what somebody else did, or with an -ed of which that cannot be told."""
    return words[0] in VERBS.passive or (len(words) > 1 and words[0] not in VERBS.resume and words[0].endswith("ed"))
