"""Which words of a draft are misspelled, said as a friendly editor would.

A word is misspelled only if no kind of English has it, it is nothing like a name, code or a word of the interview, and
a word that it was probably meant to be is near. What the library says of grammar and style is left alone.
"""

import tomllib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import resources

from app.proofreading.speller import Guess, LibraryFailed, Speller, ask
from app.proofreading.words import Word, read_keys, read_words
from app.rules.catalogue import RULES
from app.rules.drafts import Finding, Span

LONGEST = 8_000
"""How many code points a text may have."""

MOST = 8
"""How many different unknown words of one text are looked at: guessing what each was meant to be takes time."""

_RULE = RULES["lint.spelling"]
_DATA = tomllib.loads(resources.files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))
_RIGHT = frozenset(_DATA["words"].split())
_CORRECTIONS: dict[str, str] = _DATA["corrections"]
_FAR_FROM_ANY = "qxzvkwjq"  # the library prepares its widest search when it is first needed, which takes a second
_CURLY = "\N{RIGHT SINGLE QUOTATION MARK}"

_SHORTEST, _LONGEST_WORD = 4, 20
_SHORT_WORD = 4  # letters, up to which only their order may be wrong: shorter words are often terms
_LONG_WORD = 6  # letters, from which on two of them may be wrong

_MANY = Finding(
    rule=_RULE.id,
    severity="hint",
    message=f"Many words here are in no English dictionary, and only the first {MOST} were looked at: mend what is "
    "listed, then check the draft once more.",
    span=None,
    suggestion=None,
    sources=_RULE.sources,
)


class TooLong(ValueError):
    """The text has more than `LONGEST` code points."""


class Proofreader:
    """Finds misspelled words; any number of threads may share one, and it starts to get ready at once.

    All work is done in one thread of its own, where the speller is made too: the library may be used by one thread at
    a time, and takes a second and 60 MB for each thread that it has not seen before.
    """

    def __init__(self, make_speller: Callable[[], Speller]) -> None:
        self._thread = ThreadPoolExecutor(1, "proofreader")
        self._speller = self._thread.submit(ask, make_speller)

    def proofread(self, text: str, known: Iterable[str] = ()) -> tuple[Finding, ...]:
        """The misspelled words of a text: a name is none, nor is any word of the `known` texts.

        Raises TooLong; LibraryFailed, also where the speller could not be made.
        """
        if len(text) > LONGEST:
            raise TooLong(f"has {len(text)} characters; at most {LONGEST} can be proofread")
        if fault := self._speller.exception():
            raise LibraryFailed(*fault.args)  # a new one: raised again and again, one would hold text after text
        return self._thread.submit(lambda: tuple(self._find_all(text, known))).result()

    def _find_all(self, text: str, known: Iterable[str]) -> Iterator[Finding]:
        reading, speller = read_words(text), self._speller.result()
        right, looked_at = _RIGHT | read_keys(known), set[str]()
        for word in reading.words:
            if word.key not in right and _is_unsure(word, reading.names, speller):
                looked_at.add(word.key)
                if len(looked_at) > MOST:
                    yield _MANY
                    return
                yield from _judge(word, speller)


def _is_unsure(word: Word, names: frozenset[str], speller: Speller) -> bool:
    """Whether a word has to be looked at more closely."""
    if word.key in _CORRECTIONS:
        return not word.text.isupper()
    is_usual = word.text.islower() or (word.opens and word.is_capitalised and word.key not in names)
    return is_usual and _SHORTEST <= len(word.text) <= _LONGEST_WORD and not speller.knows(word.key)


def _judge(word: Word, speller: Speller) -> Iterator[Finding]:
    if meant := _CORRECTIONS.get(word.key) or _guess(word, speller):
        yield _find(word, _fit(meant, word.text))


def _guess(word: Word, speller: Speller) -> str | None:
    guess = speller.guess(word.key)
    return guess.text if guess and _is_near(word, guess) else None


def _is_near(word: Word, guess: Guess) -> bool:
    """Whether a word was meant to be this one, rather than a term or a name that nobody told us."""
    if len(word.text) <= _SHORT_WORD:
        return sorted(word.key) == sorted(guess.text)
    if word.is_capitalised:
        return guess.edits == 1 and guess.text.islower()
    return guess.edits <= (2 if len(word.text) >= _LONG_WORD else 1)


def _fit(suggestion: str, word: str) -> str:
    """A suggestion with the capital and the apostrophe of the word that it replaces."""
    fitted = suggestion[0].upper() + suggestion[1:] if word[0].isupper() else suggestion
    return fitted.replace("'", _CURLY) if _CURLY in word else fitted


def _find(word: Word, suggestion: str) -> Finding:
    return Finding(
        rule=_RULE.id,
        severity="warning",
        message=f"“{word.text}” looks misspelled; did you mean “{suggestion}”?",
        span=Span(word.start, word.start + len(word.text), word.text),
        suggestion=suggestion,
        sources=_RULE.sources,
    )


@cache
def load_proofreader() -> Proofreader | None:
    """The one proofreader of a process, which gets ready in the background; None where its library is not installed."""
    try:
        import harper  # noqa: PLC0415  # an optional extra
    except ModuleNotFoundError as missing:
        if missing.name != "harper":
            raise
        return None

    def make_speller() -> Speller:
        linters = [harper.Linter(dialect) for dialect in (harper.Dialect.AMERICAN, harper.Dialect.BRITISH)]
        for linter in linters:
            linter.set_lint_config({rule: rule == "SpellCheck" for rule in linter.get_lint_config()})
            linter.lint(_FAR_FROM_ANY, language="plaintext")
        return Speller(*linters)

    return Proofreader(make_speller)
