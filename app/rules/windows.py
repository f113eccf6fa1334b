"""How each date is computed: one function a row of the table in section 8 of the rules."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from app.rules.clauses import FinalCheckIn, OnNextDay
from app.rules.facts import Interview, OfferReceived, SituationChanged
from app.rules.policy import Policy
from app.rules.workdays import ONE_DAY, Place, place


class Window(NamedTuple):
    """When a follow-up opens, is due and closes, in this order; `held` where the company's instruction moved it."""

    opens_at: datetime
    due_at: datetime
    closes_at: datetime
    held: bool = False


class Case(NamedTuple):
    """One interview under one policy: where it was, when it ended, and on which local date."""

    interview: Interview
    policy: Policy
    place: Place
    end: datetime
    day: date


def read_case(interview: Interview, policy: Policy) -> Case:
    """The words `end` and `day` of section 8, at the interview's own place."""
    where = place(interview.timezone, interview.country, interview.subdivision)
    minutes = 30 if interview.stage == "phone_screen" else 60
    end = where.local(interview.ends_at or interview.starts_at + timedelta(minutes=minutes))
    return Case(interview, policy, where, end, end.date())


def read_decision_date(case: Case, stated: date | None) -> date | None:
    """The word `D`: a date before the interview counts as none, one on its day as the day after."""
    decision = stated or case.interview.decision_by
    if decision is None or decision < case.day:
        return None
    return max(decision, case.day + ONE_DAY)


def thank_you_window(case: Case, not_before: datetime | None) -> Window:
    """Row "thank-you"."""
    clause, where = case.policy.thank_you, case.place
    if isinstance(clause, OnNextDay):
        tomorrow = where.end_of(case.day).date()
        opens, closes = where.at(tomorrow, clause.opens), where.end_of(tomorrow)
    else:
        opens, closes = _hours_after(case, clause.opens_after_hours), _hours_after(case, clause.closes_after_hours)
    opens, closes, held = _hold(where, opens, closes, not_before)
    if isinstance(clause, OnNextDay):
        return _fit(opens, where.morning_from(opens), closes, held=held)
    pause = clause.due_after_hours - clause.opens_after_hours
    calm = where.local(opens + timedelta(hours=pause)) if pause else opens
    return _fit(opens, where.next_within(calm, clause.earliest, clause.latest), closes, held=held)


def check_in_window(case: Case, decision: date | None, not_before: datetime | None) -> Window:
    """Rows "check-in, D known" and "check-in, no D"."""
    stated, unstated = case.policy.check_in.stated, case.policy.check_in.unstated
    if decision is not None:
        morning = case.place.working_morning_on_or_after(decision + stated.days_after_date * ONE_DAY)
        return _open_from(case.place, morning, stated.open_days, not_before)
    if unstated.full_days:
        morning = case.place.working_morning_from(case.place.days_later(case.end, unstated.days_after_interview))
    else:
        morning = case.place.working_morning_on_or_after(case.day + unstated.days_after_interview * ONE_DAY)
    return _open_from(case.place, morning, unstated.open_days, not_before)


def final_check_in_window(case: Case, clause: FinalCheckIn, due: datetime, not_before: datetime | None) -> Window:
    """Row "final check-in", counted from the local date on which the check-in is due."""
    morning = case.place.working_morning_on_or_after(due.date() + clause.days_after_check_in * ONE_DAY)
    return _open_from(case.place, morning, clause.open_days, not_before)


def offer_reply_window(case: Case, offer: OfferReceived) -> Window:
    """Row "offer reply"."""
    clause, where = case.policy.offer_reply, case.place
    opens = where.local(offer.occurred_at)
    closes = read_deadline(case, offer)
    if closes is None:
        closes = where.at(where.working_day_after(opens.date(), clause.closes_after_working_days), clause.closes)
    return _fit(opens, where.next_within(opens, clause.earliest, clause.latest), closes)


def rejection_window(case: Case, rejected_at: datetime, open_days: int) -> Window:
    """Row "rejection reply, or feedback request"."""
    opens = case.place.local(rejected_at)
    due = case.place.working_morning_after(opens)
    return Window(opens, due, case.place.days_later(due, open_days))


def situation_update_window(case: Case, change: SituationChanged, not_before: datetime | None) -> Window:
    """Row "situation update"."""
    where = case.place
    opens = where.local(change.occurred_at)
    closes = read_deadline(case, change)
    if closes is None:
        closes = where.days_later(_working_hour(case, opens), case.policy.situation_update.open_days)
    opens, closes, held = _hold(where, opens, closes, not_before)
    return _fit(opens, _working_hour(case, opens), closes, held=held)


def read_deadline(case: Case, event: OfferReceived | SituationChanged) -> datetime | None:
    """The end of the `respond_by` day; one that had ended before the event counts as none."""
    if event.respond_by is None:
        return None
    deadline = case.place.end_of(event.respond_by)
    return deadline if deadline > event.occurred_at else None


def _hours_after(case: Case, hours: int) -> datetime:
    return case.place.local(case.end + timedelta(hours=hours))


def _working_hour(case: Case, instant: datetime) -> datetime:
    clause = case.policy.situation_update
    civil = clause.earliest <= instant.time() <= clause.latest
    if civil and case.place.is_working_day(instant.date()):
        return instant
    return case.place.working_morning_after(instant)


def _hold(
    where: Place, opens: datetime, closes: datetime, not_before: datetime | None
) -> tuple[datetime, datetime, bool]:
    """A window that would open before the company wants to hear anything moves whole."""
    if not_before is None or opens >= not_before:
        return opens, closes, False
    return where.local(not_before), where.local(not_before + (closes - opens)), True


def _open_from(where: Place, morning: datetime, open_days: int, not_before: datetime | None) -> Window:
    held = not_before is not None and morning < not_before
    if not_before is not None and held:
        morning = where.working_morning_from(where.local(not_before))
    return Window(morning, morning, where.days_later(morning, open_days), held)


def _fit(opens: datetime, due: datetime, closes: datetime, *, held: bool = False) -> Window:
    return Window(opens, due if due <= closes else opens, closes, held)
