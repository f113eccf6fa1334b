"""A draft with all that is known around it, as the rules and the dictionary see it together."""

from collections.abc import Iterator
from datetime import datetime

from app.proofreading import Proofreader, fits
from app.rules.addressing import UnknownRecipient, find_recipient
from app.rules.checks import check, count_paragraphs, count_sentences, judge
from app.rules.dossier import Dossier
from app.rules.drafts import Draft, Finding
from app.rules.facts import Interviewer, Person
from app.rules.standing import stand
from app.schemas.drafts import Proofreading, Review, StoredDraftRequest


def read_draft(asked: StoredDraftRequest, known: Dossier | None, now: datetime) -> Draft:
    """The draft that is asked about, `now` (aware) unless it says when it goes out. Raises UnknownRecipient."""
    recipient = _find_recipient(asked, known)
    standing = None
    if known and recipient:
        standing = stand(known, asked.as_of or now, asked.kind, recipient, asked.channel)
    return Draft(
        kind=asked.kind,
        text=asked.text,
        subject=asked.subject,
        channel=asked.channel or "email",
        length=asked.length,
        recipient=recipient,
        interview=known.interview if known else None,
        standing=standing,
        other_drafts=asked.other_drafts,
    )


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


def review(draft: Draft, proofreader: Proofreader | None) -> Review:
    """What there is to say of a draft. It may take some milliseconds, and 50 where many words are new."""
    spelling, proofreading = _proofread(draft, proofreader)
    findings = tuple(sorted((*check(draft), *spelling), key=_place))
    return Review(judge(findings), count_sentences(draft), count_paragraphs(draft), findings, proofreading)


def _proofread(draft: Draft, proofreader: Proofreader | None) -> tuple[tuple[Finding, ...], Proofreading]:
    if proofreader is None:
        return (), "unavailable"
    if not fits(draft.text):
        return (), "too_long"
    return proofreader.proofread(draft.text, _known_texts(draft)), "done"


def _known_texts(draft: Draft) -> Iterator[str]:
    """Texts whose words are never misspelt here: names, and what was talked about."""
    people: list[Person | None] = [draft.recipient]
    if interview := draft.interview:
        yield from (interview.company, interview.job_title, *interview.notes.topics)
        people += [interview.candidate, interview.contact, *interview.interviewers]
    for person in filter(None, people):
        yield person.name
        if isinstance(person, Interviewer):
            yield from (person.title or "", person.salutation or "", *person.topics)


def _place(finding: Finding) -> int:
    return finding.span.start if finding.span else -1
