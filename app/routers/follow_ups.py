"""`/v1/follow-ups`: the steps of all plans, and what became of each."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, cast

from fastapi import Depends, Query, Request, Response

from app.answers import answer, answer_email, link_next, show_follow_up, show_page
from app.auth import MayRead, MayRecord, MayRender, MayWrite
from app.dependencies import LoadedPolicies
from app.drafting import Undraftable, draft_email
from app.errors import Problem, answers
from app.idempotency import Answered, Once
from app.negotiation import ChosenForm, other_forms
from app.refusals import of_step
from app.routers.dossiers import read_stored
from app.routing import Router
from app.rules.addressing import find_thanked
from app.rules.drafts import Email
from app.rules.facts import FollowUpSent, FollowUpSkipped, FollowUpSnoozed
from app.rules.plans import Kind
from app.scheduling import Policies, record_event
from app.schemas import FollowUpList, FollowUpOut, FollowUpQuery, OptionsQuery, SettleRequest, SnoozeRequest
from app.store.db import Session
from app.store.find import find_follow_up, find_interview
from app.store.follow_ups import FollowUpFilter
from app.store.follow_ups import list_follow_ups as read_follow_ups
from app.store.rows import FollowUpRow

router = Router(prefix="/v1/follow-ups", tags=["follow-ups"])


@router.get("", response_model=FollowUpList)
def list_follow_ups(request: Request, gate: MayRead, query: Annotated[FollowUpQuery, Query()]) -> Response:
    """List follow-ups across interviews in the order of `due_at`, with the states that they have now."""
    now = datetime.now(UTC)
    wanted = FollowUpFilter(**query.model_dump(exclude={"sort", "limit", "cursor"}))
    with gate.peek(now) as session:
        page = read_follow_ups(session, wanted, now, limit=query.limit, cursor=query.cursor)
    shown = show_page((show_follow_up(row, now) for row in page.rows), page.next_cursor)
    return answer(shown, headers=link_next(request, page.next_cursor))


@router.get("/{follow_up_id}", response_model=FollowUpOut)
def get_follow_up(gate: MayRead, follow_up_id: str) -> Response:
    """Read one follow-up, with the state that it has now."""
    now = datetime.now(UTC)
    with gate.peek(now) as session:
        row = find_follow_up(session, follow_up_id)
    return answer(show_follow_up(row, now))


@router.get(
    "/{follow_up_id}/email",
    response_model=Email,
    responses=other_forms() | answers("not_acceptable", "conflict"),
)
def get_follow_up_email(
    gate: MayRender,
    policies: LoadedPolicies,
    follow_up_id: str,
    asked: Annotated[OptionsQuery, Depends()],
    form: ChosenForm,
) -> Response:
    """The email of this step, for the one whom it goes to."""
    now = datetime.now(UTC)
    with gate.read(now) as session:
        row = find_follow_up(session, follow_up_id)
        known = read_stored(session, row.interview_id, policies)
    kind = cast(Kind, row.kind)
    if kind == "thank_you" and find_thanked(known.interview, row.key) is None:
        raise Problem.conflict("The one whom this follow-up thanks is no longer among the interviewers.")
    try:
        email = draft_email(known, kind, None, asked.options(), now, row.key)
    except Undraftable as error:
        raise of_step(error) from None
    return answer_email(email, known.interview.candidate, form)


@router.post("/{follow_up_id}/sent", response_model=FollowUpOut)
def mark_sent(
    gate: MayRecord, once: Once, policies: LoadedPolicies, follow_up_id: str, body: SettleRequest | None = None
) -> Response:
    """Record that a follow-up went out: now, or when you say. Asked again, it changes nothing."""
    now = datetime.now(UTC)
    return once.run(gate, now, partial(_settle, policies, follow_up_id, FollowUpSent, body, now))


@router.post("/{follow_up_id}/skipped", response_model=FollowUpOut)
def mark_skipped(
    gate: MayWrite, once: Once, policies: LoadedPolicies, follow_up_id: str, body: SettleRequest | None = None
) -> Response:
    """Record the decision not to send a follow-up. Asked again, it changes nothing."""
    now = datetime.now(UTC)
    return once.run(gate, now, partial(_settle, policies, follow_up_id, FollowUpSkipped, body, now))


@router.post("/{follow_up_id}/snoozed", response_model=FollowUpOut)
def snooze(gate: MayWrite, once: Once, policies: LoadedPolicies, follow_up_id: str, body: SnoozeRequest) -> Response:
    """Put a follow-up off until another moment within its window."""
    now = datetime.now(UTC)

    def put_off(session: Session) -> Answered:
        row = find_follow_up(session, follow_up_id)
        interview = find_interview(session, row.interview_id, lock=True)
        event = FollowUpSnoozed(occurred_at=now, key=row.key, until=body.until)
        record_event(session, interview, event, policies, now)
        return _answer(find_follow_up(session, row.id), now)

    return once.run(gate, now, put_off)


def _settle(
    policies: Policies,
    follow_up_id: str,
    settled: type[FollowUpSent | FollowUpSkipped],
    body: SettleRequest | None,
    now: datetime,
    session: Session,
) -> Answered:
    occurred_at = (body and body.occurred_at) or now
    status = "sent" if settled is FollowUpSent else "skipped"
    interview = find_interview(session, find_follow_up(session, follow_up_id).interview_id, lock=True)
    row = find_follow_up(session, follow_up_id)
    if row.status != status:
        record_event(session, interview, settled(occurred_at=occurred_at, key=row.key), policies, now)
        row = find_follow_up(session, follow_up_id)
    return _answer(row, now)


def _answer(row: FollowUpRow, now: datetime) -> Answered:
    return Answered(answer(show_follow_up(row, now)), row.interview_id)
