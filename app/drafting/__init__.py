"""Facts about an interview as an email that is ready to be sent, and what the check of drafts says about it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from app.drafting.orders import Order, Undraftable, take_order
from app.drafting.writing import as_draft, write
from app.rules.checks import check
from app.rules.drafts import Email, Options
from app.rules.facts import Event, Interview
from app.rules.plans import Kind
from app.rules.policy import Policy
from app.rules.standing import stand

__all__ = ["Order", "Undraftable", "draft_email", "take_order", "write"]


def draft_email(
    interview: Interview,
    events: Sequence[Event],
    policy: Policy,
    kind: Kind,
    named: str | None,
    options: Options,
    now: datetime,
    key: str | None = None,
) -> Email:
    """The email of a kind for the one who is named, or of the step with `key`; findings included. `now` is aware.

    Raises UnknownRecipient, and Undraftable for a required fact that is missing or an option that does not fit.
    """
    order = take_order(interview, events, policy, kind, named, options, now, key)
    email = write(order)
    standing = stand(interview, events, policy, order.as_of, kind, order.recipient, order.channel)
    return replace(email, findings=check(as_draft(order, email.subject, email.text, standing)))
