"""Whom a draft greets, against whom it goes to."""

import re
from collections.abc import Iterator
from itertools import islice

from app.language.names import greet_name, short_name
from app.language.sentences import Stretch
from app.rules.checks.findings import MOST, cut, find
from app.rules.checks.reading import Reading
from app.rules.checks.vocabulary import SUFFIXES, TITLES, VOCABULARY, fold
from app.rules.drafts import Draft, Finding
from app.rules.facts import Person

_FOREIGN = "|".join(sorted(map(re.escape, VOCABULARY.salutations)))
_SALUTATION = re.compile(
    rf"(?:dear|hi|hello|hey|hiya|greetings|good (?:morning|afternoon|evening|day)|to|(?:{_FOREIGN})(?=,?\s*\w))\b,?\s*",
    re.IGNORECASE,
)
_UNSPACED = "\N{CJK RADICAL REPEAT}"  # from here on stand the scripts that put no space between names
_MARKS = " ,:;!?.\N{EM DASH}\N{EN DASH}-\N{FULLWIDTH COMMA}\N{FULLWIDTH COLON}"
_THANKED = re.compile(
    r"\b(?:[Tt]hank you|[Tt]hanks)(?: again| so much| very much| once more)?,? ([A-Z][\w'-]+)(?=[,!.]| for\b| again\b)"
)

_THANKED_IN_SUBJECT = re.compile(
    r"\b(?:thank you|thanks)(?: again| so much| very much| once more)?,? ([^\W\d_][\w'-]*)(?: [A-Z][\w'-]+)?"
    r"(?=\W{0,3}$|[,!.:;]| for\b| again\b| [-\N{EN DASH}\N{EM DASH}])",
    re.IGNORECASE,
)


def check_greeting(reading: Reading) -> Iterator[Finding]:
    """Greets somebody else, a group, or an office, where the reader's own name is known."""
    greeting = reading.letter.greeting
    meant = list(_meant(reading.draft))
    if greeting is None or not meant:
        return
    named = _cut_name(reading.draft.text, greeting)
    words = _drop_suffixes([word for word in fold(named.text) if word not in _POLITE])
    strange = [word for word in words if not any(_is_called(who, word) for who in meant)]
    if any(word not in _NO_ONE for word in words if word not in strange):
        strange = [word for word in strange if word not in VOCABULARY.offices]
    if strange:
        yield _judge_greeting(reading.draft, named, words, strange)


def check_thanked(reading: Reading) -> Iterator[Finding]:
    """Thanks another interviewer by name inside of the text, as a pasted "Thank you again, Ben" does."""
    draft = reading.draft
    others = [
        who
        for who in _known(draft)
        if not any(_is_called(meant, word) for meant in _meant(draft) for word in _first_words(who))
    ]
    if draft.recipient is None or not others:
        return
    names = [_first_words(who) for who in others]
    for match in _THANKED_IN_SUBJECT.finditer(draft.subject or ""):
        if match[1][0].isupper() and set(fold(match[1])) in names:
            message = f"In the subject: {_wrong(match[1], draft.recipient.name)}"
            yield find("lint.wrong_name", "error", message, None, _call(draft.recipient))
    body = reading.letter.body
    found = (match for match in _THANKED.finditer(draft.text, body.start, body.end) if set(fold(match[1])) in names)
    for match in islice(found, MOST):
        where = cut(draft.text, *match.span(1))
        message = _wrong(where.text, draft.recipient.name)
        yield find("lint.wrong_name", "error", message, where, _call(draft.recipient))


_POLITE = TITLES | VOCABULARY.fillers
_NO_ONE = VOCABULARY.groups | VOCABULARY.offices


def _meant(draft: Draft) -> Iterator[Person]:
    """The recipient; where it is not known, everybody whom the interview names."""
    if draft.recipient is not None:
        yield from [draft.recipient] if fold(draft.recipient.name) else []
    else:
        yield from _known(draft)


def _known(draft: Draft) -> Iterator[Person]:
    if draft.interview is not None:
        yield from draft.interview.interviewers
        if draft.interview.contact is not None:
            yield draft.interview.contact


def _cut_name(text: str, greeting: Stretch) -> Stretch:
    """The greeting without its salutation and its marks."""
    salutation = _SALUTATION.match(greeting.text)
    start = greeting.start + (salutation.end() if salutation else 0)
    inner = text[start : greeting.end].strip(_MARKS)
    start += text[start : greeting.end].find(inner)
    return Stretch(start, start + len(inner), inner)


def _is_called(who: Person, word: str) -> bool:
    """Whether a folded word is a name of somebody, an initial, or a part of a name in a script without spaces."""
    names = fold(f"{who.name} {getattr(who, 'salutation', None) or ''}")
    if word in names or (len(word) == 1 and word.isalpha() and any(name[0] == word for name in names)):
        return True
    if word == "".join(fold(who.name)):
        return True
    return min(word) >= _UNSPACED and any(min(name) >= _UNSPACED and set(name) & set(word) for name in names)


def _judge_greeting(draft: Draft, named: Stretch, words: list[str], strange: list[str]) -> Finding:
    recipient = draft.recipient
    suggestion = _suggest(recipient, named.text)
    company = fold(draft.interview.company) if draft.interview else ()
    if all(word in _NO_ONE or word in company for word in strange):
        message = "This greets nobody in particular, and a reader with a name notices. Greet the one person it goes to."
        return find("lint.wrong_name", "warning", message, named, suggestion)
    if recipient is None:
        message = f"{named.text} is nobody of this interview. Check whom this goes to before it leaves."
        return find("lint.wrong_name", "error", message, named)
    if len(strange) < len(words):
        message = f"This greets {named.text}, but goes to {recipient.name} alone. Write to each of them separately."
        return find("lint.wrong_name", "error", message, named, suggestion)
    return find("lint.wrong_name", "error", _wrong(named.text, recipient.name), named, suggestion)


def _wrong(greeted: str, name: str) -> str:
    return (
        f"This speaks to {greeted}, but goes to {name}. A stranger's name is what a reader remembers, so put the right"
        " one."
    )


def _suggest(who: Person | None, greeted: str) -> str | None:
    """The right name in the form of the wrong one."""
    if who is None:
        return None
    titled = greeted.split()[:1] and fold(greeted)[:1] and fold(greeted)[0] in TITLES
    return who.name if titled or len(greeted.split()) > 1 else _call(who)


def _call(who: Person) -> str:
    """What somebody is called in a letter of ours."""
    return greet_name(who.name, getattr(who, "salutation", None), "warm")


def _first_words(who: Person) -> set[str]:
    """How the name that somebody goes by begins, without a title."""
    return set([word for word in fold(short_name(who.name)) if word not in TITLES][:1])


def _drop_suffixes(words: list[str]) -> list[str]:
    """Words of a name without degrees and the like; such a word alone stays, since some are called Ma."""
    return [word for word in words if word not in SUFFIXES] or words
