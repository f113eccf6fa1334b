"""Whether a draft holds anything that only this conversation could have put there."""

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from app.rules.checks.findings import MOST, find
from app.rules.checks.known import as_written, find_topics
from app.rules.checks.masking import Wording, find_known, read_wording, to_plain
from app.rules.checks.reading import Reading
from app.rules.drafts import Finding
from app.rules.steps import CHECK_INS


class Specifics(BaseModel):
    """The file `specifics.toml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enough_words: Annotated[int, Field(ge=2)]
    few_sentences: Annotated[int, Field(ge=1)]
    days: str
    stock: str
    capitals: str


_DATA = Specifics(
    **tomllib.loads(resources.files("app.rules.checks").joinpath("specifics.toml").read_text(encoding="utf-8"))
)
_STOCK = frozenset(_DATA.stock.split())
_CAPITALS = frozenset(_DATA.capitals.split())
_FEWEST_RETOLD = 3
_MOST_OF = 0.6
_DAYS = frozenset(_DATA.days.split())
_SHORTEST_STEM = 4
_LONGEST_STEM = max(map(len, _STOCK))

_WORD = re.compile(r"[^\W_][\w'\N{RIGHT SINGLE QUOTATION MARK}+#.&/-]*")
_ENTITLED = re.compile(
    # A company or a role that is named as such says nothing about the conversation.
    r"\b(?:at|with|from|join|joining|for) [A-Z][\w&.'-]{0,40}(?: [A-Z][\w&.'-]{0,40}){0,3}"
    r"|(?<![\w+#&.-])(?:[A-Z][\w+#&.-]{0,40} ){1,5}(?:role|position|team|job|opportunity|interview|opening|family)\b"
)
MESSAGE = (
    "This could have been sent by anyone to anyone. Name one thing that came up in your conversation and what you"
    " thought of it, so that the reader knows whom to remember."
)


def check_generic(reading: Reading) -> Iterator[Finding]:
    """A thank-you or check-in with nothing known in it, no name, no figure, and hardly a word of its own."""
    kind = reading.draft.kind
    if kind == "thank_you":
        is_own = _is_particular(reading) or _says_a_fact(reading)
    else:
        is_own = kind not in CHECK_INS or _says_which(reading) or _is_particular(reading) or _says_a_fact(reading)
    if not is_own:
        yield find("lint.generic", "warning", MESSAGE)


def _says_which(reading: Reading) -> bool:
    """Whether a check-in says which interview it is about: the company, the role, or its day."""
    interview = reading.draft.interview
    names = (interview.company, interview.job_title) if interview else ()
    return any(to_plain(name) in reading.lowered for name in names) or not _DAYS.isdisjoint(reading.words)


class Topic(NamedTuple):
    """What there is to recognise a topic by: its wordings, the stems that are its own, and all stems of a wording."""

    wordings: tuple[Wording, ...]
    own: frozenset[str]
    stems: tuple[frozenset[str], ...]


@lru_cache(maxsize=2048)  # the same topics stand around draft after draft
def _read_topic(text: str) -> Topic:
    wordings = tuple(read_wording(piece) for piece in as_written(text) if piece)
    stems = (_read_stems(wording.text) for wording in wordings)
    return Topic(
        wordings,
        frozenset().union(*(_read_own(wording.text) for wording in wordings)),
        tuple(each for each in stems if len(each) >= _FEWEST_RETOLD),
    )


def _says_a_fact(reading: Reading) -> bool:
    """Whether a topic or a note, most of its words, or a word that tells it, stands in the body."""
    if reading.draft.interview is None:
        return False
    topics = [_read_topic(topic) for topic in find_topics(reading.draft.interview)]
    body = reading.letter.body
    said = _read_own(reading.lowered[body.start : body.end])
    if not all(said.isdisjoint(topic.own) for topic in topics):
        return True
    wordings = (wording for topic in topics for wording in topic.wordings)
    return bool(find_known(reading.lowered, wordings)) or _retells(reading, topics)


def _retells(reading: Reading, topics: list[Topic]) -> bool:
    """Whether a sentence has most words of a topic, such as a question told as a clause."""
    sentences = [_read_stems(to_plain(sentence.text)) for sentence in reading.sentences[:MOST]]
    said = frozenset().union(*sentences)
    near = [stems for topic in topics for stems in topic.stems if _has_most(said, stems)]
    return any(_has_most(sentence, stems) for stems in near for sentence in sentences)


def _has_most(said: frozenset[str], stems: frozenset[str]) -> bool:
    return len(stems & said) >= _MOST_OF * len(stems)


def _read_stems(text: str) -> frozenset[str]:
    return frozenset(map(_stem, set(_WORD.findall(text))))


def _read_own(text: str) -> frozenset[str]:
    """The stems of the words that do not stand in everybody's letters."""
    words = {found.rstrip(".'-/&") for found in set(_WORD.findall(text))}
    return frozenset(_stem(word) for word in words if not is_stock(word))


def _stem(word: str) -> str:
    """A word without its ending, near enough to find "moving" in "moved"."""
    for ending in ("ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word.removesuffix(ending)
    return word


def is_stock(word: str) -> bool:
    """Whether a word, in small letters, stands in anybody's letter."""
    return (len(word) < _SHORTEST_STEM and word.isalpha()) or _is_everyones(word)


def _is_everyones(word: str) -> bool:
    return word in _STOCK or any(
        word[:size] in _STOCK for size in range(_SHORTEST_STEM, min(len(word), _LONGEST_STEM) + 1)
    )


def _is_particular(reading: Reading) -> bool:
    """Whether a reader sees a figure, a name or a few words that are not everybody's."""
    who = to_plain(reading.draft.recipient.name) if reading.draft.recipient else ""
    own: set[str] = set()
    for sentence in reading.sentences:
        words = _WORD.findall(_ENTITLED.sub(" ", sentence.text))
        for word in (found.rstrip(".'-/&") for found in words):
            plain = to_plain(word)
            stands_out = _stands_out(word, opens=sentence.text.startswith(word))
            if stands_out and plain not in who and plain not in _CAPITALS and not _is_everyones(plain):
                return True
            if not is_stock(plain):
                own.add(plain)
    return len(own) >= (_DATA.enough_words if len(reading.sentences) >= _DATA.few_sentences else _DATA.enough_words - 1)


def _stands_out(word: str, *, opens: bool) -> bool:
    """A figure, C++ or gRPC anywhere; a capital where no sentence opens."""
    if any(letter.isdigit() for letter in word) or word[-1] in "+#":
        return True
    return not word[1:].islower() if opens and len(word) > 1 else word[0].isupper()
