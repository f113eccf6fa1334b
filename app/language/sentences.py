"""Where paragraphs and sentences end, and where a letter's greeting, body and sign-off stand.

Everything takes time in proportion to the text: it is read word by word, and no word twice.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, takewhile
from typing import Final, NamedTuple

from app.language.sentence_words import SENTENCE_WORDS


class Stretch(NamedTuple):
    """A part of a text, in Unicode code points: `text == whole[start:end]`, without space around it."""

    start: int
    end: int
    text: str


class Letter(NamedTuple):
    """A text in its three parts; `closing` is the sign-off with the signature, or a signature alone."""

    greeting: Stretch | None
    body: Stretch
    closing: Stretch | None


def _any_of(phrases: Iterable[str]) -> str:
    return "|".join(sorted((re.escape(phrase) for phrase in phrases), key=len, reverse=True))


_MARKS, _ENDS, _LETTERS = SENTENCE_WORDS.marks, SENTENCE_WORDS.sentences, SENTENCE_WORDS.letters

_STOPS: Final[str] = _MARKS.stops
_FULL_WIDTH: Final[str] = _MARKS.full_width_stops
_CLOSERS: Final[str] = _MARKS.closers
_OPENERS: Final[str] = _MARKS.openers
_ENDINGS = frozenset(_STOPS + _CLOSERS)
_NEVER_END = _ENDS.never_end
_MAY_END = _ENDS.may_end
_NUMBERED = _ENDS.numbered
_OPENING = _ENDS.opening
_AMONG_NAMES = _LETTERS.among_names
_SIGNED_OFF = _any_of(_LETTERS.sign_offs)

_WORD = re.compile(rf"[^\s{_FULL_WIDTH}]++[{_FULL_WIDTH}]*+|[{_FULL_WIDTH}]++")
_BULLET = re.compile(rf"[{re.escape(_MARKS.bullets)}]|\(?(?:\d{{1,2}}|[A-Za-z])[.)]")
_MAY_END_INSIDE = re.compile(rf"[{re.escape(_STOPS)}\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_DOTTED = re.compile(r"(?:\w\.)+\w?")
_SALUTATION = re.compile(rf"(?:{_any_of(_LETTERS.salutations | _LETTERS.unnamed)})\b", re.IGNORECASE)
_GREETED = re.compile(rf"[{_MARKS.after_greeting}]|\s-|\.$")
_ASIDE = re.compile(r"\([^()]*+\)")
_DEGREE = re.compile(rf",\s*(?:{_any_of(_LETTERS.degrees)})(?=[{_MARKS.after_greeting}]|$)", re.IGNORECASE)
_SIGN_OFF = re.compile(rf"(?:{_SIGNED_OFF})(?: and (?:{_SIGNED_OFF}))?\b", re.IGNORECASE)

_POSTSCRIPT = re.compile(r"p\.? ?s\b", re.IGNORECASE)

_QUOTES = "\"'“”\u2018\u2019()"
_LONGEST_BULLET = 4
_LONGEST_LINE = 100  # of a greeting or a sign-off, in characters
_MOST_CLOSING_LINES = 8
_MOST_CLOSING_WORDS = 8  # in one of those lines
_MOST_GREETED_WORDS = 6
_MOST_NAMED_WORDS = 4
_MOST_SMALL_WORDS = 2


def split_paragraphs(text: str) -> list[Stretch]:
    """What stands between blank lines."""
    spans: list[tuple[int, int]] = []
    after_blank = True
    for line in _split_lines(text):
        if line.text:
            start = line.start if after_blank else spans.pop()[0]
            spans.append((start, line.end))
        after_blank = not line.text
    return [Stretch(start, end, text[start:end]) for start, end in spans]


def split_sentences(text: str) -> list[Stretch]:
    """What a reader would count as a sentence: a blank line ends one too, and the next point of a list begins one."""
    if _MAY_END_INSIDE.search(text) is None:
        return [whole] if (whole := _strip(text, 0, len(text))).text else []
    return [sentence for paragraph in split_paragraphs(text) for sentence in _split_paragraph(text, paragraph)]


def _split_paragraph(text: str, paragraph: Stretch) -> Iterator[Stretch]:
    words = _WORD.finditer(text, paragraph.start, paragraph.end)
    word = next(words)
    start = word.start()
    for following in words:
        if _ends(text, word, following, opens=word.start() == start):
            yield Stretch(start, word.end(), text[start : word.end()])
            start = following.start()
        word = following
    yield Stretch(start, paragraph.end, text[start : paragraph.end])


def _ends(text: str, word: re.Match[str], following: re.Match[str], *, opens: bool) -> bool:
    """Whether a sentence ends with a word, which may be the one that `opens` it."""
    last, space = word[0], text[word.end() : following.start()]
    if space != " " and _breaks(space) and _is_bullet(following[0]):
        return True
    if last[-1] not in _ENDINGS or (opens and _is_bullet(last)):
        return False
    return _stop_ends(last, following[0])


def _stop_ends(word: str, following: str) -> bool:
    bare = word.rstrip(_CLOSERS)
    core = bare.rstrip(_STOPS)
    stops = bare[len(core) :]
    if not stops or not core or stops[-1] in _FULL_WIDTH:
        return bool(stops)
    continues = following.lstrip(_OPENERS)[:1].islower()
    if continues and (len(bare) < len(word) or "…" in stops or "..." in stops):
        return False
    return stops != "." or _full_stop_ends(core.lstrip(_OPENERS), following, continues=continues)


def _full_stop_ends(core: str, following: str, *, continues: bool) -> bool:
    """Whether the stop after a word ends its sentence, or only the word."""
    known = core.casefold()
    if known in _NEVER_END or (known in _NUMBERED and following[0].isdigit()):
        return False
    if known in _MAY_END or _DOTTED.fullmatch(core) or (len(core) == 1 and core.isalpha()):
        return not continues and _opens_a_sentence(following)
    return not continues or core.isalpha() or core[-1:].isdigit()


def _opens_a_sentence(word: str) -> bool:
    bare = word.strip(_CLOSERS + _OPENERS + ",;:").casefold()
    return bare.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'") in _OPENING


def _is_bullet(word: str) -> bool:
    return len(word) <= _LONGEST_BULLET and not word.isalpha() and _BULLET.fullmatch(word) is not None


def _breaks(space: str) -> bool:
    return "\n" in space or "\r" in space


def read_letter(text: str) -> Letter:
    """A text as greeting, body and closing; what cannot be told apart belongs to the body."""
    lines = [line for line in _split_lines(text) if line.text]
    if not lines:
        return Letter(None, Stretch(0, 0, ""), None)
    greeting = _read_greeting(lines[0])
    if greeting is not None:
        rest = _strip(text, greeting.end, lines[0].end)
        lines = [*([rest] if rest.text else []), *lines[1:]]
    start = lines[0].start if lines else len(text)
    closing = _read_closing(text, lines[-_MOST_CLOSING_LINES:])
    return Letter(greeting, _strip(text, start, closing.start if closing else len(text)), closing)


def _read_greeting(line: Stretch) -> Stretch | None:
    """The words to the reader at the start of a line, with the mark that ends them."""
    head = line.text[:_LONGEST_LINE]
    salutation = _SALUTATION.match(head)
    if salutation is None:
        greeted = line.text[-1] in _MARKS.after_bare_name and _is_name(line.text[:-1])
        return line if greeted else None
    size = _measure_greeting(head, salutation.end())
    if size is None:
        first = split_sentences(head)[0]
        size = first.end if _are_greeted(first.text[salutation.end() : -1]) and first.text[-1] == "." else None
    return None if size is None else Stretch(line.start, line.start + size, line.text[:size])


def _measure_greeting(head: str, start: int) -> int | None:
    """How long a greeting is whose salutation ends at `start`: up to its mark, or to the end of its line."""
    mark = _GREETED.search(head, start)
    end = mark.start() if mark else len(head)
    if not _are_greeted(head[start:end]):
        return None
    if mark is None:
        return end
    if degree := _DEGREE.match(head, mark.start()):
        behind = _GREETED.match(head, degree.end())
        return behind.end() if behind else degree.end()
    following = _GREETED.search(head, mark.end())
    after = following.start() if following else len(head)
    if mark[0] == "," and len(head[start:end].split()) <= 1 and _is_name(head[mark.end() : after]):
        return following.end() if following else after
    return mark.end()


def _are_greeted(words: str) -> bool:
    """Whether words can be whom a salutation greets: names, a couple of words in small letters, or nobody."""
    each = _ASIDE.sub("", words).split()
    return len(each) <= _MOST_SMALL_WORDS or (len(each) <= _MOST_GREETED_WORDS and all(map(_may_be_named, each)))


def _is_name(words: str) -> bool:
    """Whether words are a name and nothing else, as far as their capitals tell."""
    each = words[:_LONGEST_LINE].split()
    if not 1 <= len(each) <= _MOST_NAMED_WORDS or not all(map(_may_be_named, each)):
        return False
    return each[0].casefold() not in _OPENING or (len(each) > 1 and each[0].isalpha())


def _may_be_named(word: str) -> bool:
    word = word.strip(_QUOTES) or word
    return (word[0].isalpha() and not word[0].islower()) or word.casefold() in _AMONG_NAMES


def _read_closing(text: str, lines: Sequence[Stretch]) -> Stretch | None:
    """The sign-off with what stands below it; without one, the last lines from a name on."""
    for n, line in enumerate(lines):
        if _signs_off(line.text) and _may_end_with(lines[n + 1 :]):
            return _strip(text, line.start, lines[-1].end)
    for n, (line, below) in enumerate(pairwise(lines)):
        if _bids_farewell(line.text) and _signs(below.text) and _may_end_with(lines[n + 2 :]):
            return _strip(text, line.start, lines[-1].end)
    for n, line in enumerate(lines):
        last = split_sentences(line.text[-_LONGEST_LINE:])[-1].text
        if len(last) < len(line.text) and _signs_off(last) and _may_end_with(lines[n + 1 :]):
            return _strip(text, line.end - len(last), lines[-1].end)
    for n, (above, line) in enumerate(pairwise(lines), start=1):
        if above.text[-1] in _ENDINGS and _signs(line.text) and _may_end_with(lines[n + 1 :]):
            return _strip(text, line.start, lines[-1].end)
    return None


def _signs_off(line: str) -> bool:
    """Whether a line is a sign-off, alone or with a name after it."""
    found = _SIGN_OFF.match(line[:_LONGEST_LINE])
    if found is None or line[-1] == ".":
        return False
    rest = line[found.end() :]
    return not rest.strip(_MARKS.after_sign_off) or (rest[0] in _MARKS.after_sign_off.strip() and _signs(rest[1:]))


def _bids_farewell(line: str) -> bool:
    """Whether a line is a few words and a comma: a sign-off in whatever language, where a name follows."""
    return line[-1] in _MARKS.commas and len(line[:_LONGEST_LINE].split()) <= _MOST_NAMED_WORDS


def _signs(line: str) -> bool:
    """Whether a line is only a name, with or without a dash before it."""
    return _is_name(line.lstrip(_MARKS.dashes)) and line[-1] not in "!?:,"


def _may_end_with(lines: Sequence[Stretch]) -> bool:
    """Whether lines may stand in a signature: short, and no sentences, but for what follows a P.S."""
    return all(
        len(line.text) <= _LONGEST_LINE and len(line.text.split()) <= _MOST_CLOSING_WORDS and line.text[-1] not in "?!:"
        for line in takewhile(lambda line: not _POSTSCRIPT.match(line.text), lines)
    )


def _split_lines(text: str) -> list[Stretch]:
    """Every line without the space around it; a blank one is empty."""
    found: list[Stretch] = []
    start = 0
    for line in text.splitlines(keepends=True):
        found.append(_strip(text, start, start + len(line)))
        start += len(line)
    return found


def _strip(text: str, start: int, end: int) -> Stretch:
    inner = text[start:end].lstrip()
    start = end - len(inner)
    inner = inner.rstrip()
    return Stretch(start, start + len(inner), inner)
