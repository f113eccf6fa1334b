"""The one bridge between rows and rules: facts out of rows, a plan out of facts, rows made equal to the plan.

Whatever changes an interview goes through here, in one transaction: the interview, those of the same application
(a later one is the next round of an earlier one), their follow-ups, and at the very end what subscribers are told.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from app.rules.facts import Event, FollowUpSent, FollowUpSkipped, FollowUpSnoozed, Interview, NextRoundScheduled
from app.rules.planner import arrange, plan
from app.rules.plans import FollowUp, Plan
from app.rules.policy import Policy
from app.rules.workdays import Place, place
from app.schemas.times import YEARS
from app.store.db import Session
from app.store.events import delete_event, insert_event, list_events
from app.store.find import NotFound, find_by_external_id, find_event, find_interview
from app.store.follow_ups import Step, follow_ups_of, insert_follow_ups, replace_follow_ups
from app.store.interviews import (
    Sibling,
    Stale,
    Taken,
    hold,
    insert_interview,
    replace_facts,
    siblings,
)
from app.store.kept_answers import forget_answers
from app.store.rows import EventRow, InterviewRow
from app.store.tokens import remove_tokens
from app.webhooks.changes import Change, publish_changes

Policies = Mapping[str, Policy]

Check = Callable[[InterviewRow | None], None]
"""Raises where the present version of an interview, if there is one, is not to be changed."""

_EVENT: TypeAdapter[Event] = TypeAdapter(Event)
_FOLLOW_UP = TypeAdapter(FollowUp)


AHEAD = timedelta(minutes=5)
"""How far a caller's clock may be ahead of ours."""

MOST_EVENTS = 200
"""How much may happen after one interview."""

MOST_ROUNDS = 50
"""How many interviews one application may have."""

logger = logging.getLogger(__name__)


class Unfit(ValueError):
    """An event that cannot be: `member` names what is wrong with it."""

    def __init__(self, member: str, detail: str) -> None:
        super().__init__(detail)
        self.member = member


class Settled(Exception):
    """A follow-up that is over cannot be changed any more."""


class Full(Exception):
    """There is no room for more; `member` names what there is too much of."""

    def __init__(self, member: str, detail: str) -> None:
        super().__init__(detail)
        self.member = member


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
    """Keep a new interview with its plan. Raises Taken, Full, UnknownPolicy."""
    if interview.application_ref is not None:
        hold(session, "application", interview.application_ref)
    interview = localize(interview)
    row = insert_interview(session, interview, interview.model_dump_json(), now)
    events = _next_round(row, _other_rounds(session, row))
    insert_follow_ups(session, row.id, plan_steps(interview, events, policies, now), now)
    publish_changes(session, replan_earlier(session, row, policies, now), now)
    return row


def put_interview(
    session: Session,
    interview: Interview,
    policies: Policies,
    now: datetime,
    check: Callable[[InterviewRow | None], None],
) -> tuple[InterviewRow, bool]:
    """Create the interview with this `external_id` or replace its facts, if `check` lets the present one pass.

    Says whether it was created. Raises Stale when somebody was faster (a new transaction sees what they did), Full,
    UnknownPolicy, and whatever `check` raises.
    """
    external_id = interview.external_id or ""
    hold(session, "external_id", external_id)  # of those who put it, one at a time
    try:
        row = lock_interview(session, find_by_external_id(session, external_id).id, interview.application_ref)
    except NotFound:
        check(None)
        try:
            return store_interview(session, interview, policies, now), True
        except Taken:
            raise Stale(f"{external_id} was created meanwhile") from None
    if row.external_id != external_id:
        raise Stale(f"{external_id} was renamed meanwhile")
    check(row)
    return change_interview(session, row, interview, policies, now), False


def change_interview(
    session: Session, row: InterviewRow, interview: Interview, policies: Policies, now: datetime
) -> InterviewRow:
    """Let a locked interview be what `interview` says, and plan anew. Raises Taken, Full, UnknownPolicy."""
    interview = localize(interview)
    changed = replace_facts(session, row, interview, interview.model_dump_json(), now)
    if changed.candidate_email != row.candidate_email:
        _forget_person(session, row)
    changes = [replan(session, changed, policies, now)]  # in any case: the policy or the holidays may have changed
    if row.application_ref != changed.application_ref:
        changes += replan_earlier(session, row, policies, now)
        changes += replan_earlier(session, changed, policies, now)
    elif changed != row:
        changes += replan_earlier(session, max(row, changed, key=lambda version: version.starts_at), policies, now)
    publish_changes(session, changes, now)
    return changed


def _forget_person(session: Session, row: InterviewRow) -> None:
    """What was answered about one person, or given to their page, is not for whoever has the interview now."""
    forget_answers(session, [row.id])
    remove_tokens(session, [row.id])


def lock_interview(session: Session, interview_id: str, *also: str | None) -> InterviewRow:
    """The interview, and the applications that a change of it touches, held until the transaction ends.

    Always in one order, so that two changes never wait for each other. Raises NotFound.
    """
    hold(session, "interview", interview_id)  # nobody else moves it to another application
    row = find_interview(session, interview_id)
    for application_ref in sorted({ref for ref in (row.application_ref, *also) if ref is not None}):
        hold(session, "application", application_ref)
    return find_interview(session, interview_id, lock=True)


