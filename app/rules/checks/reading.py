"""A draft read once, for all the checks: its parts, its sentences, and its text with the known facts blanked out."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from app.language.sentences import Letter, Stretch, read_letter, split_paragraphs, split_sentences
from app.rules.checks.facts import collect_facts, collect_names
from app.rules.drafts import Draft

BLANK = "\N{OBJECT REPLACEMENT CHARACTER}"
"""Stands for each character of a fact: it is neither a letter nor a mark."""

_PLAIN = str.maketrans(dict.fromkeys("\n\r\t\N{NO-BREAK SPACE}", " ") | {"\N{RIGHT SINGLE QUOTATION MARK}": "'"})
_ENDS_INSIDE = re.compile(r"[.!?](?=\s|$)")
_WORD = re.compile(r"\w[\w'+#]*")


@dataclass(frozen=True)
class Reading:
    """A draft and what the checks read in it. Every text has the length of the draft's, so that spans are true."""

    draft: Draft

    @cached_property
    def letter(self) -> Letter:
        """Greeting, body and closing."""
        return read_letter(self.draft.text)

    @cached_property
    def sentences(self) -> list[Stretch]:
        """The sentences of the body."""
        body = self.letter.body
        names = [name for name in self.names if _ENDS_INSIDE.search(name)]
        if not names:
            return list(_inside(split_sentences, body))
        readable = _close_names(self.draft.text, names)
        found = _inside(split_sentences, body._replace(text=readable[body.start : body.end]))
        return [Stretch(start, end, self.draft.text[start:end]) for start, end, _ in found]

    @cached_property
    def names(self) -> frozenset[str]:
        """What people, the company and the role are called."""
        return frozenset(collect_names(self.draft.interview, self.draft.recipient))

    @cached_property
    def paragraphs(self) -> list[Stretch]:
        """The paragraphs of the body."""
        return list(_inside(split_paragraphs, self.letter.body))

    @cached_property
    def facts(self) -> frozenset[str]:
        """What is known, in plain small letters."""
        known = collect_facts(self.draft.interview, self.draft.recipient)
        return frozenset(to_plain(fact) for fact in known)

    @cached_property
    def lowered(self) -> str:
        """The text in small letters on one line, with straight apostrophes."""
        return to_plain(self.draft.text)

    @cached_property
    def _known(self) -> list[tuple[int, int]]:
        found = chain.from_iterable(_find_whole(self.lowered, fact) for fact in self.facts)
        return sorted(found)

    @cached_property
    def masked(self) -> str:
        """The text, the facts blanked out."""
        return _blank(self.draft.text, self._known)

    @cached_property
    def plain(self) -> str:
        """The text in small letters on one line, the facts blanked out: where phrases are looked for."""
        return _blank(self.lowered, self._known)

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of `plain`: a quick look at whether a phrase can be there at all."""
        return frozenset(_WORD.findall(self.plain))


def to_plain(text: str) -> str:
    """A text in small letters on one line, as long as before: a letter whose small form is longer stays."""
    small = text.lower()
    if len(small) != len(text):
        small = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
    return small.translate(_PLAIN)


def _inside(split: Callable[[str], Iterable[Stretch]], part: Stretch) -> Iterator[Stretch]:
    for start, end, text in split(part.text):
        yield Stretch(part.start + start, part.start + end, text)


def stands_whole(text: str, fact: str) -> bool:
    """Whether a fact stands in a text as whole words."""
    return any(True for _ in _find_whole(text, fact))


def _find_whole(text: str, fact: str) -> Iterator[tuple[int, int]]:
    """Where a fact stands as whole words. Matches do not overlap, which keeps it linear."""
    start = text.find(fact)
    while start >= 0:
        end = start + len(fact)
        if not _continues(text, start - 1, start) and not _continues(text, end - 1, end):
            yield start, end
        start = text.find(fact, end)


def _continues(text: str, left: int, right: int) -> bool:
    """Whether one word reaches over two neighbouring characters."""
    return left >= 0 and right < len(text) and text[left].isalnum() and text[right].isalnum()


def _close_names(text: str, names: Iterable[str]) -> str:
    """A text in which a stop that belongs to a name ends no sentence: "Yahoo! is", but not "at Yahoo! It is"."""
    for name in names:
        pattern = rf"{re.escape(name)}(?=\s+[^\W\dA-Z])|{re.escape(name[:-1])}"
        text = re.sub(pattern, lambda found: _ENDS_INSIDE.sub(BLANK, found[0]), text)
    return text


def _blank(text: str, spans: Iterable[tuple[int, int]]) -> str:
    pieces: list[str] = []
    done = 0
    for start, end in spans:
        if end > done:
            pieces += text[done:start], BLANK * (end - max(start, done))
            done = end
    return "".join(pieces) + text[done:]
