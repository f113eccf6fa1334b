"""`/v1/emails/{kind}`, an email for whoever asks, where nothing is kept; and the emails of an interview that is."""

from datetime import UTC, datetime

from fastapi import Response

from app.answers import answer_email
from app.auth import SignedIn
from app.dependencies import LoadedPolicies
from app.drafting import Undraftable, draft_email
from app.errors import answers
from app.negotiation import ChosenForm, other_forms
from app.refusals import of_stored
from app.routers.schedules import plan_for
from app.routing import Router
from app.rules.dossier import Dossier
from app.rules.drafts import Email
from app.rules.plans import Kind
from app.scheduling import choose_policy, facts_of
from app.schemas import EmailRequest, ScheduleRequest, StoredEmailRequest
from app.store.find import find_interview

router = Router(tags=["emails"])


@router.post("/v1/emails/{kind}", response_model=Email, responses=other_forms() | answers("not_acceptable"))
async def render_email(kind: Kind, asked: EmailRequest, policies: LoadedPolicies, form: ChosenForm) -> Response:
    """An email that is ready to be sent, after any interview, to any of its people. Needs no key, and keeps nothing."""
    interview, now = asked.interview, datetime.now(UTC)
    plan_for(ScheduleRequest.model_construct(interview=interview, events=asked.events), policies, now)
    policy = policies[interview.policy]
    email = draft_email(Dossier(interview, asked.events, policy), kind, asked.recipient, asked.options, now)
    return answer_email(email, interview.candidate, form)


@router.post(
    "/v1/interviews/{interview_id}/emails/{kind}",
    response_model=Email,
    responses=other_forms() | answers("unauthorized", "not_acceptable", "conflict"),
)
def render_stored_email(
    gate: SignedIn,
    policies: LoadedPolicies,
    interview_id: str,
    kind: Kind,
    form: ChosenForm,
    asked: StoredEmailRequest | None = None,
) -> Response:
    """An email of any kind after a stored interview, whether the plan has it or not."""
    asked, now = asked or StoredEmailRequest(), datetime.now(UTC)
    with gate.read(now) as session:
        interview, events = facts_of(session, find_interview(session, interview_id))
    policy = choose_policy(policies, interview.policy)
    try:
        email = draft_email(Dossier(interview, events, policy), kind, asked.recipient, asked.options, now)
    except Undraftable as error:
        raise of_stored(error) from None
    return answer_email(email, interview.candidate, form)
