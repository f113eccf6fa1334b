"""A draft read once, for all the checks: its parts, its sentences, and its text with the known facts blanked out."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from app.language.sentences import Letter, Stretch, read_letter, split_paragraphs, split_sentences
from app.rules.checks.known import collect_facts, collect_names
from app.rules.checks.masking import BLANK, Wording, blank_out, find_known, read_wording, to_plain
from app.rules.drafts import Draft

_BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
_ENDS_INSIDE = re.compile(r"[.!?](?=\s|$)")
_WORD = re.compile(r"\w[\w'+#]*")


@dataclass(frozen=True)
class Reading:
    """A draft and what the checks read in it. Every text has the length of the draft's, so that spans are true."""

    draft: Draft

    @cached_property
    def letter(self) -> Letter:
        """Greeting, body and closing. A byte order mark at the start counts as space."""
        return read_letter(self.draft.text.lstrip(_BYTE_ORDER_MARK).rjust(len(self.draft.text)))

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
    def facts(self) -> tuple[Wording, ...]:
        """What is known, in every wording."""
        return tuple(map(read_wording, collect_facts(self.draft.interview, self.draft.recipient)))

    @cached_property
    def lowered(self) -> str:
        """The text in small letters on one line, with straight apostrophes."""
        return to_plain(self.draft.text)

    @cached_property
    def _known(self) -> list[tuple[int, int]]:
        return find_known(self.lowered, self.facts)

    @cached_property
    def masked(self) -> str:
        """The text, the facts blanked out."""
        return blank_out(self.draft.text, self._known)

    @cached_property
    def masked_subject(self) -> str:
        """The subject, the facts blanked out; empty where there is none."""
        subject = self.draft.subject or ""
        return blank_out(subject, find_known(to_plain(subject), self.facts))

    @cached_property
    def plain(self) -> str:
        """The text in small letters on one line, the facts blanked out: where phrases are looked for."""
        return blank_out(self.lowered, self._known)

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of `plain`: a quick look at whether a phrase can be there at all."""
        return frozenset(_WORD.findall(self.plain))


def _inside(split: Callable[[str], Iterable[Stretch]], part: Stretch) -> Iterator[Stretch]:
    for start, end, text in split(part.text):
        yield Stretch(part.start + start, part.start + end, text)


def _close_names(text: str, names: Iterable[str]) -> str:
    """A text in which a stop that belongs to a name ends no sentence: "Yahoo! is", but not "at Yahoo! It is"."""
    for name in names:
        pattern = rf"{re.escape(name)}(?=\s+[^\W\dA-Z])|{re.escape(name[:-1])}"
        text = re.sub(pattern, lambda found: _ENDS_INSIDE.sub(BLANK, found[0]), text)
    return text
