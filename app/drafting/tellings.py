"""What was noted down, as slots: a reader for each member of the facts, each text under the name of its shape."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from app.drafting.orders import Order
from app.language.casing import finish
from app.language.lists import join
from app.language.names import possessive, short_name
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
from app.rules.checks.placeholders import holds_blank
from app.rules.facts import Interviewer, Person

Slots = dict[str, str]

TOPICS = {"that": "topic_point", "unsure": "remark"}
"""The slot of a topic by its shape; any other shape has `topic`."""

_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)

BRIEF = 12
"""A fact of more words is told to one member of a panel only: to all, it would make their emails alike."""

LONG_TOPIC = 25
"""A topic of more words is taken only where there is no shorter one."""


def _read_topics(order: Order) -> Slots:
    """What was discussed with the recipient, then with everybody; those who share topics begin with different ones."""
    own = _topics(order, order.recipient.topics) if isinstance(order.recipient, Interviewer) else []
    shared = _topics(order, order.interview.notes.topics)
    turn = order.position % len(shared) if shared else 0
    topics = [*own, *shared[turn:], *shared[:turn]]
    if not topics and not order.was_there:
        topics = _topics(order, (topic for who in order.interview.interviewers for topic in who.topics))
    topics.sort(key=lambda topic: len(topic.text.split()) > LONG_TOPIC)  # stable: the best of the short ones first
    if not topics:
        return {}
    first, *more = topics
    thanked_for_own = order.kind == "thank_you" and _is_own(first)
    slots = {"own_topic" if thanked_for_own else TOPICS.get(first.shape, "topic"): first.text}
    second = next((topic for topic in more if topic.shape != "unsure" and not _is_own(topic) and topic != first), None)
    return slots if second is None else slots | {"second_topic": _as_topic(second)}


def _topics(order: Order, texts: Iterable[str]) -> list[Fact]:
    """What can be talked about; a card holds no links."""
    told = (text for text in texts if not holds_blank(text) and not (order.channel == "card" and _LINK.search(text)))
    return [topic for topic in map(read_topic, told) if topic is not None]


def _is_own(topic: Fact) -> bool:
    """Whether the writer spoke of something of their own: nobody else can be thanked for telling it."""
    return topic.shape not in TOPICS and topic.text.startswith(("my ", "our "))


def _as_topic(topic: Fact) -> str:
    return f"the point that {topic.text}" if topic.shape == "that" else topic.text


def _read_insights(order: Order) -> Slots:
    """What the recipient said that stayed, and what another member of the panel did, the next one's first."""
    if not isinstance(order.recipient, Interviewer):
        return {}
    slots = _read_insight("own_insight", order.recipient)
    people, at = order.interview.interviewers, order.position
    for n, who in enumerate((*people[at + 1 :], *people[:at])):
        insight = _read_insight("insight", who)
        if insight and (n == 0 or len("".join(insight.values()).split()) <= BRIEF):
            called = call(order, who)
            return slots | insight | {"other": called, "other_possessive": possessive(called)}
    return slots


def call(order: Order, who: Person) -> str:
    """How somebody else is called: by the whole name where it is formal, or another one has the first name, too."""
    short = short_name(who.name)
    namesakes = [each for each in order.interview.interviewers if short_name(each.name) == short]
    return who.name if order.options.tone == "formal" or len(namesakes) > 1 else short


def _read_insight(name: str, who: Interviewer) -> Slots:
    insight = read_insight(who.insight) if who.insight else None
    if insight is None:
        return {}
    if insight.shape in {"sentence", "unsure"}:
        return {f"{name}_told": finish(insight.text)}
    return {f"{name}_point" if insight.shape == "that" else name: insight.text}


def _read_fit(order: Order) -> Slots:
    return _read_shaped("fit", order.interview.notes.fit, read_fit)


def _read_contribution(order: Order) -> Slots:
    return _read_shaped("contribution", order.interview.notes.contribution, read_contribution)


def _read_understanding(order: Order) -> Slots:
    return _read_shaped("understanding", order.interview.notes.understanding, read_understanding)


def _read_shaped(name: str, text: str | None, read: Callable[[str], Fact | None]) -> Slots:
    """A fact under the slot of its shape; what cannot be told apart is told as a sentence."""
    fact = read(text) if text else None
    if fact is None:
        return {}
    if fact.shape in {"sentence", "unsure"} or (fact.shape == "that" and name != "understanding"):
        return {f"{name}_told": finish(fact.text)}
    if fact.shape == "doing" and name == "fit":
        return {"fit_doing": fact.text}
    if fact.shape == "infinitive":
        return {f"{name}_do": fact.text}
    return {f"{name}_point" if fact.shape == "that" else name: fact.text}


def _read_concerns(order: Order) -> Slots:
    return _read_answered(
        "concern", ((read_concern(each.raised), each.answer) for each in order.interview.notes.concerns)
    )


def _read_revisits(order: Order) -> Slots:
    return _read_answered("revisit", ((read_topic(each.topic), each.answer) for each in order.interview.notes.revisit))


def _read_answered(name: str, pairs: Iterable[tuple[Fact | None, str]]) -> Slots:
    """The first two of what was raised, each with its answer."""
    slots: Slots = {}
    told = [name, f"second_{name}"]
    for raised, text in pairs:
        answer = read_answer(text)
        if raised is None or not answer or not told:
            continue
        loose = raised.shape in {"unsure", "that"}
        if loose and told[0] != name:
            continue
        slot = told.pop(0)
        slots[f"{slot}_answer"] = answer
        slots[f"{slot}_remark" if loose else slot] = raised.text
    return slots


def _read_references(order: Order) -> Slots:
    """People can be asked, a letter cannot."""
    named = [each for each in map(read_reference, order.interview.notes.references) if each is not None]
    if not named:
        return {}
    letters = any("letter" in name.casefold() for name in named)
    return {"references_letter" if letters else "references": join(named)}


def _read_question(order: Order) -> Slots:
    questions = map(read_question, order.interview.notes.questions)
    question = next((found for found in questions if found is not None), None)
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
    return {"news": news.text} if news.shape in {"thing", "doing"} else {"news_told": finish(news.text)}


READERS: Final[Mapping[str, Callable[[Order], Slots]]] = {
    "notes.topics": _read_topics,
    "interviewers.insight": _read_insights,
    "notes.fit": _read_fit,
    "notes.contribution": _read_contribution,
    "notes.understanding": _read_understanding,
    "notes.concerns": _read_concerns,
    "notes.revisit": _read_revisits,
    "notes.questions": _read_question,
    "notes.references": _read_references,
    "events.detail": _read_news,
}
"""What reads each member of the facts."""
