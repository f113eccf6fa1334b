"""One fact that is no sentence of its own, and its shape, which says which frames fit it."""

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from app.language.casing import lower_first, lower_letter, write_capitals
from app.language.lead_ins import drop_lead_in, drop_said, drop_thought, is_dialogue
from app.language.nouns import add_the
from app.language.questions import make_indirect, opens_question
from app.language.sentences import split_sentences
from app.language.statements import opens_deed
from app.language.tidying import drop_stops, says_nothing, settle, tidy
from app.language.verbs import BASES, is_sentence
from app.language.words import WORDS, is_doing, read_words

Shape = Literal["thing", "doing", "clause", "that", "infinitive", "sentence", "unsure"]
_FEWEST_LISTED = 3
_MOST_WORDS_LISTED = 3
_THAT = "that "
_SMALL = WORDS.pronouns | WORDS.relatives | WORDS.conjunctions | WORDS.prepositions | {"to", "and", "or", "that"}
_LET_US = ("let's ", "let\u2019s ")


class Fact(NamedTuple):
    """A fact as it stands in the middle of a sentence; a `sentence` as it stands alone, `that` without its "that"."""

    text: str
    shape: Shape


@lru_cache(maxsize=256)
def free(raw: str) -> str:
    """The text without closing stops and lead-ins, with its undisputed capitals."""
    return write_capitals(settle(write_capitals(tidy(raw)), lambda text: drop_lead_in(close(tidy(text)))))


def close(text: str) -> str:
    """The text without closing stops and question marks."""
    return settle(text, lambda text: drop_stops(text).rstrip("?\uff1f "))


def read_phrase(text: str) -> Fact:
    """What a freed text says: thing, doing, clause, that, or unsure where it is a sentence or cannot be told."""
    text = _hear_all(text)
    if len(split_sentences(text)) > 1:
        return join_sentences(text)
    words = read_words(text)
    if point := _read_point(text):
        return point
    if opens_question(words) and ";" not in text and (indirect := make_indirect(text)):
        return Fact(indirect, "clause")
    if (
        words[0] in WORDS.auxiliaries
        or words[0] == "if"
        or lower_first(text).startswith(_LET_US)
        or is_sentence(words)
        or opens_deed(words)
    ):
        return Fact(lower_first(text), "unsure")
    if is_doing(words) and not text.split(" ", maxsplit=1)[0].endswith(","):
        return Fact(lower_first(text), "doing")
    return Fact(_list_out(add_the(lower_first(text))), "thing")


def read_infinitive(text: str) -> Fact | None:
    """A text such as "to set up a stream" without its "to"; None where it is none."""
    words = read_words(text)
    if words[0] == "to" and len(words) > 1 and words[1] in BASES:
        return Fact(text.split(" ", 1)[1], "infinitive")
    return Fact(lower_letter(text), "infinitive") if opens_deed(words, lenient=True) else None


def join_sentences(text: str) -> Fact:
    """Several sentences as one, for frames with a colon."""
    heard = _hear_all(free(text))
    bare = free(heard.removeprefix(_THAT))
    return Fact(settle(heard if says_nothing(bare) else bare, _join), "unsure")


def _join(text: str) -> str:
    pieces = [close(piece.text) for piece in split_sentences(text)]
    return _list_pieces("; ".join(lower_first(write_capitals(piece)) for piece in pieces if piece))


def _hear_all(text: str) -> str:
    """The text without who said it: "she said tests are slow" -> "that tests are slow"; a dialogue stays whole."""
    return text if is_dialogue(text) else settle(text, _hear)


def _hear(text: str) -> str:
    behind = text[len(_THAT) :]
    if text[: len(_THAT)].casefold() == _THAT and (drop_said(behind) or behind.casefold().startswith(_THAT)):
        return behind
    thought = drop_thought(text)
    if thought and thought != text and is_sentence(read_words(thought)):
        return thought if thought.casefold().startswith(_THAT) else _THAT + thought
    rest = free(settle(text, lambda text: drop_said(text) or text))
    if rest == text or says_nothing(rest):
        return text
    words = read_words(rest)
    tells = is_sentence(words) and not opens_question(words) and words[0] != "that"
    return _THAT + rest if tells else rest


def _read_point(text: str) -> Fact | None:
    """What stands behind "that" where it is a clause; None for "that outage" and "that is hard"."""
    if text[: len(_THAT)].casefold() != _THAT or ";" in text:
        return None
    point = settle(text, _drop_that)
    words = read_words(point)
    if not any(words[1:]) or words[0] in WORDS.auxiliaries:
        return None
    tells = words[0] in WORDS.determiners or is_sentence(words, lenient=True)
    return Fact(lower_first(point), "that") if tells else None


def _drop_that(text: str) -> str:
    return free(text[len(_THAT) :]) if text[: len(_THAT)].casefold() == _THAT else text


def _list_pieces(text: str) -> str:
    """The text with its semicolons as commas and "and", where nothing but a few words stands between them."""
    pieces = [lower_first(piece.strip()) for piece in text.split(";")]
    if len(pieces) == 1 or not all(map(_is_item, pieces)):
        return text
    return f"{', '.join(pieces[:-1])} and {pieces[-1]}"


def _is_item(piece: str) -> bool:
    words = read_words(piece)
    if not piece[:1].isalnum() or len(words) > _MOST_WORDS_LISTED or re.search(r"\b(?:and|or|etc)\b|[,&.:?!\"]", piece):
        return False
    return not (
        is_sentence(words) or opens_deed(words) or opens_question(words) or is_doing(words) or words[0] in _SMALL
    )


def _list_out(text: str) -> str:
    """The text with its last comma as "and", semicolons as commas: "scaling, hiring and on-call"."""
    if ";" in text:
        return _list_pieces(text)
    parts = text.split(", ")
    if len(parts) < _FEWEST_LISTED:
        return text
    short = all(len(part.split(" ")) <= _MOST_WORDS_LISTED for part in parts)
    is_joined = re.search(r"\b(?:and|or|etc)\b|&| ,", text)
    if is_joined or not short or not any(part[:1].islower() for part in parts):
        return text
    return f"{', '.join(parts[:-1])} and {parts[-1]}"
