"""Blanks that were to be filled in: a bracket, a brace, a row of underscores, a greeting without a name."""

import re
import tomllib
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import resources
from itertools import islice

from pydantic import BaseModel, ConfigDict

from app.language.sentences import Stretch
from app.rules.checks.findings import MOST, cut, find
from app.rules.checks.masking import BLANK
from app.rules.checks.reading import Reading
from app.rules.drafts import Draft, Finding


class Blanks(BaseModel):
    """The file `placeholders.toml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: str
    bracketed: str
    titles: tuple[str, ...]
    capitals: tuple[str, ...]
    spoken: tuple[str, ...]
    slots: str
    whole: str


_DATA = Blanks(
    **tomllib.loads(resources.files("app.rules.checks").joinpath("placeholders.toml").read_text(encoding="utf-8"))
)
_WORDS = frozenset(_DATA.words.split())
_BRACKETED = frozenset(_DATA.bracketed.split())
_SLOTS = frozenset(_DATA.slots.split())
_WHOLE = frozenset(_DATA.whole.split()) | {title.casefold() for title in _DATA.titles}

# Code, addresses and links are no blanks.
_ASIDE = re.compile(r"`[^`\n]{1,200}`|(?:https?://|www\.)[^\s\"]{1,2000}|<[^\s<>@]{1,64}@[^\s<>]{1,255}>")
_LETTERS = re.compile(r"[^\W\d_]+")
_KEY = re.compile(r"[A-Z][A-Z0-9]*-\d+|.*\b(?:1[89]|20)\d\d[a-z]?")
_IDENTIFIER = re.compile(r"[!$#.]?[^\W\d_][\w .'\N{RIGHT SINGLE QUOTATION MARK}-]{1,60}")

_BRACKET = re.compile(r"(?<![\w)\]])\[([^\[\]\n]{0,80})\](?![(\[\w])")
_BRACE = re.compile(r"\{\{[^{}\n]{0,80}\}\}|\{%[^{}%\n]{0,80}%\}|\$\{[^{}\n]{1,80}\}")
_LONE_BRACE = re.compile(r"(?<![\w\\^_})\]$])\{([^{}\n]{0,80})\}")
_ANGLE = re.compile(r"(?<!\w)(?:<([^<>\n]{1,60})>|«([^»\n]{1,60})»)")
_ANGLES = re.compile(r"(?<!\w)<<\w[^<>=\n]{0,60}>>(?!\w)")
_SIGIL = re.compile(
    r"%([A-Za-z_][A-Za-z_ ]{1,40})%|%\((\w{1,40})\)s|\*\|(\w{1,40})\|\*"
    r"|(?<![\w|])\|([A-Za-z_]{2,40})\|(?![\w|])|(?<![\w#])#([A-Za-z_]{2,40})#(?![\w#])"
    r"|(?<![\w$])\$([A-Za-z]\w{2,40})\b|(?<![\w@.])@(\w{2,40})\b"
)
_CURLY = re.compile(r"\{[^{}\n]{1,80}\}|\{%[^{}\n]{0,80}%\}|\{\{|<<\w[^<>=\n]{0,60}>>")
_ENCLOSED = re.compile(r"\[[^\[\]\n]{1,80}\]|<[^<>\n]{1,80}>|«[^»\n]{1,80}»")
_LINE = re.compile(r"[_.?\-\s]*_{2,}[_.?\-\s]*|\?{2,}|\.{3}|…|x{2,}")
_CAPITALS = re.compile("|".join(_DATA.capitals))
_RULE = re.compile(r"(?<!\w)_{2,}(?!\w)|(?<=\s)\?{2,}(?!\w)")
_SPOKEN = re.compile("|".join(_DATA.spoken), re.IGNORECASE)
_TITLED = re.compile(rf"\b(?:{'|'.join(_DATA.titles)})\b|(?<=\n)(?:your name|first last|your full name)(?=\s*(?:\n|$))")
_DANGLING = re.compile(r"\b(?:at|with|about|for|the|your|of|as|an?) {1,3}[.,;](?![\w.])")
_UNFILLED = re.compile(
    r"dear\s*[,:!.]?|(?:hi|hello|hey)\s+[,:!.]|(?:dear|hi|hello|hey)\s+(?:null|none|undefined|nan|n/a)\s*[,:!.]?",
    re.IGNORECASE,
)

MESSAGE = "This still looks like a blank to fill in, and it is the first thing that the reader will see. {cure}"


def check_placeholder(reading: Reading) -> Iterator[Finding]:
    """A bracket, brace or blank left unfilled, in the text or in the subject."""
    draft = reading.draft
    found = sorted({*_find_blanks(reading.masked), *_find_bare_greeting(reading)})
    done = 0
    for start, end in islice(found, MOST):
        if start >= done:
            where = cut(draft.text, start, end)
            yield _report(draft, where.text, where)
            done = end
    blank = next(iter(sorted(_find_blanks(draft.subject or ""))), None)
    if blank is not None and draft.subject:
        yield _report(draft, draft.subject[slice(*blank)], None)


def _report(draft: Draft, blank: str, where: Stretch | None) -> Finding:
    suggestion = None if where is None else _fill(draft, blank)
    cure = f"Put {suggestion} there." if suggestion else "Fill it in, or take the sentence out."
    subject = "In the subject: " if where is None else ""
    return find("lint.placeholder", "error", subject + MESSAGE.format(cure=cure), where, suggestion)


def _fill(draft: Draft, blank: str) -> str | None:
    """What belongs in a blank, where its own words tell and it is known."""
    words = {word.casefold() for word in _LETTERS.findall(blank)}
    interview = draft.interview
    if interview and words & {"your", "my"} and "name" in words:
        return interview.candidate.name
    if interview and "company" in words:
        return interview.company
    if interview and words & {"role", "position", "title", "job"}:
        return interview.job_title
    return draft.recipient.name if draft.recipient and words & {"name", "interviewer", "recipient"} else None


@lru_cache(maxsize=1024)
def holds_blank(text: str) -> bool:
    """Whether a fact still has to be filled in itself."""
    return next(_find_blanks(text), None) is not None


def is_blank_name(text: str) -> bool:
    """Whether the name of a person, a company or a job is surely a slot: "[Name]", "TBD". "Nurse [Remote]" is none."""
    bare = text.strip().casefold()
    if bare in _WHOLE or _LINE.fullmatch(bare) or _CURLY.search(text):
        return True
    return any(not _SLOTS.isdisjoint(_split_slot(match[0])) for match in _ENCLOSED.finditer(text))


def _find_bare_greeting(reading: Reading) -> Iterator[tuple[int, int]]:
    """A greeting such as "Dear ," with nothing where the name should be."""
    greeting = reading.letter.greeting
    if greeting is not None and _UNFILLED.fullmatch(greeting.text):
        yield greeting.start, greeting.end


def _find_blanks(text: str) -> Iterator[tuple[int, int]]:
    text = _ASIDE.sub(lambda aside: BLANK * len(aside[0]), text)
    for marks, pattern, is_blank in _SHAPES:
        if any(mark in text for mark in marks):
            yield from (match.span() for match in pattern.finditer(text) if is_blank(match))


def _names_a_slot(match: re.Match[str]) -> bool:
    """Whether one of the words inside is a slot's name, however it is joined to others."""
    inside = next((group for group in match.groups() if group), "")
    return not _WORDS.isdisjoint(_split_slot(inside))


