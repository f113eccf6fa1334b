"""Slips of the keyboard: a word twice, a space too many, a stop too few."""

import re
import tomllib
from collections.abc import Iterator
from importlib import resources
from itertools import islice

from pydantic import BaseModel, ConfigDict

from app.language.sentences import Stretch
from app.rules.checks.findings import MOST, cut, find
from app.rules.checks.masking import BLANK
from app.rules.checks.reading import Reading
from app.rules.drafts import Finding, Severity


class Slips(BaseModel):
    """The file `proofs.toml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    doubled: str
    small: str
    finished: str
    closers: str


_DATA = Slips(**tomllib.loads(resources.files("app.rules.checks").joinpath("proofs.toml").read_text(encoding="utf-8")))
_DOUBLED_BY_RIGHT = frozenset(_DATA.doubled.split())
_SHORTEST_NAME = 4
_SMALL_BY_RIGHT = frozenset(_DATA.small.split())

_TWICE = re.compile(r"(?<![\w'-])([^\W\d_]++)(?:[ \t]{1,3}|[ \t]?\r?\n)\1(?![\w'-])", re.IGNORECASE)
_SPACES = re.compile(r"(?<=[^\s.!?:])[ \t]{2,}(?=\S)")
_STRAY = re.compile(r"(?<=[\w)\"])[ \t]{1,3}(?:([,;!?])(?=\s|$|[a-z])|(\.)(?=\s|$))")
_REPEATED = re.compile(r"(?<![.,;!?/\\])(?:!{2,}|\?{2,}|,{2,}|;{2,}|\.\.(?=\s|$)|\.{4,}|,\.)(?![./\\\w])")
_GLUED = re.compile(
    r"(?<=[a-z]{2})[.!?,](?=(?:I|I'm|We|The|It|This|That|My|Your|You|Thank|Thanks|If|Please|He|She|They|Our|As|In|When)\s)"
    r"|(?<=[a-z]{2}),(?=[a-z]{2})"
)
_SMALL_I = re.compile(r"(?<![\w.'(/&-])i(?=['\N{RIGHT SINGLE QUOTATION MARK}](?:m|d|ve|ll)\b| [a-z])")
_FINISHED = re.compile(
    rf"[{_DATA.finished}][{re.escape(_DATA.closers)}]*$|[\U0001F300-\U0001FAFF\u2600-\u27BF]\uFE0F?$|[:;]-?[)(DP]$"
)
_AROUND = "\"'(),.\u201c\u201d\u2018\u2019"
_POINT = re.compile(r"(?:[-*•·‣]|\(?\w{1,2}[.)])\s")
_LINKED = re.compile(r"(?:https?://|www\.)\S+$|\S+@\S+$")


def check_repeated_word(reading: Reading) -> Iterator[Finding]:
    """A word twice in a row, but for the few that may."""
    body = reading.letter.body
    for match in islice(_TWICE.finditer(reading.masked, body.start, body.end), MOST):
        word = match[1]
        named = len(word) >= _SHORTEST_NAME and word[0].isupper() and match[0][-len(word)].isupper()
        if word.lower() not in _DOUBLED_BY_RIGHT and not named:
            message = f'"{word}" stands here twice in a row. The eye trips over it; once is enough.'
            yield find("lint.repeated_word", "warning", message, cut(reading.draft.text, *match.span()), word)


def check_punctuation(reading: Reading) -> Iterator[Finding]:
    """Stops, commas, spaces and capitals that are not where they belong."""
    yield from _match(reading, _STRAY, "warning", "A space stands before this mark. Move the mark up to its word.")
    yield from _match(
        reading, _REPEATED, "warning", "One mark is enough here; more of them read as shouting or as a slip."
    )
    yield from _match(reading, _GLUED, "warning", "A space is missing after this mark, so that two words run into one.")
    yield from _match(reading, _SMALL_I, "warning", '"I" takes a capital wherever it stands.')
    yield from _match(reading, _SPACES, "hint", "There is more than one space here. One is enough.")
    yield from islice(_find_small_starts(reading), MOST)
    yield from islice(_find_open_ends(reading), MOST)


def _match(reading: Reading, pattern: re.Pattern[str], severity: Severity, message: str) -> Iterator[Finding]:
    body = reading.letter.body
    for match in islice(pattern.finditer(reading.masked, body.start, body.end), MOST):
        where = cut(reading.draft.text, *match.span())
        yield find("lint.punctuation", severity, message, where, _mend(where.text))


def _mend(wrong: str) -> str:
    """What belongs in the place of a slip."""
    if wrong == "i":
        return "I"
    if wrong != wrong.strip():
        return wrong.strip() or " "
    if len(wrong) == 1:
        return f"{wrong} "
    if set(wrong) == {"."}:
        return "." if len(wrong) == len("..") else "..."
    return "." if wrong == ",." else wrong[0]


def _find_small_starts(reading: Reading) -> Iterator[Finding]:
    """A sentence that opens with a small letter; the first may, after a greeting that ends in a comma."""
    greeted = reading.letter.greeting is not None
    for n, sentence in enumerate(reading.sentences):
        word = sentence.text.split(None, 1)[0].strip(_AROUND)
        start = sentence.start + sentence.text.find(word)
        known = reading.masked[sentence.start] == BLANK or reading.masked[start : start + 1] == BLANK
        plain = word.isalpha() and word.islower() and word not in _SMALL_BY_RIGHT
        if plain and not known and not (n == 0 and greeted) and not _follows_an_ellipsis(reading, sentence):
            where = cut(reading.draft.text, start, start + len(word))
            message = "A new sentence starts here, and takes a capital."
            yield find("lint.punctuation", "warning", message, where, word[0].upper() + word[1:])


def _follows_an_ellipsis(reading: Reading, sentence: Stretch) -> bool:
    before = reading.draft.text[: sentence.start].rstrip()
    return before.endswith(("...", "…", ":", ")"))


def _find_open_ends(reading: Reading) -> Iterator[Finding]:
    """A paragraph whose last sentence has no stop."""
    ends = {paragraph.end for paragraph in reading.paragraphs}
    for sentence in reading.sentences:
        if sentence.end not in ends or _FINISHED.search(sentence.text[-8:]) or _POINT.match(sentence.text):
            continue
        if not _LINKED.search(sentence.text[-200:]):
            last = sentence.text.split()[-1]
            where = cut(reading.draft.text, sentence.end - len(last), sentence.end)
            message = "This sentence ends without a stop, as if it had been cut off."
            yield find("lint.punctuation", "warning", message, where, f"{last.rstrip(',;-')}.")
