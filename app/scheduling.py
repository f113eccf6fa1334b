"""The one bridge between rows and rules: facts out of rows, a plan out of facts, rows made equal to the plan.

Whatever changes an interview goes through here, in one transaction: the interview, those of the same application
(a later one is the next round of an earlier one), and their follow-ups.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from app.rules.facts import Event, FollowUpSent, FollowUpSkipped, FollowUpSnoozed, Interview, NextRoundScheduled
from app.rules.planner import plan
from app.rules.plans import FollowUp, Plan
from app.rules.policy import Policy
from app.rules.workdays import Place, place
from app.schemas.times import YEARS
from app.store.db import Session
from app.store.events import delete_event, insert_event, list_events
from app.store.find import find_event, find_interview
from app.store.follow_ups import Step, follow_ups_of, insert_follow_ups, replace_follow_ups
from app.store.interviews import delete_interview, hold_application, insert_interview, replace_facts, siblings
from app.store.rows import EventRow, FollowUpRow, InterviewRow

Policies = Mapping[str, Policy]

_EVENT: TypeAdapter[Event] = TypeAdapter(Event)
_FOLLOW_UP = TypeAdapter(FollowUp)


AHEAD = timedelta(minutes=5)
"""How far a caller's clock may be ahead of ours."""

MOST_EVENTS = 200
"""How much may happen after one interview."""


class Unfit(ValueError):
    """An event that cannot be: `member` names what is wrong with it."""

    def __init__(self, member: str, detail: str) -> None:
        super().__init__(detail)
        self.member = member


class Settled(Exception):
    """A follow-up that is over cannot be changed any more."""


