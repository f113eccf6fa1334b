"""Facts about an interview as an email that is ready to be sent, and what the check of drafts says about it."""

from dataclasses import replace
from datetime import datetime

from app.drafting.orders import Order, Undraftable, take_order
from app.drafting.outlines import as_draft
from app.drafting.writing import write
from app.rules.checks import check
from app.rules.dossier import Dossier
from app.rules.drafts import Email, Options
from app.rules.plans import Kind
from app.rules.standing import stand

__all__ = ["Order", "Undraftable", "draft_email", "take_order", "write"]


def draft_email(
    known: Dossier, kind: Kind, named: str | None, options: Options, now: datetime, key: str | None = None
) -> Email:
    """The email of a kind for the one who is named, or of the step with `key`; findings included. `now` is aware.

    Raises UnknownRecipient, and Undraftable for a required fact that is missing or an option that does not fit.
    """
    order = take_order(known, kind, named, options, now, key)
    email = write(order)
    standing = stand(known, order.as_of, kind, order.recipient, order.channel)
    return replace(email, findings=check(as_draft(order, email.subject, email.text, standing)))
