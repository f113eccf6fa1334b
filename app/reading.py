"""The one strict reader of JSON: what it lets through can be kept, sorted and answered anywhere.

It refuses what JSON parsers elsewhere disagree on (duplicate members, NaN, lone surrogates, numbers without bounds,
nesting without end) and what turns one text into another for whoever looks at it (control characters, marks that
change the direction of writing). Strings come out in Unicode's normal form C; joiners and right-to-left letters stay.
A member that is verbatim, such as the text of a draft, comes out as it was sent, and may hold line breaks and tabs.
"""

import json
import re
from math import isfinite
from typing import Any
from unicodedata import is_normalized, normalize

from app.errors import Problem
from app.wording import MOST, Fault, point

DEPTH = 32
"""So many arrays and objects may stand inside each other."""
DIGITS = 18
"""The longest integer: all of these fit into 64 bits."""

FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, bidirectional overrides and isolates, lone surrogates: in no text that we accept."""

FORBIDDEN_VERBATIM = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]|\r(?!\n)")
"""The same but for line breaks (LF, CRLF) and tabs: in no text of several lines."""

# Escapes that need a closer look: in ASCII all but those of quotes, slashes, Latin letters and Chinese characters, with
# which nothing around them combines. Both may take the second of two backslashes for the first, and look in vain.
_ODD_IN_ASCII = re.compile(r"""\\(?!["\\/]|u00[a-fA-F]|u0[12]|u[4-9])""")
_ODD = re.compile(r"""\\[^"\\/]|[\x7f-\x9f\u202a-\u202e\u2066-\u2069]""")

NO_TEXT = "must hold no control characters, bidirectional overrides or lone surrogates"

Path = tuple[str | int, ...]


class OddityError(Exception):
    """Something that the plain reading meets and cannot place."""


def read_json(body: bytes, verbatim: frozenset[str] = frozenset()) -> Any:
    """The tree of dicts, lists, strings, numbers, booleans and None in a body of UTF-8.

    `verbatim` are members of the outermost object: the texts in them are not normalised.

    Raises Problem: malformed where it is not JSON, invalid with pointers where it is, but not of the strict kind.
    """
    text = _decode(body)
    try:
        return _parse(text, verbatim)
    except json.JSONDecodeError as error:
        what, place = error.msg.removesuffix(" at"), f"line {error.lineno}, column {error.colno}"
        raise Problem.malformed(f"The body is not valid JSON: {what}, at {place}.") from None
    except RecursionError:
        raise Problem.invalid(_too_deep(())) from None


def is_clean(text: str) -> bool:
    """Whether a text from elsewhere (a query, a path) holds nothing that a body could not hold."""
    return (text.isascii() and text.isprintable()) or not FORBIDDEN.search(text)


def _decode(body: bytes) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise Problem.malformed("The body must be JSON in UTF-8.") from None
    if text.startswith("\ufeff"):
        raise Problem.malformed("The body must be JSON in UTF-8 without a byte order mark.")
    if not text or text.isspace():
        raise Problem.malformed("The body must be JSON; it is empty.")
    return text


def _parse(text: str, verbatim: frozenset[str]) -> Any:
    if _is_plain(text):
        try:
            return _PLAIN.decode(text)
        except (OddityError, json.JSONDecodeError):
            pass  # the inspection tells what it is, and where
    return _inspect(text, verbatim)


def _is_plain(text: str) -> bool:
    """Whether no string in it can need a closer look, and nothing in it can be nested too deeply."""
    if text.count("[") + text.count("{") > DEPTH:
        return False
    if text.isascii():
        return "\x7f" not in text and ("\\" not in text or not _ODD_IN_ASCII.search(text))
    if not text.isprintable() or "\\" in text:  # as it is for a body with line breaks, too
        return not _ODD.search(text) and is_normalized("NFC", text)
    return is_normalized("NFC", text)


def _number(literal: str) -> int | float:
    """A number of JSON; raises OddityError for one that is none, or has no bounds."""
    digits = literal.removeprefix("-")
    if digits.isdigit():
        if len(digits) > DIGITS:
            raise OddityError(f"must be a number of at most {DIGITS} digits")
        return int(literal)
    number = float(literal)
    if not isfinite(number):
        raise OddityError("must be a finite number")
    return number


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise OddityError
    return members


class _Literal(str):
    """A number as it was written."""

    __slots__ = ()


class _Pairs(list[tuple[str, Any]]):
    """An object as it was written, with whatever stands in it twice."""

    __slots__ = ()


_PLAIN = json.JSONDecoder(object_pairs_hook=_members, parse_float=_number, parse_int=_number, parse_constant=_number)
_STRICT = json.JSONDecoder()
_FAITHFUL = json.JSONDecoder(
    object_pairs_hook=_Pairs,
    parse_float=_Literal,
    parse_int=_Literal,
    parse_constant=_Literal,
    strict=False,  # so that raw control characters come to be named too
)


def _inspect(text: str, verbatim: frozenset[str]) -> Any:
    """The same as a plain reading, made node by node, so that each thing that is odd can be named or set right."""
    inspection = _Inspection(verbatim)
    tree = inspection.read(_FAITHFUL.decode(text), ())
    if inspection.faults:
        raise Problem.invalid(*inspection.faults)
    if verbatim:
        _STRICT.decode(text)  # a line break that may stand in a text still has to be written as \n
    return tree


class _Inspection:
    """One walk over a tree: gives the tree as it should be, and gathers what is wrong with it."""

    def __init__(self, verbatim: frozenset[str]) -> None:
        self.verbatim = verbatim
        self.faults: list[Fault] = []

    def read(self, node: Any, path: Path) -> Any:
        if len(path) >= DEPTH and isinstance(node, list):
            raise Problem.invalid(_too_deep(path))
        if isinstance(node, _Pairs):
            return self._read_members(node, path)
        if isinstance(node, list):
            return [self.read(item, (*path, index)) for index, item in enumerate(node)]
        if isinstance(node, _Literal):
            return self._read_number(node, path)
        return self._read_text(node, path) if isinstance(node, str) else node

    def _read_members(self, pairs: _Pairs, path: Path) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for name, node in pairs:
            place = (*path, name)
            key = self._read_text(name, place)
            if key in members:
                self._blame("is given twice", place)
            members[key] = self.read(node, place)
        return members

    def _read_number(self, literal: _Literal, path: Path) -> int | float:
        try:
            return _number(literal)
        except OddityError as oddity:
            self._blame(str(oddity), path)
            return 0

    def _read_text(self, text: str, path: Path) -> str:
        """The one place that decides about a text, by what it holds and, where a member is special, by its path."""
        if text.isascii() and text.isprintable():
            return text
        if path and path[0] in self.verbatim:
            if FORBIDDEN_VERBATIM.search(text):
                self._blame(f"{NO_TEXT}; tabs and line breaks (\\n or \\r\\n) may be", path)
            return text
        if FORBIDDEN.search(text):
            self._blame(NO_TEXT, path)
        return normalize("NFC", text)

    def _blame(self, detail: str, path: Path) -> None:
        self.faults.append(Fault(detail, pointer=FORBIDDEN.sub("\ufffd", point(*path))))
        if len(self.faults) == MOST:
            raise Problem.invalid(*self.faults)


def _too_deep(path: Path) -> Fault:
    return Fault(f"is nested too deeply: more than {DEPTH} levels", pointer=point(*path))
