"""Which elements an order asks for, what facts they can tell, and how many sentences there is room for."""

import sys
from functools import cache

from app.drafting.orders import Order
from app.drafting.phrasebook import CHAPTERS, SUBJECT, Outline
from app.drafting.wordings import WORDINGS
from app.rules.checks.lengths import measure_of
from app.rules.drafts import Draft, Standing
from app.rules.plans import Kind


def choose_outline(order: Order) -> Outline:
    """The outline for an order, the most particular first."""
    interview, options, outlines = order.interview, order.options, CHAPTERS[order.kind].outlines
    particular = {
        "offer_reply": options.intent or "discuss",
        "rejection_reply": "with_feedback" if options.with_feedback else "default",
        "situation_update": order.change.change if order.change else "other",
    }
    names = (
        order.channel,
        particular.get(order.kind, ""),
        f"{interview.stage}.{order.policy.name}",
        interview.stage,
        order.policy.name,
        "default",
    )
    return next(outlines[name] for name in names if name in outlines)


@cache
def members_of(kind: Kind, outline: Outline) -> frozenset[str]:
    """The members of the facts that an outline of a kind can tell."""
    parts = CHAPTERS[kind].parts
    names = (SUBJECT, *outline.say, *outline.fillers)
    return frozenset(member for name in names for way in parts[name].ways for member in way.members)


def find_room(order: Order) -> tuple[int, int]:
    """How many sentences there are to be, at least and at most: as the check of drafts will measure it."""
    least, most = measure_of(as_draft(order)) or (0, sys.maxsize)
    # The more people hear from the writer in few sentences, the more of them alike: a large panel gets as many as fit.
    is_crowded = order.kind == "thank_you" and len(order.interview.interviewers) > WORDINGS
    return (most if is_crowded and order.options.length == "short" else least, most)


def as_draft(order: Order, subject: str | None = None, text: str = "", standing: Standing | None = None) -> Draft:
    """What is written to an order as a draft that can be checked."""
    return Draft(
        kind=order.kind,
        text=text,
        subject=subject,
        channel=order.channel,
        length=order.options.length,
        recipient=order.recipient,
        interview=order.interview,
        standing=standing,
    )
