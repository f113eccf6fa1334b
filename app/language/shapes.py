"""What people typed as a fact, made to stand well inside a sentence of ours, with the shape that asks for its frame.

Nothing here knows what words mean. Whether a capital belongs to a name, and whether a word is a noun or a verb, is
told by lists of words; where it cannot be told, a name keeps its capital, and the shape is `unsure`.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from app.language.casing import capitalise, finish, lower_first, write_capitals
from app.language.lead_ins import drop_lead_in, drop_wanted, is_of_another
from app.language.nouns import NOUNS, add_article, is_surely_thing, names_degree
from app.language.phrases import Fact, Shape, free, join_sentences, read_infinitive, read_phrase
from app.language.questions import make_direct, make_indirect, opens_question
from app.language.sentences import split_sentences
from app.language.statements import as_statement, opens_deed, opens_passive
from app.language.tidying import drop_stops, says_nothing, settle, tidy
from app.language.verbs import BASES, PARTICIPLES, gerund, is_sentence
from app.language.words import WORDS, is_of_oneself, read_words

__all__ = [
    "Fact",
    "Question",
    "Shape",
    "read_answer",
    "read_concern",
    "read_contribution",
    "read_fit",
    "read_insight",
    "read_news",
    "read_question",
    "read_reference",
    "read_topic",
    "read_understanding",
]

# The same facts are read for every member of a panel, every tone, every second look.
_remember = lru_cache(maxsize=1024)
_BEFORE_ORDERS = frozenset({"always", "do", "don't", "never"})
_WRITER = frozenset({"i", "me", "mine", "my", "myself"})
_ASIDE = re.compile(r"\?\s*(\([^()?]*\))[.?]?$")
_JOY = re.compile(r"(?<!!)!!+$")
_SHORT_OF = frozenset({"insufficient", "no", "not", "too"})
_GAP = re.compile(r"^(gaps?)(?= (?:in|between)\b)", re.IGNORECASE)
_DOUBTS = re.compile(
    r"^(?:(?:your|her|his|their|the|some) )?(?:doubts?|worry|worries|concerns?|reservations?|questions?) "
    r"(?:about|on|over|regarding|with) (?=\S)",
    re.IGNORECASE,
)
_OTHERS = frozenset({"he", "she", "they"})
_I_AM = {None: "I", " are": "I am", " were": "I was"}


class Question(NamedTuple):
    """A question with its mark, as a clause, and as the thing that it is about; at least one of them."""

    direct: str | None
    indirect: str | None
    about: str | None


@_remember
def read_topic(raw: str) -> Fact | None:
    """What was talked about: thing, doing, clause, that or unsure; None where nothing is said."""
    text = free(raw)
    if says_nothing(text):
        return None
    found = read_phrase(text)
    if found.shape == "thing" and read_words(text)[0] == "to":
        return _read_purpose(found.text)
    if found.shape != "that":
        return found
    if is_of_another(text):
        return Fact(lower_first(text), "unsure")
    is_own = is_of_oneself(read_words(found.text), _WRITER)
    return Fact(found.text, "unsure") if is_own else found  # "your point that I lack Rust" was no point of theirs


@_remember
def read_fit(raw: str) -> Fact | None:
    """Why the writer fits: thing, doing, clause, sentence ("Led a team" becomes "I led a team."), or unsure."""
    found = _read_claim(raw, read_phrase, resume=True)
    if found is not None and found.shape == "thing" and names_degree(read_words(found.text)):
        return Fact(found.text, "unsure")
    return _with_article(found)


@_remember
def read_contribution(raw: str) -> Fact | None:
    """What the writer would do first: infinitive without "to", sentence, thing, doing, clause or unsure."""
    return _read_claim(raw, lambda text: read_infinitive(text) or read_phrase(text), resume=False)


@_remember
def read_understanding(raw: str) -> Fact | None:
    """What they need: one sentence comes as `that`, several or a clause as `sentence`; thing, doing or unsure."""
    text = settle(raw, lambda text: drop_wanted(free(text)))
    words = read_words(text)
    if words[0] == "to" and any(words[1:]):
        text = f"somebody {text}" if words[1] in BASES else text
        return Fact(text, "thing" if words[1] in BASES else "unsure")
    if words[0] in WORDS.indefinites and words[1:2] in {("who",), ("that",), ("with",), ("to",)}:
        return Fact(lower_first(text), "thing")
    found = _read_view(text)
    return Fact(finish(found.text), "sentence") if found is not None and found.shape == "clause" else found


@_remember
def read_insight(raw: str) -> Fact | None:
    """What somebody else said: thing, doing, clause or `that` where that is sure; else a `sentence` to quote."""
    found = _read_view(raw)
    if found is None or found.shape == "sentence" or _can_be_retold(found):
        return found
    told = settle(found.text, lambda text: read_phrase(capitalise(text)).text)  # a capital may show who said it
    quoted = Fact(finish(told), "sentence")
    again = _read_view(quoted.text)  # the capital may have turned it into a question, too
    return again if again is not None and again.shape != "sentence" and _can_be_retold(again) else quoted


@_remember
def read_concern(raw: str) -> Fact | None:
    """What was doubted: thing, doing, that, clause or unsure. "Can you lead?" becomes "whether I can lead"."""
    doubted = settle(raw, lambda text: _DOUBTS.sub("", tidy(text)))
    found = _read_view(_GAP.sub(r"the \1", doubted))
    if found is None or found.shape == "sentence":
        return found and join_sentences(doubted)
    if found.shape == "thing" and read_words(found.text)[0] in _SHORT_OF:
        return Fact(found.text, "unsure")
    asks = found.shape == "clause" and raw.rstrip().endswith("?")
    return Fact(_turn_to_me(found.text), "clause") if asks else found


@_remember
def read_news(raw: str) -> Fact | None:
    """What changed: as `read_fit`, but unsure for a headline such as "article accepted"."""
    text = free(raw)
    if text and not says_nothing(text) and opens_passive(read_words(text)) and len(split_sentences(text)) == 1:
        return Fact(lower_first(text), "unsure")
    found = _read_claim(raw, read_phrase, resume=True)
    if found is None or found.shape != "thing":
        return found
    return Fact(found.text, "unsure") if _is_headline(read_words(found.text)) else _with_article(found)


@_remember
def read_answer(raw: str) -> str:
    """Sentences of their own, as typed, with the first capital and the last stop; empty where nothing is said."""
    text = finish(tidy(raw))
    return "" if says_nothing(text) else text


@_remember
def read_question(raw: str) -> Question | None:
    """A question as typed and turned where that is safe, or what it is about; None where nothing is said."""
    text = settle(raw, lambda text: tidy(drop_lead_in(_ASIDE.sub(r" \1?", tidy(text)))))
    bare = free(text)
    if says_nothing(bare):
        return None
    asks = text.endswith(("?", "\uff1f"))
    direct = capitalise(bare) + "?" if asks else None
    if len(split_sentences(text)) > 1:
        return Question(direct, None, None if direct else join_sentences(bare).text)
    words, indirect = read_words(bare), make_indirect(bare)
    if indirect is None:
        is_question = direct and (opens_question(words) or is_sentence(words))
        return Question(direct, None, None) if is_question else Question(None, None, read_phrase(bare).text)
    if opens_question(words) and indirect.casefold() != bare.casefold():
        return Question(capitalise(bare) + "?", indirect, None)
    return Question(make_direct(indirect) or direct, indirect, None)


@_remember
def read_reference(raw: str) -> str | None:
    """Who can speak for the writer, as typed, without a closing stop; None where nobody is named."""
    text = settle(raw, lambda text: drop_stops(tidy(text)))
    if says_nothing(text) or text.casefold() in WORDS.nobody:
        return None
    plain = lower_first(text)
    named = add_article(plain, NOUNS.counted | NOUNS.roles) if plain[:1].islower() else plain
    return text if named == plain else named


def _read_claim(raw: str, read: Callable[[str], Fact], *, resume: bool) -> Fact | None:
    text = write_capitals(settle(raw, _begin_claim))
    if says_nothing(free(text)):
        return None
    pieces = [as_statement(piece.text, resume=resume) for piece in split_sentences(text)]
    if all(pieces):
        return Fact(finish(" ".join(piece for piece in pieces if piece)), "sentence")
    return join_sentences(text) if len(pieces) > 1 else read(free(text))


def _begin_claim(text: str) -> str:
    """The text without what stands around a claim, be it "that" or more than one mark of joy."""
    text = drop_lead_in(_JOY.sub("", tidy(text).rstrip(" ,;:-\u2013\u2014")))
    words = read_words(text)
    return text.partition(" ")[2] if words[0] == "that" and any(words[1:]) and is_sentence(words[1:]) else text


def _read_view(raw: str) -> Fact | None:
    text = free(raw)
    if says_nothing(text):
        return None
    if len(split_sentences(text)) > 1:
        return Fact(finish(text), "sentence")
    found, words = read_phrase(text), read_words(text)
    if opens_deed(words, lenient=True) or (words[0] in _BEFORE_ORDERS and words[1:]):
        return Fact(lower_first(text), "unsure")
    if found.shape == "unsure" or (found.shape == "thing" and is_sentence(words, lenient=True)):
        return Fact(found.text, "that")
    return found


def _can_be_retold(found: Fact) -> bool:
    """Whether what somebody said can stand in a sentence of the writer, and not only between quotation marks."""
    words = read_words(found.text)
    if is_of_oneself(words, WORDS.first_person) or found.shape == "unsure":
        return False
    if found.shape == "that":
        return not is_of_oneself(words[:1], _OTHERS)
    return found.shape != "thing" or is_surely_thing(words)


def _read_purpose(text: str) -> Fact:
    """What is to be done as doing it: "to reduce churn" -> "reducing churn"; unsure where no verb is known."""
    _, verb, *rest = [*text.split(" "), ""]
    if verb in BASES and any(rest):
        return Fact(" ".join([gerund(verb), *rest]).rstrip(), "doing")
    return Fact(text, "unsure")


def _is_headline(words: Sequence[str]) -> bool:
    """Whether words tell what happened, without their verb: "article accepted", "promoted to lead"."""
    if words[0] in PARTICIPLES and (len(words) == 1 or words[1] in WORDS.prepositions):
        return True
    return words[0] not in WORDS.determiners and not (PARTICIPLES | {"pending"}).isdisjoint(words[1:])


def _with_article(found: Fact | None) -> Fact | None:
    if found is None or found.shape != "thing":
        return found
    return Fact(add_article(found.text, NOUNS.counted), "thing")


def _turn_to_me(text: str) -> str:
    """What the writer was asked, as the writer tells it: "whether you can lead" -> "whether I can lead"."""
    text = re.sub(r"\byour(self)?\b", r"my\1", text)
    return re.sub(r"\byou( are| were)?\b", lambda found: _I_AM[found[1]], text, count=1)
