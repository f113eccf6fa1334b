"""What no longer applies, and why: the events that cancel a step, and the limit of messages."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple, get_args

from app.rules.facts import (
    DecisionDateStated,
    InstructionGiven,
    InterviewCancelled,
    NextRoundScheduled,
    OfferReceived,
    Rejected,
    Withdrawn,
)
from app.rules.history import History
from app.rules.plans import Kind, Reason
from app.rules.steps import CHECK_INS, REJECTION_REPLIES, Step
from app.rules.windows import Case, read_decision_date

EVERYTHING: frozenset[Kind] = frozenset(get_args(Kind))
CANCELS: dict[Reason, frozenset[Kind]] = {
    "replied": CHECK_INS,
    "superseded": CHECK_INS,
    "instructed": CHECK_INS,
    "offer": CHECK_INS | REJECTION_REPLIES | {"situation_update"},
    "rejected": CHECK_INS | {"thank_you", "situation_update", "offer_reply"},
    "withdrawn": EVERYTHING,
    "interview_cancelled": EVERYTHING,
}
"""What each reason cancels; `limit_reached` is counted below."""

COUNTED: frozenset[Kind] = CHECK_INS | {"thank_you"}
"""The messages that count towards `limit.messages`."""


class Cause(NamedTuple):
    """An event that cancels: where it stands in the history, when it happened, and the reason that it gives."""

    position: int
    at: datetime
    reason: Reason


def cancel(case: Case, history: History, steps: dict[str, Step]) -> None:
    """Mark every open step that an event before its `closes_at` cancels, or that the limit forbids."""
    if history:
        _apply_causes(case, history, steps)
    _apply_limit(case.policy.limit.messages, history, steps)


def _apply_causes(case: Case, history: History, steps: dict[str, Step]) -> None:
    causes = list(_causes(history))
    answers_to: dict[Kind, list[Cause]] = {
        "check_in": _replies(case, history),
        "final_check_in": [*_all_replies(history), *_dates_after_a_check_in(history, steps.values())],
    }
    for step in steps.values():
        if step.settled is None:
            answers = answers_to.get(step.kind, [])
            applying = [cause for cause in (*causes, *answers) if _applies(cause, step)]
            step.cancelled_because = min(applying).reason if applying else None


def _applies(cause: Cause, step: Step) -> bool:
    """An answer to the company is cancelled only by what came after the news that it answers."""
    if step.kind not in CANCELS[cause.reason] or cause.at >= step.window.closes_at:
        return False
    answers_news = step.kind == "offer_reply" or step.kind in REJECTION_REPLIES
    return cause.position > step.born or not answers_news or CANCELS[cause.reason] is EVERYTHING


def _causes(history: History) -> Iterator[Cause]:
    for position, next_round in history.each(NextRoundScheduled):
        yield Cause(position, next_round.occurred_at, "superseded")
    for position, offer in history.each(OfferReceived):
        yield Cause(position, offer.occurred_at, "offer")
    for position, rejected in history.each(Rejected):
        yield Cause(position, rejected.occurred_at, "rejected")
    for position, withdrawn in history.each(Withdrawn):
        yield Cause(position, withdrawn.occurred_at, "withdrawn")
    for position, called_off in history.each(InterviewCancelled):
        yield Cause(position, called_off.occurred_at, "interview_cancelled")
    yield from _standing_ban(history)


def _standing_ban(history: History) -> list[Cause]:
    """The instruction not to write that is in force, from when it was first given."""
    ban: list[Cause] = []
    for position, instruction in history.each(InstructionGiven):
        if not instruction.no_contact:
            ban = []
        elif not ban:
            ban = [Cause(position, instruction.occurred_at, "instructed")]
    return ban


def _all_replies(history: History) -> list[Cause]:
    return [Cause(position, reply.occurred_at, "replied") for position, reply in history.answers()]


def _replies(case: Case, history: History) -> list[Cause]:
    """The replies that nothing followed: a decision date stated then or later plans the check-in again."""
    named = history.latest(DecisionDateStated)
    if named is None or read_decision_date(case, named[1].decision_by) is None:
        return _all_replies(history)
    return [cause for cause in _all_replies(history) if cause.at > named[1].occurred_at]


def _dates_after_a_check_in(history: History, steps: Iterable[Step], *, sent: bool = False) -> list[Cause]:
    """The decision dates stated once a check-in had been settled (or `sent`): they answer it."""
    states = ("sent",) if sent else ("sent", "skipped")
    check_ins = [step.settled for step in steps if step.kind in CHECK_INS and step.settled]
    settled = [check_in.position for check_in in check_ins if check_in.state in states]
    return [
        Cause(position, stated.occurred_at, "replied")
        for position, stated in history.each(DecisionDateStated)
        if settled and position > min(settled)
    ]


def last_answer(history: History, steps: Iterable[Step]) -> Cause | None:
    """The last word from the company that answers the messages before it."""
    if not history:
        return None
    answers = [*_all_replies(history), *_dates_after_a_check_in(history, steps, sent=True)]
    return max(answers, default=None)


def _apply_limit(limit: int, history: History, steps: dict[str, Step]) -> None:
    """Count the messages since the last answer, a panel's thank-yous as one, and cancel what goes over."""
    touches = [step for step in steps.values() if step.kind in COUNTED and step.cancelled_because is None]
    if len({_touch(step) for step in touches}) <= limit:
        return
    used = sent_since(last_answer(history, steps.values()), touches)
    for step in sorted((step for step in touches if step.settled is None), key=lambda step: step.window.due_at):
        if _touch(step) not in used and len(used) >= limit:
            step.cancelled_because = "limit_reached"
        else:
            used.add(_touch(step))


def sent_since(answer: Cause | None, steps: Iterable[Step]) -> set[str]:
    """The messages that count towards the limit and went out after an answer."""
    position = -1 if answer is None else answer.position
    settled = [(step, step.settled) for step in steps if step.kind in COUNTED and step.settled]
    return {_touch(step) for step, how in settled if how.state == "sent" and how.position > position}


def _touch(step: Step) -> str:
    return step.kind if step.kind == "thank_you" else step.key
