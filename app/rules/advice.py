"""What to do around the messages (section 5 of the rules): one small condition each, in the order of the table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from app.rules.cancelling import last_answer, sent_since
from app.rules.catalogue import RULES
from app.rules.facts import (
    DecisionDateStated,
    InterviewCancelled,
    NextRoundScheduled,
    OfferReceived,
    Rejected,
    Withdrawn,
)
from app.rules.history import History
from app.rules.plans import Advice
from app.rules.steps import CHECK_INS, Step
from app.rules.windows import Case, read_decision_date

PENDING = ("planned", "due")


@dataclass(frozen=True, slots=True)
class Standing:
    """How an interview stands at one instant; `answered` is the position of the company's last answer, else -1."""

    case: Case
    history: History
    steps: Sequence[Step]
    now: datetime
    pending: Sequence[Step]
    answered: int
    called_off: bool
    decided: bool

    @property
    def over(self) -> bool:
        """Whether the interview itself has ended."""
        return self.now >= self.case.end

    @property
    def thanking(self) -> bool:
        """Whether a thank-you is neither sent nor closed."""
        return any(step.kind == "thank_you" for step in self.pending)


def advise(case: Case, history: History, steps: Sequence[Step], now: datetime) -> tuple[Advice, ...]:
    """The advice that applies at `now`."""
    called_off = history.has(Withdrawn) or history.has(InterviewCancelled)
    standing = Standing(
        case=case,
        history=history,
        steps=steps,
        now=now,
        pending=[step for step in steps if step.state in PENDING],
        answered=last_answer(history, steps),
        called_off=called_off,
        decided=called_off or history.has(OfferReceived) or history.has(Rejected),
    )
    return tuple(_say(rule) for rule, applies in CONDITIONS.items() if applies(standing))


@cache
def _say(rule: str) -> Advice:
    return Advice(rule, RULES[rule].text)


def _no_date(standing: Standing) -> bool:
    stated = standing.history.latest(DecisionDateStated)
    decision = read_decision_date(standing.case, stated[1].decision_by if stated else None)
    checked_in = any(
        step.kind in CHECK_INS and step.settled and step.settled.state == "sent" for step in standing.steps
    )
    return decision is None and not standing.decided and not checked_in


def _before_the_end(standing: Standing) -> bool:
    return not standing.over and not standing.called_off


def _digesting(standing: Standing) -> bool:
    return standing.over and standing.thanking


def _waiting(standing: Standing) -> bool:
    return standing.over and not standing.decided


def _card_possible(standing: Standing) -> bool:
    addressed = any(person.postal_address for person in standing.case.interview.interviewers)
    return standing.case.policy.card.use == "advice" and addressed and standing.thanking


def _address_missing(standing: Standing) -> bool:
    emails = [step.recipient for step in standing.pending if step.channel == "email"]
    return any(recipient is not None and not recipient.email for recipient in emails)


def _unanswered(standing: Standing) -> bool:
    """A check-in was sent or missed, and the company has said nothing since."""
    if standing.decided or standing.history.has(NextRoundScheduled):
        return False
    states = [step.state for step in standing.steps if step.kind in CHECK_INS]
    return standing.answered < 0 and ("sent" in states or "missed" in states)


def _exhausted(standing: Standing) -> bool:
    """The limit is reached, its last window has closed, and the company has said nothing since."""
    if standing.decided or standing.history.has(NextRoundScheduled):
        return False
    used = sent_since(standing.answered, standing.steps)
    closed = all(step.window.closes_at <= standing.now for step in standing.steps if step.settled)
    return len(used) >= standing.case.policy.limit.messages and closed


def _rejected(standing: Standing) -> bool:
    return standing.history.has(Rejected)


CONDITIONS: dict[str, Callable[[Standing], bool]] = {
    "advice.ask_for_date": _no_date,
    "advice.state_intent": _before_the_end,
    "advice.digest": _digesting,
    "advice.keep_applying": _waiting,
    "advice.prepare_next": _waiting,
    "advice.update_resume": _waiting,
    "advice.card": _card_possible,
    "advice.no_email": _address_missing,
    "advice.not_personal": _unanswered,
    "advice.move_on": _exhausted,
    "advice.stay_in_touch": _rejected,
}
"""When each piece of advice is shown, in the order in which it is given."""
