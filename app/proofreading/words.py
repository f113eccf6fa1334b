"""The words of a text whose spelling can be judged, and the names among them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.language.sentences import Letter, read_letter, split_sentences

_LETTER = r"[A-Za-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u024F]"
_WORD = re.compile(rf"({_LETTER}+(?:['\u2019](?![sS]\b){_LETTER}+)*)(?:['\u2019][sS]\b)?")  # and a possessive's end
_PLAIN = re.compile(rf"(?:{_LETTER}|['\u2019\-\u2010\u2011\u2013\u2014,;()\u2026])+")
_CHUNK = re.compile(r"\S+")
_CODE = re.compile(r"`[^`\n]*`")
_AROUND = ".,;:!?()[]\"'*_-\u2013\u2014\u2018\u2019\u201c\u201d\u00ab\u00bb\u2026"


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text, from the code point `start` on; `opens` says whether a sentence begins with it."""

    start: int
    text: str
    opens: bool

    @property
    def key(self) -> str:
        """The word as a dictionary has it."""
        return _to_key(self.text)

    @property
    def is_capitalised(self) -> bool:
        """Whether its first letter is a capital one, and no other."""
        return self.text[0].isupper() and self.text[1:].islower()


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of a letter's body, and the keys of the names in all of it."""

    words: tuple[Word, ...]
    names: frozenset[str]


def read_words(text: str) -> Reading:
    """The words of a text; what looks like code, an address or a number has none.

    A name is whatever has a capital letter in the greeting, in the signature, or within a sentence.
    """
    plain = _CODE.sub(lambda code: " " * len(code[0]), text)
    letter = read_letter(plain)
    words = tuple(_read_body(plain, letter))
    around = [word for part in (letter.greeting, letter.closing) if part for _, word in _find(plain, *part[:2])]
    inside = [word.text for word in words if not word.opens]
    return Reading(words, read_keys(word for word in around + inside if not word.islower()))


def read_keys(texts: Iterable[str]) -> frozenset[str]:
    """Every word of the texts, as a dictionary has it."""
    return frozenset(_to_key(found[1]) for text in texts for found in _WORD.finditer(text))


def _to_key(word: str) -> str:
    return word.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")


def _read_body(plain: str, letter: Letter) -> Iterator[Word]:
    for sentence in split_sentences(letter.body.text):
        start = letter.body.start + sentence.start
        for n, (at, word) in enumerate(_find(plain, start, start + len(sentence.text))):
            yield Word(at, word, opens=n == 0)


def _find(plain: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    """Where words stand, and the words."""
    for chunk in _CHUNK.finditer(plain, start, end):
        core = chunk[0].strip(_AROUND)
        if _PLAIN.fullmatch(core):
            first = chunk.start() + chunk[0].index(core)
            for found in _WORD.finditer(plain, first, first + len(core)):
                yield found.start(), found[1]
