"""A draft with all that is known around it, as the rules and the dictionary see it together."""

import logging
from collections.abc import Iterator
from datetime import datetime

from pydantic import BaseModel

from app.proofreading import LibraryFailed, Proofreader, TooLong
from app.rules.addressing import UnknownRecipient, find_recipient, find_step
from app.rules.checks import check, count_paragraphs, count_sentences, judge
from app.rules.dossier import Dossier
from app.rules.drafts import Draft, Finding
from app.rules.facts import Person
from app.rules.planner import plan
from app.rules.plans import Channel
from app.rules.standing import stand
from app.schemas.drafts import Proofreading, Review, StoredDraftRequest

logger = logging.getLogger(__name__)


def review(asked: StoredDraftRequest, known: Dossier | None, now: datetime, proofreader: Proofreader | None) -> Review:
    """What there is to say of a draft, `now` (aware) unless it says when it goes out. Raises UnknownRecipient.

    It may take some milliseconds, and 50 where many words are new.
    """
    draft = read_draft(asked, known, now)
    told = (draft.recipient, known.interview, known.events) if known else draft.recipient
    spelling, proofreading = _proofread(draft.text, told, proofreader)
    findings = tuple(sorted((*check(draft), *spelling), key=_place))
    return Review(judge(findings), count_sentences(draft), count_paragraphs(draft), findings, proofreading)


def read_draft(asked: StoredDraftRequest, known: Dossier | None, now: datetime) -> Draft:
    """The draft that is asked about, with what is known around it. Raises UnknownRecipient."""
    recipient = _find_recipient(asked, known)
    channel, standing = asked.channel or "email", None
    if known and recipient:
        as_of = asked.as_of or now
        channel = _choose_channel(asked, known, recipient, as_of)
        standing = stand(known, as_of, asked.kind, recipient, channel)
    return Draft(
        kind=asked.kind,
        text=asked.text,
        subject=asked.subject,
        channel=channel,
        length=asked.length,
        recipient=recipient,
        interview=known.interview if known else None,
        standing=standing,
        other_drafts=asked.other_drafts,
    )


def _choose_channel(asked: StoredDraftRequest, known: Dossier, recipient: Person, as_of: datetime) -> Channel:
    """By which channel the draft is to go: as it is planned, where that is not said."""
    if asked.channel:
        return asked.channel
    step = find_step(plan(*known, as_of), known.interview, asked.kind, recipient)
    return step.channel if step else "email"


def _find_recipient(asked: StoredDraftRequest, known: Dossier | None) -> Person | None:
    """Whom the draft is for; None where nobody is named, and the plan alone cannot tell."""
    named = asked.recipient
    if known is None:
        return _as_person(named) if named else None
    try:
        return find_recipient(known.interview, asked.kind, named)
    except UnknownRecipient:
        if named is None:
            return None
        raise


def _as_person(named: str) -> Person:
    return Person(name="", email=named) if "@" in named else Person(name=named)


def _proofread(text: str, told: object, proofreader: Proofreader | None) -> tuple[tuple[Finding, ...], Proofreading]:
    """What is misspelt, but for the words of what was told: they are right here."""
    if proofreader is None:
        return (), "unavailable"
    try:
        return proofreader.proofread(text, _texts_of(told)), "done"
    except TooLong:
        return (), "too_long"
    except LibraryFailed as failed:
        logger.warning("A draft was not proofread: the library failed with %s", failed)
        return (), "unavailable"


def _texts_of(told: object) -> Iterator[str]:
    """Every text of a fact, of the facts within it, and of a row of facts."""
    if isinstance(told, str):
        yield told
    elif isinstance(told, BaseModel):
        for _, member in told:
            yield from _texts_of(member)
    elif isinstance(told, tuple | list):
        for each in told:
            yield from _texts_of(each)


def _place(finding: Finding) -> int:
    return finding.span.start if finding.span else -1
