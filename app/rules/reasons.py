"""The plain sentence that says why a follow-up is due when it is, or why it is not needed any more."""

from datetime import date, datetime, timedelta

from app.language.times import MONTHS, WEEKDAYS
from app.rules.clauses import FinalCheckIn, OnNextDay
from app.rules.facts import OfferReceived, SituationChanged
from app.rules.plans import Reason
from app.rules.windows import Case, Window, read_deadline

ENDINGS = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}
NEWS = {
    "competing_offer": "Another offer",
    "publication": "A publication",
    "patent": "A patent",
    "other": "A change in your situation",
}
CANCELLED: dict[Reason, str] = {
    "replied": "{company} replied, so there is nothing left to check on.",
    "superseded": "The next round is arranged, so there is nothing left to check on.",
    "instructed": "{company} asked you not to write, so this check-in stays unsent.",
    "offer": "{company} made an offer, which is what to answer now.",
    "rejected": "{company} said no, which is what to answer now.",
    "withdrawn": "You withdrew, so nothing more is sent.",
    "interview_cancelled": "The interview was cancelled, so there is nothing to follow up.",
    "limit_reached": "This policy allows {limit} unanswered {messages} and no more.",
}


def thank_you(case: Case, window: Window) -> str:
    """Why a thank-you is due when it is."""
    if window.held:
        return _held(case, window)
    if isinstance(case.policy.thank_you, OnNextDay):
        due = _moment(case, window.due_at, case.day)
        return f"The interview was on {_long(case.day)}, and this policy thanks on the next day: {due}."
    pause = case.policy.thank_you.due_after_hours
    ended = f"The interview ended on {_long(case.day)} at {_clock(case.end)}"
    if window.due_at - case.end == timedelta(hours=pause):
        return f"{ended}; {_hours(pause)} to collect your thoughts makes it {_clock(window.due_at)} {_city(case)}."
    if window.due_at.date() == case.day:
        return f"{ended}; the first good hour after that is {_moment(case, window.due_at, case.day)}."
    return f"{ended}, which leaves no good hour that day; the next morning is {_moment(case, window.due_at, case.day)}."


def check_in(case: Case, window: Window, decision: date | None, stated: date | None) -> str:
    """Why a check-in is due when it is."""
    if window.held:
        return _held(case, window)
    if decision is None or stated is None:
        wait = _days(case.policy.check_in.unstated.days_after_interview)
        due = _moment(case, window.due_at, case.day)
        return f"No decision date is known; the first working morning {wait} after the interview is {due}."
    days = case.policy.check_in.stated.days_after_date
    wait = "after that" if days == 1 else f"{_days(days)} after that"
    due = _moment(case, window.due_at, decision)
    said = f"{case.interview.company} said it would decide by {_short(stated, case.day)}"
    return f"{said}; the first working morning {wait} is {due}."


def final_check_in(case: Case, window: Window, clause: FinalCheckIn, check_in_due: datetime) -> str:
    """Why the last message is due when it is."""
    if window.held:
        return _held(case, window)
    fell, wait = check_in_due.date(), _days(clause.days_after_check_in)
    due = _moment(case, window.due_at, fell)
    return f"The check-in falls on {_long(fell)}; the first working morning {wait} later is {due}."


def offer_reply(case: Case, window: Window, offer: OfferReceived) -> str:
    """Why an offer is answered when it is."""
    made_on = window.opens_at.date()
    made = f"{case.interview.company} made an offer on {_long(made_on)} at {_clock(window.opens_at)}"
    if offer.respond_by is not None and read_deadline(case, offer) is not None:
        made += f" and wants an answer by {_short(offer.respond_by, made_on)}"
    if window.due_at == window.opens_at:
        return f"{made}; there is no reason to wait, so answer from {_moment(case, window.due_at, made_on)} on."
    return f"{made}; the first good hour to answer is {_moment(case, window.due_at, made_on)}."


def after_rejection(case: Case, window: Window, *, asks_for_feedback: bool) -> str:
    """Why a rejection is answered when it is."""
    due = _moment(case, window.due_at, window.opens_at.date())
    asks = "the interview went well, so ask for feedback on" if asks_for_feedback else "answer it on"
    return (
        f"{case.interview.company} said no on {_long(window.opens_at.date())}; {asks} the next working morning, {due}."
    )


def situation_update(case: Case, window: Window, change: SituationChanged) -> str:
    """Why news does not wait for the decision."""
    if window.held:
        return _held(case, window)
    due = _moment(case, window.due_at, window.opens_at.date())
    return (
        f"{NEWS[change.change]} is news that {case.interview.company} should have before it decides: tell them {due}."
    )


def snoozed(case: Case, window: Window) -> str:
    """Why a follow-up is due later in its window."""
    return f"You put this off until {_moment(case, window.due_at, window.opens_at.date())}."


def cancelled(case: Case, reason: Reason) -> str:
    """Why a follow-up is not needed any more."""
    limit = case.policy.limit.messages
    messages = "message" if limit == 1 else "messages"
    return CANCELLED[reason].format(company=case.interview.company, limit=limit, messages=messages)


def unplanned(*, sent: bool) -> str:
    """Why a follow-up stands in the plan that nothing asks for any more."""
    return "It was sent before the facts changed." if sent else "It was skipped before the facts changed."


def _held(case: Case, window: Window) -> str:
    due = _moment(case, window.due_at, case.day)
    return f"{case.interview.company} asked to hear nothing earlier; the first good moment after that is {due}."


def _moment(case: Case, instant: datetime, since: date) -> str:
    """An instant as a person says it, who has just heard another date: `Wednesday the 2nd at 09:00 in New York`."""
    day = instant.date()
    named = _ordinal(day) if (day.year, day.month) == (since.year, since.month) else _short(day, since)
    return f"{WEEKDAYS[day.weekday()]} {named} at {_clock(instant)} {_city(case)}"


def _clock(instant: datetime) -> str:
    return f"{instant.hour:02}:{instant.minute:02}"


def _city(case: Case) -> str:
    name = case.place.zone.key
    return name if name == "UTC" else "in " + name.rpartition("/")[2].replace("_", " ")


def _long(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"


def _short(day: date, since: date) -> str:
    year = "" if day.year == since.year else f" {day.year}"
    return f"{day.day} {MONTHS[day.month - 1]}{year}"


def _ordinal(day: date) -> str:
    return f"the {day.day}{ENDINGS.get(day.day, 'th')}"


def _hours(count: int) -> str:
    return "an hour" if count == 1 else f"{count} hours"


def _days(count: int) -> str:
    return {1: "a day", 7: "a week"}.get(count, f"{count} days")