def facts_of(session: Session, row: InterviewRow) -> tuple[Interview, list[Event]]:
    """What is known of a stored interview; a later one of the same application counts as its next round."""
    return read_facts(row, list_events(session, row.id), _other_rounds(session, row))


def read_facts(
    row: InterviewRow, events: Iterable[EventRow], rounds: Iterable[Sibling]
) -> tuple[Interview, list[Event]]:
    """The same from rows that were read already: its events, and the interviews of its application."""
    happened = [_EVENT.validate_json(event.data) for event in events]
    return Interview.model_validate_json(row.facts), happened + _next_round(row, rounds)


def plan_of(session: Session, row: InterviewRow, policies: Policies, as_of: datetime) -> Plan:
    """The plan of a stored interview at an instant, its follow-ups with their ids. Raises UnknownPolicy."""
    interview, events = facts_of(session, row)
    planned = plan(interview, events, choose_policy(policies, interview.policy), as_of)
    ids = {step.key: step.id for step in follow_ups_of(session, row.id)}
    return with_ids(planned, ids)


def with_ids(planned: Plan, ids: Mapping[str, str]) -> Plan:
    """A plan whose follow-ups carry the ids under which their keys are kept."""
    return replace(planned, follow_ups=tuple(replace(step, id=ids.get(step.key)) for step in planned.follow_ups))


def plan_steps(interview: Interview, events: Sequence[Event], policies: Policies, now: datetime) -> list[Step]:
    """The steps of a plan as they are kept. Raises UnknownPolicy."""
    arrangement = arrange(interview, events, choose_policy(policies, interview.policy), now)
    return [as_step(step) for step in arrangement.follow_ups()]


def replan(session: Session, row: InterviewRow, policies: Policies, now: datetime) -> Change:
    """Make the rows of a locked interview equal to its plan; nobody is told yet. Raises UnknownPolicy."""
    steps = plan_steps(*facts_of(session, row), policies, now)
    return Change(row, replace_follow_ups(session, row.id, steps, now))


def replan_earlier(session: Session, row: InterviewRow, policies: Policies, now: datetime) -> list[Change]:
    """Plan the earlier rounds of an application anew; the later ones do not depend on this one. Raises Full."""
    changes: list[Change] = []
    rounds = _other_rounds(session, row)
    if len(rounds) >= MOST_ROUNDS:
        raise Full("application_ref", f"more than {MOST_ROUNDS} interviews of one application are not kept")
    for other in sorted(rounds, key=lambda other: other.id):
        if (other.starts_at, other.id) < (row.starts_at, row.id):
            try:
                changes.append(replan(session, find_interview(session, other.id, lock=True), policies, now))
            except UnknownPolicy as error:
                logger.warning("The plan of %s stays as it is: the policy %s is not loaded", other.id, error.name)
    return changes


def record_event(session: Session, row: InterviewRow, event: Event, policies: Policies, now: datetime) -> EventRow:
    """Keep what happened after a locked interview, and plan anew. Raises Unfit, Settled, Full, UnknownPolicy."""
    if event.occurred_at > now + AHEAD:
        raise Unfit("occurred_at", "must not lie more than five minutes ahead of now")
    interview, events = facts_of(session, row)
    policy = choose_policy(policies, interview.policy)
    if len(events) >= MOST_EVENTS:
        raise Full("type", f"more than {MOST_EVENTS} events after one interview are not kept")
    if isinstance(event, FollowUpSent | FollowUpSkipped | FollowUpSnoozed):
        _check_follow_up(event, plan(interview, events, policy, now))
    kept = insert_event(session, row.id, event, event.model_dump_json(), now)
    steps = plan_steps(interview, [*events, event], policies, now)
    publish_changes(session, [Change(row, replace_follow_ups(session, row.id, steps, now))], now)
    return kept


def take_back_event(session: Session, row: InterviewRow, event_id: str, policies: Policies, now: datetime) -> None:
    """Forget what turned out not to have happened, and plan anew. Raises NotFound."""
    delete_event(session, row.id, find_event(session, row.id, event_id).id)
    publish_changes(session, [replan(session, row, policies, now)], now)


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


def _next_round(row: InterviewRow, rounds: Iterable[Sibling]) -> list[Event]:
    """A later interview of the same application, as the event that it is for this one; of several, the first known."""
    later = [other for other in rounds if (other.starts_at, other.id) > (row.starts_at, row.id)]
    # One that is told of afterwards was known at the latest when it began.
    known = [min(other.created_at, other.starts_at) for other in later]
    return [NextRoundScheduled(occurred_at=min(known))] if known else []


def _other_rounds(session: Session, row: InterviewRow) -> tuple[Sibling, ...]:
    return () if row.application_ref is None else siblings(session, row.application_ref, besides=row.id)


def as_step(step: FollowUp) -> Step:
    """A follow-up of a plan as it is kept."""
    status = step.state if step.state in {"sent", "skipped", "cancelled"} else "open"
    body = _FOLLOW_UP.dump_json(step, exclude={"id", "state"}).decode()
    return Step(step.key, step.kind, status, step.opens_at, step.due_at, step.closes_at, body)
