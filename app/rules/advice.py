"""What to do around the messages (section 5 of the rules): one small condition each, in the order of the table."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple

from app.rules.cancelling import Cause, last_answer, sent_since
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


class Standing(NamedTuple):
    """How an interview stands at one instant; `answered` is the company's last answer."""

    case: Case
    history: History
    steps: Sequence[Step]
    now: datetime
    pending: Sequence[Step]
    answered: Cause | None
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
    if standing.decided:
        return False
    stated = standing.history.latest(DecisionDateStated)
    if read_decision_date(standing.case, stated[1].decision_by if stated else None) is not None:
        return False
    return not any(step.kind in CHECK_INS and step.state == "sent" for step in standing.steps)


def _before_the_end(standing: Standing) -> bool:
    return not standing.over and not standing.called_off


def _digesting(standing: Standing) -> bool:
    return standing.over and standing.thanking


def _waiting(standing: Standing) -> bool:
    return standing.over and not standing.decided


def _card_possible(standing: Standing) -> bool:
    if standing.case.policy.card.use != "advice" or not standing.thanking:
        return False
    return any(person.postal_address for person in standing.case.interview.interviewers)


def _address_missing(standing: Standing) -> bool:
    emails = [step.recipient for step in standing.pending if step.channel == "email"]
    return not all(recipient is None or recipient.email for recipient in emails)


def _unanswered(standing: Standing) -> bool:
    """A check-in was sent or missed, and the company has said nothing since."""
    if standing.decided or standing.history.has(NextRoundScheduled):
        return False
    return any(_waits(step, standing.answered) for step in standing.steps if step.kind in CHECK_INS)


def _waits(check_in: Step, answer: Cause | None) -> bool:
    if check_in.settled:
        return check_in.state == "sent" and (answer is None or check_in.settled.position > answer.position)
    return check_in.state == "missed" and (answer is None or answer.at < check_in.window.opens_at)


def _exhausted(standing: Standing) -> bool:
    """The limit is reached, its last window has closed, and the company has said nothing since."""
    if standing.decided or standing.history.has(NextRoundScheduled):
        return False
    settled = [step for step in standing.steps if step.settled]
    if len(sent_since(standing.answered, settled)) < standing.case.policy.limit.messages:
        return False
    return all(step.window.closes_at <= standing.now for step in settled)


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
