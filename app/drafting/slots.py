"""The facts of an order as slots: each text as it can stand inside a sentence, under the name that says its shape.

`fit` is a thing, `fit_doing` something done, `fit_told` whole sentences: a wording names the shape that it is right
for. What is not known has no slot, and nothing is ever empty.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from app.drafting.orders import Order
from app.language.casing import capitalise, end_stop
from app.language.lists import join
from app.language.names import greet_name, possessive, short_name
from app.language.shapes import (
    Fact,
    read_answer,
    read_concern,
    read_contribution,
    read_fit,
    read_insight,
    read_news,
    read_question,
    read_reference,
    read_topic,
    read_understanding,
)
from app.language.times import say_day, write_date
from app.rules.facts import Concern, Interviewer, Revisit

Slots = dict[str, str]

MEMBERS: Final[Mapping[str, str]] = {
    "topic": "notes.topics",
    "remark": "notes.topics",
    "second_topic": "notes.topics",
    "own_insight": "interviewers.insight",
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

TOPICS = {"that": "topic_point", "unsure": "remark"}
"""The slot of a topic by its shape; any other shape has `topic`."""

LONG_TOPIC = 25
"""A topic of more words is taken only where there is no shorter one."""

POSTS = ("role", "position", "job", "post", "internship", "apprenticeship", "fellowship")
INTENTS = {
    "accept": "Accepting your offer",
    "decline": "Your offer",
    "more_time": "Your offer, and a little more time",
    "discuss": "Your offer, and a few points",
}


def member_of(slot: str) -> str | None:
    """The member of the facts that a slot comes from; None for what is always known."""
    names = (slot, slot.rpartition("_")[0], slot.partition("_")[0])
    return next((MEMBERS[name] for name in names if name in MEMBERS), None)


def read_slots(order: Order) -> Slots:
    """Every slot that the facts of an order can fill."""
    slots = dict(_read_frame(order))
    slots |= _read_days(order)
    slots |= _read_topics(order)
    slots |= _read_insights(order)
    slots |= _read_notes(order)
    slots |= _read_news(order)
    return slots


def _read_frame(order: Order) -> Iterator[tuple[str, str]]:
    interview, tone, signature = order.interview, order.options.tone, order.options.signature
    salutation = order.recipient.salutation if isinstance(order.recipient, Interviewer) else None
    greeted = greet_name(order.recipient.name, salutation, tone)
    yield "greeted", greeted
    yield "greeting", f"{'Hi' if tone == 'warm' else 'Dear'} {greeted}"
    yield "closing", "Best wishes" if tone == "warm" else "Kind regards"
    yield "candidate", interview.candidate.name
    yield "contact", "\n".join(filter(None, (signature.phone, *signature.links)))
    yield "company", interview.company
    yield "job_title", interview.job_title
    yield "role", _as_role(interview.job_title)
    if order.kind == "offer_reply":
        yield "subject_intent", INTENTS[order.options.intent or "discuss"]
    others = [short_name(who.name) for who in interview.interviewers if who != order.recipient]
    if others and order.was_there:
        yield "others", join(others)


def _as_role(job_title: str) -> str:
    return job_title if job_title.rpartition(" ")[2].casefold() in POSTS else f"{job_title} role"


def _read_days(order: Order) -> Slots:
    today, country = order.as_of.date(), order.interview.country
    when, long_date = say_day(order.day, today, country), write_date(order.day, country, today)
    slots = {
        "when": when,
        "conversation": f"{when}'s conversation" if when in {"today", "yesterday"} else f"the conversation {when}",
        "date": long_date,
        "short_date": long_date.partition(" ")[2],
    }
    if order.decision is not None:
        slots["decided" if order.decision < today else "decision"] = write_date(order.decision, country, today)
    slots |= _read_deadline("until", order.options.until, order)
    return slots | _read_deadline("respond_by", order.change.respond_by if order.change else None, order)


def _read_deadline(name: str, day: date | None, order: Order) -> Slots:
    if day is None or day < order.as_of.date():
        return {}
    return {name: write_date(day, order.interview.country, order.as_of.date())}


def _read_topics(order: Order) -> Slots:
    """What was discussed with the recipient, then with everybody; those who share topics begin with different ones."""
    own = _topics(order.recipient.topics) if isinstance(order.recipient, Interviewer) else []
    shared = _topics(order.interview.notes.topics)
    turn = order.position % len(shared) if shared else 0
    topics = [*own, *shared[turn:], *shared[:turn]]
    if not topics and not order.was_there:
        topics = _topics(topic for who in order.interview.interviewers for topic in who.topics)
    topics.sort(key=lambda topic: len(topic.text.split()) > LONG_TOPIC)  # stable: the best of the short ones first
    if not topics:
        return {}
    first, *more = topics
    slots = {TOPICS.get(first.shape, "topic"): first.text}
    second = next((topic for topic in more if topic.shape != "unsure" and topic.text != first.text), None)
    return slots if second is None else slots | {"second_topic": _as_topic(second)}


def _topics(texts: Iterable[str]) -> list[Fact]:
    return [topic for topic in map(read_topic, texts) if topic is not None]


def _as_topic(topic: Fact) -> str:
    return f"the point that {topic.text}" if topic.shape == "that" else topic.text


def _read_insights(order: Order) -> Slots:
    """What the recipient said that stayed, and what another member of the panel did, the next one's first."""
    if not isinstance(order.recipient, Interviewer):
        return {}
    slots = _read_insight("own_insight", order.recipient)
    people, at = order.interview.interviewers, order.position
    for who in (*people[at + 1 :], *people[:at]):
        if insight := _read_insight("insight", who):
            called = short_name(who.name)
            return slots | insight | {"other": called, "other_possessive": possessive(called)}
    return slots