class UnknownPolicy(LookupError):
    """An interview names a policy that is not loaded."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"must be one of {', '.join(known)}")
        self.name = name


def choose_policy(policies: Policies, name: str) -> Policy:
    """The policy with this name. Raises UnknownPolicy."""
    try:
        return policies[name]
    except KeyError as error:
        raise UnknownPolicy(name, tuple(policies)) from error


def localize(interview: Interview) -> Interview:
    """The same interview, its instants at the offset of its own zone: so it is kept and answered."""
    where = place(interview.timezone, interview.country, interview.subdivision)
    ends_at = interview.ends_at and _localize(where, interview.ends_at)
    return interview.model_copy(update={"starts_at": _localize(where, interview.starts_at), "ends_at": ends_at})


def _localize(where: Place, instant: datetime) -> datetime:
    # On the first and the last day of our time it stays as it was told: elsewhere it could be another year.
    local = where.local(instant)
    return local if local.year in YEARS else instant


def store_interview(session: Session, interview: Interview, policies: Policies, now: datetime) -> InterviewRow:
    """Keep a new interview with its plan. Raises Taken, UnknownPolicy."""
    if interview.application_ref is not None:
        hold_application(session, interview.application_ref)
    interview = localize(interview)
    row = insert_interview(session, interview, interview.model_dump_json(), now)
    events = _next_rounds(session, row)
    planned = plan(interview, events, choose_policy(policies, interview.policy), now)
    insert_follow_ups(session, row.id, [as_step(step) for step in planned.follow_ups], now)
    _replan_application(session, row.application_ref, row.id, policies, now)
    return row


def change_interview(
    session: Session, row: InterviewRow, interview: Interview, policies: Policies, now: datetime
) -> InterviewRow:
    """Let a locked interview be what `interview` says, and plan anew. Raises Taken, UnknownPolicy."""
    interview = localize(interview)
    changed = replace_facts(session, row, interview, interview.model_dump_json(), now)
    if changed != row:
        replan(session, changed, policies, now)
        for application_ref in {row.application_ref, changed.application_ref}:
            _replan_application(session, application_ref, row.id, policies, now)
    return changed


def remove_interview(session: Session, row: InterviewRow, policies: Policies, now: datetime) -> None:
    """Forget a locked interview with all that belongs to it; the earlier rounds lose their next one."""
    delete_interview(session, row.id)
    _replan_application(session, row.application_ref, row.id, policies, now)


def lock_interview(session: Session, interview_id: str, *also: str | None) -> InterviewRow:
    """The interview, and the applications that a change of it touches, held until the transaction ends.

    Applications first and in one order, so that two changes never wait for each other. Raises NotFound.
    """
    hold_application(session, interview_id)  # nobody else moves it to another application
    row = find_interview(session, interview_id)
    for application_ref in sorted({ref for ref in (row.application_ref, *also) if ref is not None}):
        hold_application(session, application_ref)
    return find_interview(session, interview_id, lock=True)


def facts_of(session: Session, row: InterviewRow) -> tuple[Interview, list[Event]]:
    """What is known of a stored interview; a later one of the same application counts as its next round."""
    events = [_EVENT.validate_json(event.data) for event in list_events(session, row.id)]
    return Interview.model_validate_json(row.facts), events + _next_rounds(session, row)


def plan_of(session: Session, row: InterviewRow, policies: Policies, as_of: datetime) -> Plan:
    """The plan of a stored interview at an instant, its follow-ups with their ids. Raises UnknownPolicy."""
    interview, events = facts_of(session, row)
    planned = plan(interview, events, choose_policy(policies, interview.policy), as_of)
    ids = {step.key: step.id for step in follow_ups_of(session, row.id)}
    return with_ids(planned, ids)


def with_ids(planned: Plan, ids: Mapping[str, str]) -> Plan:
    """A plan whose follow-ups carry the ids under which their keys are kept."""
    return replace(planned, follow_ups=tuple(replace(step, id=ids.get(step.key)) for step in planned.follow_ups))


def replan(session: Session, row: InterviewRow, policies: Policies, now: datetime) -> tuple[FollowUpRow, ...]:
    """Make the rows of a locked interview equal to its plan, matched by key. Raises UnknownPolicy."""
    interview, events = facts_of(session, row)
    planned = plan(interview, events, choose_policy(policies, interview.policy), now)
    return replace_follow_ups(session, row.id, [as_step(step) for step in planned.follow_ups], now)


def record_event(session: Session, row: InterviewRow, event: Event, policies: Policies, now: datetime) -> EventRow:
    """Keep what happened after a locked interview, and plan anew. Raises Unfit, Settled, UnknownPolicy."""
    if event.occurred_at > now + AHEAD:
        raise Unfit("occurred_at", "must not lie more than five minutes ahead of now")
    if isinstance(event, FollowUpSent | FollowUpSkipped | FollowUpSnoozed):
        _check_follow_up(event, plan_of(session, row, policies, now))
    kept = insert_event(session, row.id, event, event.model_dump_json(), now)
    if kept.position >= MOST_EVENTS and len(list_events(session, row.id)) > MOST_EVENTS:
        raise Settled(f"more than {MOST_EVENTS} events after one interview are not kept")
    replan(session, row, policies, now)
    return kept


def take_back_event(session: Session, row: InterviewRow, event_id: str, policies: Policies, now: datetime) -> None:
    """Forget what turned out not to have happened, and plan anew. Raises NotFound."""
    delete_event(session, row.id, find_event(session, row.id, event_id).id)
    replan(session, row, policies, now)


def _check_follow_up(event: FollowUpSent | FollowUpSkipped | FollowUpSnoozed, planned: Plan) -> None:
    step = next((step for step in planned.follow_ups if step.key == event.key), None)
    if step is None:
        raise Unfit("key", f"must be one of {', '.join(step.key for step in planned.follow_ups)}")
    if step.state in {"sent", "skipped"}:
        raise Settled(f"this follow-up was {step.state} already")
    if isinstance(event, FollowUpSnoozed):
        _check_snooze(event, step)


def _check_snooze(event: FollowUpSnoozed, step: FollowUp) -> None:
    if step.state in {"cancelled", "missed"}:
        raise Settled(f"this follow-up is {step.state} and cannot be put off")
    if not step.opens_at <= event.until <= step.closes_at:
        window = f"{step.opens_at.isoformat()} and {step.closes_at.isoformat()}"
        raise Unfit("until", f"must lie between opens_at and closes_at, {window}")


def _replan_application(
    session: Session, application_ref: str | None, besides: str, policies: Policies, now: datetime
) -> None:
    if application_ref is not None:
        for sibling in sorted(siblings(session, application_ref, besides=besides), key=lambda other: other.id):
            replan(session, find_interview(session, sibling.id, lock=True), policies, now)


def _next_rounds(session: Session, row: InterviewRow) -> list[Event]:
    if row.application_ref is None:
        return []
    later = [
        sibling
        for sibling in siblings(session, row.application_ref, besides=row.id)
        if (sibling.starts_at, sibling.id) > (row.starts_at, row.id)
    ]
    # One that is told of afterwards was known at the latest when it began.
    return [NextRoundScheduled(occurred_at=min(other.created_at, other.starts_at)) for other in later]


def as_step(step: FollowUp) -> Step:
    """A follow-up of a plan as it is kept."""
    status = step.state if step.state in {"sent", "skipped", "cancelled"} else "open"
    body = _FOLLOW_UP.dump_json(step, exclude={"id", "state"}).decode()
    return Step(step.key, step.kind, status, step.opens_at, step.due_at, step.closes_at, body)
