"""Known facts in a text: where they stand as whole words, and the text with them blanked out."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

BLANK = "\N{OBJECT REPLACEMENT CHARACTER}"
"""Stands for each character of a fact: it is neither a letter nor a mark."""

_PLAIN = str.maketrans(dict.fromkeys("\n\r\t\N{NO-BREAK SPACE}", " ") | {"\N{RIGHT SINGLE QUOTATION MARK}": "'"})
_WORD = re.compile(r"[^\W_]+")
_RARE = 100
"""A word that stands more often is no help in finding a fact."""


class Wording(NamedTuple):
    """A fact as it may stand in a sentence, in plain small letters, and where in it each of its words begins."""

    text: str
    words: Mapping[str, int]


def to_plain(text: str) -> str:
    """A text in small letters on one line, as long as before: a letter whose small form is longer stays."""
    small = text.lower()
    if len(small) != len(text):
        small = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
    return small.translate(_PLAIN)


@lru_cache(maxsize=16_384)  # the same facts stand around draft after draft
def read_wording(text: str) -> Wording:
    """A fact, ready to be looked for."""
    plain = to_plain(text)
    return Wording(plain, {match[0]: match.start() for match in _WORD.finditer(plain)})


def find_known(plain: str, known: Iterable[Wording]) -> list[tuple[int, int]]:
    """Where facts stand as whole words, in their order. A fact with a word that is not in the text costs nothing."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for match in _WORD.finditer(plain):
        places[match[0]].append(match.start())
    near = (fact for fact in known if fact.words.keys() <= places.keys())
    return sorted(span for fact in near for span in _find_whole(plain, fact, places))


def blank_out(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """A text with these parts of it blanked out, as long as before; the parts are sorted and may overlap."""
    pieces: list[str] = []
    done = 0
    for start, end in spans:
        if end > done:
            pieces += text[done:start], BLANK * (end - max(start, done))
            done = end
    return "".join(pieces) + text[done:]


def _find_whole(text: str, fact: Wording, places: Mapping[str, Sequence[int]]) -> Iterator[tuple[int, int]]:
    """Where one fact stands as whole words: around its rarest word, if that is rare."""
    rarest = min(fact.words, key=lambda word: len(places[word]), default="")
    found = places[rarest] if rarest else ()
    starts: Iterable[int] = (at - fact.words[rarest] for at in found)
    if not 0 < len(found) <= _RARE:
        starts = _find_all(text, fact.text)
    for start in starts:
        end = start + len(fact.text)
        if start >= 0 and text.startswith(fact.text, start) and not _cuts(text, start) and not _cuts(text, end):
            yield start, end


def _find_all(text: str, part: str) -> Iterator[int]:
    """Where a part stands. Matches do not overlap, which keeps it linear."""
    start = text.find(part)
    while start >= 0:
        yield start
        start = text.find(part, start + len(part))


def _cuts(text: str, at: int) -> bool:
    """Whether one word reaches over a place."""
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()
