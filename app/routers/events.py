"""`/v1/interviews/{interview_id}/events`: what happened since; the plan follows at once."""

from datetime import UTC, datetime

from fastapi import Response

from app.answers import answer, show_event, show_page
from app.auth import MayRead, MayWrite
from app.dependencies import LoadedPolicies
from app.idempotency import Answered, Once
from app.routing import Router
from app.scheduling import record_event, take_back_event
from app.schemas import EventIn, EventList, EventOut
from app.store.db import Session
from app.store.events import list_events as read_events
from app.store.find import find_interview

router = Router(prefix="/v1/interviews/{interview_id}/events", tags=["events"])


@router.post("", status_code=201, response_model=EventOut)
def create_event(gate: MayWrite, once: Once, policies: LoadedPolicies, interview_id: str, event: EventIn) -> Response:
    """Record what happened, and plan anew."""
    now = datetime.now(UTC)

    def record(session: Session) -> Answered:
        row = find_interview(session, interview_id, lock=True)
        kept = record_event(session, row, event, policies, now)
        return Answered(answer(show_event(kept, row.timezone), 201), row.id)

    return once.run(gate, now, record)


@router.get("", response_model=EventList)
def list_events(gate: MayRead, interview_id: str) -> Response:
    """All that happened since an interview, in the order in which it counts."""
    with gate.read(datetime.now(UTC)) as session:
        row = find_interview(session, interview_id)
        events = read_events(session, row.id)
    return answer(show_page(show_event(event, row.timezone) for event in events))


@router.delete("/{event_id}", status_code=204)
def delete_event(gate: MayWrite, policies: LoadedPolicies, interview_id: str, event_id: str) -> Response:
    """Take back what turned out not to have happened, and plan anew."""
    now = datetime.now(UTC)
    with gate.begin(now) as session:
        row = find_interview(session, interview_id, lock=True)
        take_back_event(session, row, event_id, policies, now)
    return Response(status_code=204)
