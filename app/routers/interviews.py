"""`/v1/interviews`: what an ATS or a career site tells us, and what it reads back."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from fastapi import Path, Query, Request, Response

from app import scheduling
from app.answers import answer, link_next, show_interview, show_page
from app.auth import MayRead, MayWrite
from app.dependencies import IfMatch, IfNoneMatch, LoadedPolicies
from app.erasing import remove_interviews
from app.errors import Problem, answers
from app.etags import etag_of, is_known, require
from app.idempotency import Answered, Once
from app.merging import merge
from app.routing import Router
from app.scheduling import (
    Policies,
    change_interview,
    lock_interview,
    store_interview,
)
from app.schemas import InterviewIn, InterviewList, InterviewOut, InterviewPatch, InterviewQuery, read
from app.schemas.texts import Reference
from app.store.db import Session
from app.store.find import find_interview
from app.store.interviews import InterviewFilter, Stale
from app.store.interviews import list_interviews as read_interviews
from app.store.rows import InterviewRow
from app.wording import Fault

router = Router(prefix="/v1/interviews", tags=["interviews"])

ATTEMPTS = 5
"""How often a PUT begins anew when somebody was faster."""

ExternalId = Annotated[Reference, Path(description="Your own id of the interview.")]


@router.post("", status_code=201, response_model=InterviewOut)
def create_interview(gate: MayWrite, once: Once, policies: LoadedPolicies, interview: InterviewIn) -> Response:
    """Store an interview and plan its follow-ups, in one transaction."""
    _require_policy(interview, policies)
    now = datetime.now(UTC)

    def store(session: Session) -> Answered:
        row = store_interview(session, interview, policies, now)
        return Answered(_show_created(row), row.id)

    return once.run(gate, now, store)


@router.get("", response_model=InterviewList)
def list_interviews(request: Request, gate: MayRead, query: Annotated[InterviewQuery, Query()]) -> Response:
    """List interviews, all of them or those that agree with every filter to the letter."""
    wanted = InterviewFilter(**query.model_dump(exclude={"sort", "limit", "cursor"}))
    with gate.peek(datetime.now(UTC)) as session:
        page = read_interviews(session, wanted, sort=query.sort, limit=query.limit, cursor=query.cursor)
    shown = show_page(map(show_interview, page.rows), page.next_cursor)
    return answer(shown, headers=link_next(request, page.next_cursor))


@router.put(
    "/by-external-id/{external_id:path}",
    response_model=InterviewOut,
    responses={
        201: {"model": InterviewOut, "description": "Created"},
        **answers("conflict", "precondition_failed"),
    },
)
def put_interview(
    gate: MayWrite,
    policies: LoadedPolicies,
    external_id: ExternalId,
    interview: InterviewIn,
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Create the interview that you know by this id, or replace its facts; as often as you like."""
    if interview.external_id not in {None, external_id}:
        raise Problem.invalid(Fault("must be the one in the address, or left out", pointer="/external_id"))
    _require_policy(interview, policies)
    interview = interview.model_copy(update={"external_id": external_id})
    check = partial(require, if_match=if_match, if_none_match=if_none_match)
    now = datetime.now(UTC)
    for _ in range(ATTEMPTS):
        with suppress(Stale), gate.begin(now) as session:
            row, created = scheduling.put_interview(session, interview, policies, now, check)
            return _show_created(row) if created else _show(row)
    raise Problem.conflict("Others change this interview again and again; try later.")


@router.get(
    "/{interview_id}",
    response_model=InterviewOut,
    responses={
        304: {"description": "Not Modified"},
    },
)
def get_interview(gate: MayRead, interview_id: str, if_none_match: IfNoneMatch = None) -> Response:
    """Read one interview."""
    with gate.peek(datetime.now(UTC)) as session:
        row = find_interview(session, interview_id)
    if is_known(row, if_none_match):
        return Response(status_code=304, headers={"ETag": etag_of(row)})
    return _show(row)


@router.patch("/{interview_id}", response_model=InterviewOut, responses=answers("conflict", "precondition_failed"))
def patch_interview(
    gate: MayWrite,
    policies: LoadedPolicies,
    interview_id: str,
    patch: InterviewPatch,
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Change some facts by a merge patch (RFC 7396), and plan anew; what was sent stays sent."""
    changes = patch.model_dump(mode="json", exclude_unset=True)
    now = datetime.now(UTC)
    with gate.begin(now) as session:
        row = lock_interview(session, interview_id, changes.get("application_ref"))
        require(row, if_match, if_none_match)
        interview = read(InterviewIn, merge(json.loads(row.facts), changes))
        _require_policy(interview, policies)
        return _show(change_interview(session, row, interview, policies, now))


@router.delete("/{interview_id}", status_code=204, responses=answers("conflict", "precondition_failed"))
def delete_interview(gate: MayWrite, policies: LoadedPolicies, interview_id: str, if_match: IfMatch = None) -> Response:
    """Forget an interview with its events and its follow-ups."""
    now = datetime.now(UTC)
    with gate.begin(now) as session:
        row = lock_interview(session, interview_id)
        require(row, if_match)
        remove_interviews(session, [row], policies, now)
    return Response(status_code=204)


def _require_policy(interview: InterviewIn, policies: Policies) -> None:
    if interview.policy not in policies:
        raise Problem.invalid(Fault(f"must be one of {', '.join(policies)}", pointer="/policy"))


def _show(row: InterviewRow) -> Response:
    return answer(show_interview(row), headers={"ETag": etag_of(row)})


def _show_created(row: InterviewRow) -> Response:
    return answer(show_interview(row), 201, {"ETag": etag_of(row), "Location": f"/v1/interviews/{row.id}"})
