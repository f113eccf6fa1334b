"""`/v1/schedule`, a plan for whoever asks, where nothing is kept; and the plan of an interview that is."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from app.answers import answer, show_plan
from app.auth import SignedIn
from app.dependencies import LoadedPolicies
from app.errors import Problem, answers
from app.routing import Router
from app.rules.facts import FollowUpSent, FollowUpSkipped, FollowUpSnoozed
from app.rules.planner import plan
from app.rules.plans import Plan
from app.rules.policy import Policy
from app.scheduling import Policies, UnknownPolicy, choose_policy, plan_of
from app.schemas import QueryInstant, ScheduleRequest
from app.store.find import find_interview
from app.wording import Fault, point

router = Router(tags=["schedules"])


@router.post("/v1/schedule", response_model=Plan)
async def plan_schedule(asked: ScheduleRequest, request: Request) -> Response:
    """What to send after one interview: to whom, when and why. Needs no key, and keeps nothing."""
    return answer(show_plan(plan_for(asked, request.app.state.policies, datetime.now(UTC))))


@router.get(
    "/v1/interviews/{interview_id}/schedule", response_model=Plan, responses=answers("unauthorized", "conflict")
)
def get_schedule(
    gate: SignedIn,
    policies: LoadedPolicies,
    interview_id: str,
    as_of: Annotated[QueryInstant | None, Query(description="The moment that counts as now; the present one.")] = None,
) -> Response:
    """The plan of a stored interview, with the ids of its follow-ups."""
    now = datetime.now(UTC)
    with gate.read(now) as session:
        planned = plan_of(session, find_interview(session, interview_id), policies, as_of or now)
    return answer(show_plan(planned))


def plan_for(asked: ScheduleRequest, policies: Policies, now: datetime) -> Plan:
    """The plan that a request asks for; `now` (aware) unless it names another moment. Raises Problem."""
    interview = asked.interview
    try:
        policy = choose_policy(policies, interview.policy)
    except UnknownPolicy as error:
        raise Problem.invalid(Fault(str(error), pointer=point("interview", "policy"))) from None
    planned = plan(interview, asked.events, policy, asked.as_of or now)
    _require_known_keys(asked, policy, planned)
    return planned


def _require_known_keys(asked: ScheduleRequest, policy: Policy, planned: Plan) -> None:
    """Refuse an event on a follow-up that the interview never had: most likely its key is mistyped."""
    known = {step.key for step in planned.follow_ups if step.rules}
    for number, event in enumerate(asked.events):
        if not isinstance(event, FollowUpSent | FollowUpSkipped | FollowUpSnoozed) or event.key in known:
            continue
        until_then = [other for other in asked.events if other.occurred_at <= event.occurred_at]
        then = plan(asked.interview, until_then, policy, event.occurred_at)
        if event.key not in {step.key for step in then.follow_ups if step.rules}:
            expected = f"must be the key of a follow-up of this interview: {', '.join(sorted(known))}"
            raise Problem.invalid(Fault(expected, pointer=point("events", number, "key")))
        known.add(event.key)  # looked into once: the next event on it costs nothing
