"""`/v1/drafts/check`: a draft, ours or anybody's, held to the rules; and the same for a stored interview."""

from datetime import UTC, datetime

from anyio import to_thread
from fastapi import Request, Response

from app.answers import answer, show_review
from app.auth import Gate, SignedIn
from app.errors import answers
from app.reviewing import read_draft, review
from app.routers.schedules import plan_for
from app.routing import Router
from app.rules.dossier import Dossier
from app.rules.drafts import Draft
from app.scheduling import Policies, choose_policy, facts_of
from app.schemas import DraftRequest, Review, ScheduleRequest, StoredDraftRequest
from app.store.find import find_interview

router = Router(tags=["drafts"])


@router.post("/v1/drafts/check", response_model=Review)
async def check_draft(asked: DraftRequest, request: Request) -> Response:
    """What there is to say of a draft, with as much around it as you like to tell. Needs no key, and keeps nothing."""
    interview, policies, now = asked.interview, request.app.state.policies, datetime.now(UTC)
    known = None
    if interview:
        plan_for(ScheduleRequest.model_construct(interview=interview, events=asked.events), policies, now)
        known = Dossier(interview, asked.events, policies[interview.policy])
    return await _review(read_draft(asked, known, now), request)


@router.post(
    "/v1/interviews/{interview_id}/drafts/check",
    response_model=Review,
    responses=answers("unauthorized", "conflict"),
)
async def check_stored_draft(
    gate: SignedIn, interview_id: str, asked: StoredDraftRequest, request: Request
) -> Response:
    """What there is to say of a draft for a stored interview."""
    now = datetime.now(UTC)
    known = await to_thread.run_sync(_recall, gate, request.app.state.policies, interview_id, now)
    return await _review(read_draft(asked, known, now), request)


def _recall(gate: Gate, policies: Policies, interview_id: str, now: datetime) -> Dossier:
    with gate.read(now) as session:
        interview, events = facts_of(session, find_interview(session, interview_id))
    return Dossier(interview, events, choose_policy(policies, interview.policy))


async def _review(draft: Draft, request: Request) -> Response:
    """The answer, worked out beside the event loop: a long draft full of new words takes its time."""
    state = request.app.state
    found = await to_thread.run_sync(review, draft, state.proofreader, limiter=state.reviewers)
    return answer(show_review(found))
