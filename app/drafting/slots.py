"""The facts of an order as slots: each text as it can stand inside a sentence, under the name that says its shape.

`fit` is a thing, `fit_doing` something done, `fit_told` whole sentences: a wording names the shape that it is right
for. What is not known has no slot, and nothing is ever empty.
"""

import re
from collections.abc import Container, Iterator, Mapping
from datetime import date
from functools import cache
from typing import Final

from app.drafting.orders import Order
from app.drafting.tellings import READERS, Slots, call
from app.language.lists import join
from app.language.names import greet_name
from app.language.times import say_day, write_date
from app.rules.checks.placeholders import holds_blank
from app.rules.facts import Interviewer

MEMBERS: Final[Mapping[str, str]] = {
    "topic": "notes.topics",
    "remark": "notes.topics",
    "second_topic": "notes.topics",
    "own_topic": "notes.topics",
    "own_insight": "recipient.insight",
    "insight": "interviewers.insight",
    "fit": "notes.fit",
    "contribution": "notes.contribution",
    "understanding": "notes.understanding",
    "concern": "notes.concerns",
    "second_concern": "notes.concerns",
    "revisit": "notes.revisit",
    "second_revisit": "notes.revisit",
    "question": "notes.questions",
    "references": "notes.references",
    "others": "interviewers",
    "decision": "decision_by",
    "decided": "decision_by",
    "until": "options.until",
    "news": "events.detail",
    "respond_by": "events.respond_by",
}
"""The member that each slot comes from, by the first word or words of its name."""

_BEFORE_TITLE = re.compile(r"^(?:(?:role|position|job title|title) ?: ?)?(?:(?:the|an?) )?", re.IGNORECASE)
POSTS = ("role", "position", "job", "post", "internship", "apprenticeship", "fellowship")
INTENTS = {
    "accept": "Accepting your offer",
    "decline": "Your offer",
    "more_time": "Your offer, and a little more time",
    "discuss": "Your offer, and a few points",
}


@cache  # the slots are as many as the templates name
def member_of(slot: str) -> str | None:
    """The member of the facts that a slot comes from; None for what is always known."""
    names = (slot, slot.rpartition("_")[0], slot.partition("_")[0])
    return next((MEMBERS[name] for name in names if name in MEMBERS), None)


def read_slots(order: Order, members: Container[str]) -> Slots:
    """Every slot that an order can fill; of what was noted down, only those of these members."""
    slots = dict(_read_frame(order)) | _read_days(order)
    for member, read in READERS.items():
        if member in members:
            slots |= {name: text for name, text in read(order).items() if not holds_blank(text)}
    return slots


def _read_frame(order: Order) -> Iterator[tuple[str, str]]:
    interview, tone, signature = order.interview, order.options.tone, order.options.signature
    greeted = greet_name(order.recipient.name, _read_salutation(order), tone)
    title = _read_title(order)
    yield "greeted", greeted
    yield "greeting", f"{'Hi' if tone == 'warm' else 'Dear'} {greeted}"
    yield "closing", "Best wishes" if tone == "warm" else "Kind regards"
    yield "candidate", interview.candidate.name
    yield "contact", "\n".join(filter(None, (signature.phone, *signature.links)))
    yield "company", interview.company
    yield "job_title", title
    yield "role", f"{title} role"
    if order.kind == "offer_reply":
        yield "subject_intent", INTENTS[order.options.intent or "discuss"]
    others = [call(order, who) for who in interview.interviewers if who is not order.recipient]
    if not order.was_there:
        yield "absent", order.recipient.name
    elif others:
        yield "others", join(others)


def _read_salutation(order: Order) -> str | None:
    """The salutation without what is written around it anyway: "Dear Dr Shah," is "Dr Shah"."""
    told = order.recipient.salutation if isinstance(order.recipient, Interviewer) else None
    return re.sub(r"^(?:dear|hi|hello|hey) ", "", told, flags=re.IGNORECASE).rstrip(" ,;:!") if told else None


def _read_title(order: Order) -> str:
    """The job title alone, as "the ... role" takes it."""
    interview = order.interview
    title = _BEFORE_TITLE.sub("", interview.job_title)
    for link in (" @ ", " at "):
        if title.casefold().endswith(place := f"{link}{interview.company}".casefold()):
            title = title[: -len(place)]
    title = title.rstrip(" .,;")
    head, _, tail = title.rpartition(" ")
    return (head if head and tail.casefold() in POSTS else title) or interview.job_title


def _read_days(order: Order) -> Slots:
    today, country = order.as_of.date(), order.interview.country
    long_date = write_date(order.day, country, today)
    # A card is read days later.
    when = f"on {long_date}" if order.channel == "card" else say_day(order.day, today, country)
    slots = {
        "when": when,
        "conversation": f"{when}'s conversation" if when in {"today", "yesterday"} else f"the conversation {when}",
        "date": long_date,
        "short_date": long_date.partition(" ")[2],
    }
    if order.decision is not None and order.decision != today:
        slots["decided" if order.decision < today else "decision"] = write_date(order.decision, country, today)
    slots |= _read_deadline("until", order.options.until, order)
    return slots | _read_deadline("respond_by", order.change.respond_by if order.change else None, order)


def _read_deadline(name: str, day: date | None, order: Order) -> Slots:
    today = order.as_of.date()
    if day is None or day < today:
        return {}
    return {name: "the end of today" if day == today else write_date(day, order.interview.country, today)}