def _split_slot(name: str) -> set[str]:
    """The words of a slot's name in small letters: "jobTitle" and "job_title" are both job and title."""
    parts = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ")
    return {word.casefold() for word in _LETTERS.findall(parts)}


def _is_bracketed_blank(match: re.Match[str]) -> bool:
    inside = match[1].strip(" .…_")
    words = [word.casefold() for word in _LETTERS.findall(inside)]
    if not inside:
        is_elision = "." in match[1] or "…" in match[1]
        return match[1] != "" and not (is_elision and _in_quotes(match))
    if not words or _KEY.fullmatch(inside) or not _BRACKETED.isdisjoint(words):
        return False
    if _names_a_slot(match):
        return True
    listed = match.string[max(0, match.start() - 2) : match.start()] in {"- ", "* "}
    quoted = inside[0].islower() and _in_quotes(match)
    return not listed and not quoted and BLANK not in inside and (len(inside) > 1 or inside in "XY")


def _in_quotes(match: re.Match[str]) -> bool:
    """Whether a bracket stands inside a quotation on its line: there it is the writer's own addition."""
    start = match.string.rfind("\n", max(0, match.start() - 400), match.start()) + 1
    before = match.string[start : match.start()]
    return before.count('"') % 2 == 1 or before.rfind("“") > before.rfind("”")


def _is_braced_blank(match: re.Match[str]) -> bool:
    return _IDENTIFIER.fullmatch(match[1].strip()) is not None and _names_a_slot(match)


def _is_tag(match: re.Match[str]) -> bool:
    """Whether an angle is markup that is closed further on, or spoken of as a tag."""
    after = match.string[match.end() : match.end() + 12]
    return f"</{match[1]}>" in match.string or bool(re.match(r" (?:tag|element)s?\b", after))


def _is_angled_blank(match: re.Match[str]) -> bool:
    return _names_a_slot(match) and not _is_tag(match)


def _is_sigil(match: re.Match[str]) -> bool:
    return match[0].startswith("*|") or _names_a_slot(match)


def _always(_: re.Match[str]) -> bool:
    return True


def _is_no_separator(match: re.Match[str]) -> bool:
    """Whether a row of underscores is a blank: alone on a line it draws one, in quotation marks it is spoken of."""
    alone = match.string[: match.start()].rpartition("\n")[2].strip() == "" and len(match[0]) > len("_____")
    return not alone and not _in_quotes(match)


_SHAPES: tuple[tuple[tuple[str, ...], re.Pattern[str], Callable[[re.Match[str]], bool]], ...] = (
    (("[",), _BRACKET, _is_bracketed_blank),
    (("{",), _BRACE, _always),
    (("{",), _LONE_BRACE, _is_braced_blank),
    (("<", "«"), _ANGLE, _is_angled_blank),
    (("<<",), _ANGLES, _always),
    (("%", "$", "*", "@", "|", "#"), _SIGIL, _is_sigil),
    (("__", "??"), _RULE, _is_no_separator),
    (("XX", "XYZ", " X", "TBD", "TBA", "FIXME", "TKTK", "TODO", "INSERT", "ABC ", "#"), _CAPITALS, _always),
    (("here", "(", "orem", "ipsum", "dolor", "HERE"), _SPOKEN, _always),
    ((*_DATA.titles, "name\n", "first last"), _TITLED, _always),
    ((" .", " ,", " ;"), _DANGLING, _always),
)
"""What a blank may look like: what stands in every one of them, its pattern, and whether a match is one."""
