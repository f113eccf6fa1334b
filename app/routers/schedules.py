"""`POST /v1/schedule`: a plan for whoever asks, and nothing is kept."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Body, Query, Request
from starlette.responses import Response

from app.answers import answer, show_plan
from app.auth import SignedIn
from app.dependencies import LoadedPolicies
from app.errors import Problem, answers
from app.examples import SCHEDULE_REQUEST
from app.routing import Router, answered
from app.rules.facts import Instant, Plan
from app.rules.planner import plan
from app.rules.policy import load_policies
from app.scheduling import Policies, UnknownPolicy, choose_policy, plan_of
from app.schemas import ScheduleRequest
from app.store.find import find_interview
from app.wording import Fault, point

router = Router(tags=["schedule"])

EXAMPLES: Any = {"northwind": {"summary": "A panel of three at Northwind", "value": SCHEDULE_REQUEST}}


def plan_for(asked: ScheduleRequest, policies: Policies, now: datetime) -> Plan:
    """The plan that a request asks for; `now` (aware) unless it names another moment. Raises Problem."""
    interview = asked.interview
    try:
        policy = choose_policy(policies, interview.policy)
    except UnknownPolicy as error:
        raise Problem.invalid(Fault(str(error), pointer=point("interview", "policy"))) from None
    return plan(interview, asked.events, policy, asked.as_of or now)


def _example() -> Any:
    asked = ScheduleRequest.model_validate(SCHEDULE_REQUEST)
    return json.loads(show_plan(plan_for(asked, load_policies(), datetime.now(UTC))))


@router.post(
    "/v1/schedule",
    response_model=Plan,
    response_description="The plan.",
    summary="Plan follow-ups",
    responses=answered(_example()),
)
async def plan_schedule(
    asked: Annotated[ScheduleRequest, Body(openapi_examples=EXAMPLES)], request: Request
) -> Response:
    """What to send after one interview: to whom, when and why. Needs no key, and keeps nothing."""
    return answer(show_plan(plan_for(asked, request.app.state.policies, datetime.now(UTC))))


@router.get(
    "/v1/interviews/{interview_id}/schedule", response_model=Plan, responses=answers("unauthorized", "conflict")
)
def get_schedule(
    gate: SignedIn,
    policies: LoadedPolicies,
    interview_id: str,
    as_of: Annotated[Instant | None, Query(description="The moment that counts as now; the present one.")] = None,
) -> Response:
    """The plan of a stored interview, with the ids of its follow-ups."""
    now = datetime.now(UTC)
    with gate.read(now) as session:
        planned = plan_of(session, find_interview(session, interview_id), policies, as_of or now)
    return answer(show_plan(planned))
