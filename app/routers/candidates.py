"""`/v1/candidates`: everything about one person, to be handed over or to be forgotten."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path, Response

from app.answers import answer
from app.auth import MayErase
from app.dependencies import LoadedPolicies, TheVault
from app.erasing import erase_candidate as erase
from app.errors import answers
from app.exporting import export_candidate as export
from app.routing import Router
from app.schemas.candidates import CandidateOut, ErasureOut
from app.schemas.texts import GivenAddress

router = Router(prefix="/v1/candidates", tags=["candidates"])

Email = Annotated[GivenAddress, Path(description="The candidate's address, in upper or lower case.")]


@router.get("/{email:address}/export", response_model=CandidateOut)
def export_candidate(gate: MayErase, vault: TheVault, email: Email) -> Response:
    """Read everything that is kept about a candidate, in one document.

    Of somebody unknown that is a document without anything, and no error: the same as of whoever was erased.
    """
    now = datetime.now(UTC)
    with gate.read(now) as session:
        return answer(export(session, vault, email.lower(), now))


@router.delete("/{email:address}", response_model=ErasureOut, responses=answers("conflict"))
def erase_candidate(gate: MayErase, policies: LoadedPolicies, email: Email) -> Response:
    """Erase a candidate: whoever asks twice is told of zeros.

    Interviews, events, follow-ups and client tokens are removed; payloads of messages, what receivers answered and
    answers kept for an `Idempotency-Key` are blotted out, and pending deliveries cancelled, all or nothing. Rendered
    emails are never stored. What the interviews of other candidates say about this one stays as it is.
    """
    now = datetime.now(UTC)
    with gate.begin(now) as session:
        erased = erase(session, email.lower(), policies, now)
    gate.register.database.fold_in()
    return answer(ErasureOut(**erased._asdict()).model_dump_json())