def _read_insight(name: str, who: Interviewer) -> Slots:
    insight = read_insight(who.insight) if who.insight else None
    if insight is None:
        return {}
    if insight.shape in {"sentence", "unsure"}:
        return {f"{name}_told": _as_told(insight)}
    return {f"{name}_point" if insight.shape == "that" else name: insight.text}


def _read_notes(order: Order) -> Slots:
    notes = order.interview.notes
    slots = _read_shaped("fit", notes.fit and read_fit(notes.fit))
    slots |= _read_shaped("contribution", notes.contribution and read_contribution(notes.contribution))
    slots |= _read_shaped("understanding", notes.understanding and read_understanding(notes.understanding))
    slots |= _read_answered("concern", notes.concerns)
    slots |= _read_answered("revisit", notes.revisit)
    slots |= _read_question(notes.questions)
    named = [reference for reference in map(read_reference, notes.references) if reference is not None]
    return slots | _read_references(named)


def _read_references(named: Sequence[str]) -> Slots:
    """People can be asked, a letter cannot."""
    if not named:
        return {}
    letters = any("letter" in name.casefold() for name in named)
    return {"references_letter" if letters else "references": join(named)}


def _read_shaped(name: str, fact: Fact | str | None) -> Slots:
    """A fact under the slot of its shape; what cannot be told apart is told as a sentence."""
    if not isinstance(fact, Fact):
        return {}
    if fact.shape in {"sentence", "unsure"} or (fact.shape == "that" and name != "understanding"):
        return {f"{name}_told": _as_told(fact)}
    if fact.shape == "doing" and name == "fit":
        return {"fit_doing": fact.text}
    if fact.shape == "infinitive":
        return {f"{name}_do": fact.text}
    return {f"{name}_point" if fact.shape == "that" else name: fact.text}


def _as_told(fact: Fact) -> str:
    return end_stop(capitalise(fact.text))


def _read_answered(name: str, pairs: Iterable[Concern] | Iterable[Revisit]) -> Slots:
    """The first two doubts, or answers to be completed, each with its answer."""
    slots: Slots = {}
    told = [name, f"second_{name}"]
    for pair in pairs:
        raised = read_concern(pair.raised) if isinstance(pair, Concern) else read_topic(pair.topic)
        answer = read_answer(pair.answer)
        if raised is None or not answer or not told:
            continue
        loose = raised.shape in {"unsure", "that"}
        if loose and told[0] != name:
            continue
        slot = told.pop(0)
        slots[f"{slot}_answer"] = answer
        slots[f"{slot}_remark" if loose else slot] = raised.text
    return slots


def _read_question(questions: Iterable[str]) -> Slots:
    question = next((found for found in map(read_question, questions) if found is not None), None)
    if question is None:
        return {}
    if question.direct:
        return {"question": question.direct}
    return {"question_indirect": question.indirect} if question.indirect else {"question_about": question.about or ""}


def _read_news(order: Order) -> Slots:
    change = order.change
    news = read_news(change.detail) if change is not None and change.detail else None
    if news is None:
        return {}
    return {"news": news.text} if news.shape in {"thing", "doing"} else {"news_told": _as_told(news)}
