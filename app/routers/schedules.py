"""`/v1/schedule`, a plan for whoever asks, where nothing is kept; and the plan of an interview that is."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from app.answers import answer, show_plan
from app.auth import MayRead
from app.dependencies import LoadedPolicies
from app.errors import answers
from app.routers.dossiers import open_told, require_known_keys
from app.routing import Router
from app.rules.planner import plan
from app.rules.plans import Plan
from app.scheduling import plan_of
from app.schemas import QueryInstant, ScheduleRequest
from app.store.find import find_interview

router = Router(tags=["schedules"])


@router.post("/v1/schedule", response_model=Plan)
async def plan_schedule(asked: ScheduleRequest, request: Request) -> Response:
    """What to send after one interview: to whom, when and why. Needs no key, and keeps nothing."""
    known = open_told(asked.interview, asked.events, request.app.state.policies)
    planned = plan(*known, asked.as_of or datetime.now(UTC))
    require_known_keys(known, planned)
    return answer(show_plan(planned))


@router.get("/v1/interviews/{interview_id}/schedule", response_model=Plan, responses=answers("conflict"))
def get_schedule(
    gate: MayRead,
    policies: LoadedPolicies,
    interview_id: str,
    as_of: Annotated[QueryInstant | None, Query(description="The moment that counts as now; the present one.")] = None,
) -> Response:
    """The plan of a stored interview, with the ids of its follow-ups."""
    now = datetime.now(UTC)
    with gate.read(now) as session:
        planned = plan_of(session, find_interview(session, interview_id), policies, as_of or now)
    return answer(show_plan(planned))
