"""What people type around a fact, taken off: bullets, quotation marks, closing stops."""

import re
from collections.abc import Callable
from functools import lru_cache

from app.language.words import WORDS

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad\u200e\u200f"))
_BULLET = re.compile(r"(?:(?:[-*•·‣\u2013—>+#]+|\[[ xX]?\]|\(?\d{1,2}[.)]|\(?[a-z]\)) )+|[•‣·]+")
_OPENING = re.compile(r"(?:[,;:!?…¿¡\s]+|\.{2,}|\.\s|[-\u2013—]+\s)+")
_PICTURE = "[\U0001f000-\U0001faff\u2600-\u27bf\u2b50\ufe0f\u200d]"
_SMILEY = r"(?:[:;=]-?[)(DPp|]+|<3|\^\^)"
_PICTURE_OR_SPACE = _PICTURE.replace("[", r"[\s")
_CHEER = re.compile(rf"^(?:{_PICTURE}++\s*+)++|(?<!{_PICTURE_OR_SPACE})(?:\s*+{_PICTURE}++)++$|\s{_SMILEY}$")
_PAIRS = tuple(
    pair.split() for pair in ("** **", '" "', "' '", "“ ”", "\u2018 \u2019", "« »", "„ “", "( )", "* *", "` `")
)
_BLANKS = ("[]", "{}", "<>")
_STOPS = " .;:,…!。\uff01"
_DASHES = ("-", "\u2013", "—")
_DASH = re.compile(r"(?: |(?<=[.!?…]))[-\u2013—]+$")
_DOTTED = re.compile(r"(?:^|[ (])(?:[A-Za-z]\.)+[A-Za-z]$")


def settle(text: str, step: Callable[[str], str]) -> str:
    """The text after a step that shortens it, taken again until nothing changes."""
    while (shorter := step(text)) != text:
        text = shorter
    return text


@lru_cache(maxsize=256)  # one text goes through here several times before its shape is known
def tidy(raw: str) -> str:
    """The text with single spaces, without bullets and without the marks that surround it whole."""
    visible = raw if raw.isascii() else raw.translate(_INVISIBLE)
    return settle(" ".join(visible.split()), lambda text: _unwrap(_CHEER.sub("", text)))


def drop_stops(text: str) -> str:
    """The text without closing stops; those of "C++", "Inc." and "U.S." are no such."""
    bare = text.rstrip(_STOPS)
    if bare.endswith(_DASHES):
        bare = _DASH.sub("", bare).rstrip(_STOPS)
    dotted = text[len(bare) :].startswith(".")
    last = bare.rpartition(" ")[2].casefold().lstrip("(")
    return bare + "." if dotted and (f"{last}." in WORDS.abbreviations or _DOTTED.search(bare)) else bare


def says_nothing(text: str) -> bool:
    """Whether a text has no letter and no digit, or is a blank that waits to be filled: "n/a", "[topic]"."""
    if not text[:1].isalnum() and not any(letter.isalnum() for letter in text):
        return True
    bare = drop_stops(text.rstrip("?"))
    return (bare.casefold() in WORDS.nothing and bare not in WORDS.acronyms) or text[0] + text[-1] in _BLANKS


def _unwrap(text: str) -> str:
    for opening in (_BULLET, _OPENING):
        if found := opening.match(text):
            text = text[found.end() :]
    if text[:1].isalnum() or text[-1:].isalnum():
        return text.strip()
    for first, last in _PAIRS:
        inner = text[len(first) : -len(last)]
        if inner and text.startswith(first) and text.endswith(last) and first not in inner and last not in inner:
            return inner.strip()
    return text.strip()
