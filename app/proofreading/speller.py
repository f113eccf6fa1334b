"""What a word was meant to be, asked of the library."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol, TypeVar

T = TypeVar("T")

_ISE = re.compile(r"is(?=(?:e|ed|es|er|ers|ing|able|ation|ations)$)")  # British, and not all of them are in there
_CACHED = 20_000  # words
_SHORTEST_HALF = 3
_NEAR, _FAR = 1, 3  # edits, between which another kind of English may have a nearer word


class LibraryFailed(Exception):
    """The library raised something, of this name."""


class Suggestion(Protocol):
    """What the library would put in a word's place."""

    @property
    def replacement_text(self) -> str:
        """The word that it would put there."""


class Lint(Protocol):
    """What the library says of a word."""

    @property
    def suggestions(self) -> Sequence[Suggestion]:
        """The best first."""


class Dictionary(Protocol):
    """The library, for one kind of English."""

    def is_likely_english(self, text: str) -> bool:
        """Of one word: whether it stands in the dictionary of any kind of English."""

    def lint(self, text: str, *, language: str) -> Sequence[Lint]:
        """What there is to say of a text."""


class Guess(NamedTuple):
    """What a word was probably meant to be, and how many letters away that is."""

    text: str
    edits: int


class Speller:
    """Asks about each word once, and remembers many; to be used by the thread that made its dictionaries."""

    def __init__(self, *dictionaries: Dictionary) -> None:
        self._dictionaries = dictionaries
        self.knows = lru_cache(_CACHED)(self._knows)
        self.guess = lru_cache(_CACHED)(self._guess)

    def _knows(self, word: str) -> bool:
        oxford = _ISE.sub("iz", word)
        return self._has(word) or (oxford != word and self._has(oxford))

    def _has(self, word: str) -> bool:
        return ask(lambda: self._dictionaries[0].is_likely_english(word))

    def _guess(self, word: str) -> Guess | None:
        """The nearest that any dictionary suggests; None where nothing is near, or the word is made of two others."""
        swapped = next(filter(self.knows, _swap(word)), None)
        if swapped:
            return Guess(swapped, 1)
        best = Guess(word, len(word))
        for dictionary in self._dictionaries:
            found = [Guess(text, count_edits(word, text.lower())) for text in self._suggest(dictionary, word)]
            best = min([best, *found], key=lambda guess: _rank(word, guess))
            if not _NEAR < best.edits <= _FAR:
                break
        return None if best.edits > _FAR or self._is_compound(word, best) else best

    def _suggest(self, dictionary: Dictionary, word: str) -> list[str]:
        def suggest() -> list[str]:
            lints = dictionary.lint(word, language="plaintext")
            return [suggestion.replacement_text for lint in lints for suggestion in lint.suggestions]

        return ask(suggest)

    def _is_compound(self, word: str, guess: Guess) -> bool:
        """Whether a word is two in one, as in `lakehouse`, and not one of them a letter or less from another."""
        if re.sub("[ -]", "", guess.text) == word:
            return True
        cuts = range(_SHORTEST_HALF, len(word) - _SHORTEST_HALF + 1) if guess.edits > _NEAR else ()
        return any(self.knows(word[:cut]) and self.knows(word[cut:]) for cut in cuts)


def ask(question: Callable[[], T]) -> T:
    """The library's answer; its panics are no usual exceptions."""
    try:
        return question()
    except BaseException as fault:
        if isinstance(fault, Exception) or type(fault).__name__ == "PanicException":
            raise LibraryFailed(type(fault).__name__) from fault
        raise


def _swap(word: str) -> Iterator[str]:
    """The word with each two neighbours in the other order."""
    for at in range(len(word) - 1):
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _rank(word: str, guess: Guess) -> tuple[int, bool]:
    """The nearest first; of two, the one of the same letters. Hardly anybody means a possessive."""
    return guess.edits + ("'" in guess.text and "'" not in word), sorted(word) != sorted(guess.text)


def count_edits(one: str, other: str) -> int:
    """How many letters are wrong, missing, too many, or swapped with the next one."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one):
        row = [i + 1]
        for j, counterpart in enumerate(other):
            cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (letter != counterpart))
            if i and j and letter == other[j - 1] and one[i - 1] == counterpart:
                cost = min(cost, before[j - 1] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
