"""Emails as the tests ask for them: one interview, changed where it matters."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from app.drafting import draft_email
from app.examples import INTERVIEW
from app.rules.dossier import Dossier
from app.rules.drafts import Email, Options
from app.rules.facts import Event, Interview
from app.rules.plans import Kind
from app.rules.policy import load_policies

POLICIES = load_policies()
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

PRIYA: dict[str, Any] = {"name": "Priya Shah", "email": "priya@northwind.example", "role": "hiring_manager"}


def interview(**changes: Any) -> Interview:
    """The interview of the documents, a panel of three, but for what is said otherwise."""
    return Interview.model_validate(INTERVIEW | changes)


def alone(*topics: str, **changes: Any) -> Interview:
    """A first round with one interviewer, of which nothing is known but what was talked about."""
    given: dict[str, Any] = {"stage": "first_round", "decision_by": None, "contact": None, "notes": {}}
    return interview(**given | {"interviewers": [PRIYA | {"topics": topics}]} | changes)


def email(
    kind: Kind,
    about: Interview,
    named: str | None = None,
    *,
    events: Sequence[Event] = (),
    now: datetime = NOW,
    **options: Any,
) -> Email:
    """The email of a kind, under the interview's own policy."""
    chosen = Options.model_validate(options)
    return draft_email(Dossier(about, events, POLICIES[about.policy]), kind, named, chosen, now)


def said(written: Email, rule: str) -> str:
    """What an email says for a rule."""
    return " ".join(element.text for element in written.elements if element.rule == rule)


def needs(written: Email, because: str = "missing") -> set[tuple[str, tuple[str, ...]]]:
    """What an email left out, with what would bring it back."""
    return {(left.rule, left.needs) for left in written.omitted if left.because == because}
