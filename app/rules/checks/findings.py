"""How a check says what it found."""

from app.language.sentences import Stretch
from app.rules.catalogue import RULES
from app.rules.drafts import Finding, Severity, Span

MOST = 20
"""The most that one check says of one draft: what is wrong in more places than that is no longer read."""


def find(
    rule: str, severity: Severity, message: str, where: Stretch | None = None, suggestion: str | None = None
) -> Finding:
    """A finding of a rule, with the sources that ask for it; without `where` it is about the draft as a whole."""
    span = None if where is None else Span(where.start, where.end, where.text)
    return Finding(rule, severity, message, span, suggestion, RULES[rule].sources)


def cut(text: str, start: int, end: int) -> Stretch:
    """A part of a text, to point at."""
    return Stretch(start, end, text[start:end])
