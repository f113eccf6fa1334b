"""`/v1/drafts/check`: a draft, ours or anybody's, held to the rules; and the same for a stored interview."""

from datetime import UTC, datetime

from anyio import to_thread
from fastapi import Request, Response

from app.answers import answer, show_review
from app.auth import Gate, MayCheck
from app.errors import answers
from app.reviewing import review
from app.routers.dossiers import read_stored, read_told
from app.routing import Router
from app.rules.dossier import Dossier
from app.scheduling import Policies
from app.schemas import DraftRequest, Review, StoredDraftRequest

router = Router(tags=["drafts"])


@router.post("/v1/drafts/check", response_model=Review)
async def check_draft(asked: DraftRequest, request: Request) -> Response:
    """What there is to say of a draft, with as much around it as you like to tell. Needs no key, and keeps nothing."""
    known = read_told(asked.interview, asked.events, request.app.state.policies) if asked.interview else None
    return await _review(asked, known, request)


@router.post(
    "/v1/interviews/{interview_id}/drafts/check",
    response_model=Review,
    responses=answers("conflict"),
)
async def check_stored_draft(
    gate: MayCheck, interview_id: str, asked: StoredDraftRequest, request: Request
) -> Response:
    """What there is to say of a draft for a stored interview."""
    known = await to_thread.run_sync(_recall, gate, interview_id, request.app.state.policies)
    return await _review(asked, known, request)


def _recall(gate: Gate, interview_id: str, policies: Policies) -> Dossier:
    with gate.read(datetime.now(UTC)) as session:
        return read_stored(session, interview_id, policies)


async def _review(asked: StoredDraftRequest, known: Dossier | None, request: Request) -> Response:
    """The answer, worked out beside the event loop: a long draft full of new words takes its time."""
    state, now = request.app.state, datetime.now(UTC)
    found = await to_thread.run_sync(review, asked, known, now, state.proofreader, limiter=state.reviewers)
    return answer(show_review(found))
