"""`/v1/emails/{kind}`, an email for whoever asks, where nothing is kept; and the emails of an interview that is."""

from datetime import UTC, datetime

from fastapi import Response

from app.answers import answer_email
from app.auth import MayRender
from app.dependencies import LoadedPolicies
from app.drafting import Undraftable, draft_email
from app.errors import answers
from app.negotiation import ChosenForm, other_forms
from app.refusals import of_stored
from app.routers.dossiers import read_stored, read_told
from app.routing import Router
from app.rules.drafts import Email
from app.rules.plans import Kind
from app.schemas import EmailRequest, StoredEmailRequest

router = Router(tags=["emails"])


@router.post("/v1/emails/{kind}", response_model=Email, responses=other_forms() | answers("not_acceptable"))
async def render_email(kind: Kind, asked: EmailRequest, policies: LoadedPolicies, form: ChosenForm) -> Response:
    """An email that is ready to be sent, after any interview, to any of its people. Needs no key, and keeps nothing."""
    known = read_told(asked.interview, asked.events, policies)
    email = draft_email(known, kind, asked.recipient, asked.options, datetime.now(UTC))
    return answer_email(email, known.interview.candidate, form)


@router.post(
    "/v1/interviews/{interview_id}/emails/{kind}",
    response_model=Email,
    responses=other_forms() | answers("not_acceptable", "conflict"),
)
def render_stored_email(
    gate: MayRender,
    policies: LoadedPolicies,
    interview_id: str,
    kind: Kind,
    form: ChosenForm,
    asked: StoredEmailRequest | None = None,
) -> Response:
    """An email of any kind after a stored interview, whether the plan has it or not."""
    asked, now = asked or StoredEmailRequest(), datetime.now(UTC)
    with gate.read(now) as session:
        known = read_stored(session, interview_id, policies)
    try:
        email = draft_email(known, kind, asked.recipient, asked.options, now)
    except Undraftable as error:
        raise of_stored(error) from None
    return answer_email(email, known.interview.candidate, form)
