"""Rows as the bytes of answers, every instant at the offset of the interview's own zone.

What is kept as JSON goes out as it is kept: nothing is read into objects only to be written again.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from app.envelopes import pack_email
from app.negotiation import MEDIA_TYPES, Form
from app.rules.drafts import Email
from app.rules.facts import Event, Person
from app.rules.plans import Plan
from app.rules.slugs import make_slugs
from app.rules.workdays import Place, place
from app.schemas.callers import AccountOut, ClientTokenOut, KeyCreatedOut, KeyOut
from app.schemas.drafts import Review
from app.schemas.webhook_outputs import (
    AttemptOut,
    DeliveryOut,
    EndpointCreatedOut,
    EndpointOut,
    EventTypeOut,
    MessageOut,
    RecoveryOut,
    SecretOut,
)
from app.store.follow_ups import state_of
from app.store.messages import Progress
from app.store.rows import (
    AccountRow,
    AttemptRow,
    EndpointRow,
    EventRow,
    FollowUpRow,
    InterviewRow,
    KeyRow,
    MessageRow,
    Mode,
    RecoveryRow,
    TokenRow,
)

INERT = "default-src 'none'; style-src 'unsafe-inline'"
"""The policy of a page that only shows: whatever stands in it, nothing of it is run or fetched."""

_PLAN = TypeAdapter(Plan)
_EMAIL = TypeAdapter(Email)
_REVIEW = TypeAdapter(Review)
_EVENT: TypeAdapter[Event] = TypeAdapter(Event)


def answer(content: str | bytes, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """JSON that is ready to be sent."""
    return Response(content, status, headers, media_type="application/json")


def show_plan(plan: Plan) -> bytes:
    """A plan as JSON."""
    return _PLAN.dump_json(plan)


def show_interview(row: InterviewRow) -> str:
    """An interview as JSON: the facts, between the id and the times at which we heard of them."""
    where = place(row.timezone, None, None)
    times = f'"created_at":"{_tell(where, row.created_at)}","updated_at":"{_tell(where, row.updated_at)}"'
    return f'{{"id":"{row.id}",{row.facts[1:-1]},{times}}}'


def show_event(row: EventRow, timezone: str) -> str:
    """An event as JSON, in the zone of its interview."""
    where = place(timezone, None, None)
    event = _EVENT.validate_json(row.data)
    instants = {name: where.local(value) for name, value in event if isinstance(value, datetime)}
    data = event.model_copy(update=instants).model_dump_json()
    ids = f'"id":"{row.id}","interview_id":"{row.interview_id}"'
    return f'{{{ids},{data[1:-1]},"created_at":"{_tell(where, row.created_at)}"}}'


def show_follow_up(row: FollowUpRow, now: datetime) -> str:
    """A follow-up as JSON, with the state that it has come to."""
    ids = f'"id":"{row.id}","interview_id":"{row.interview_id}"'
    return f'{{{ids},"state":"{state_of(row, now)}",{row.body[1:-1]}}}'


def show_page(items: Iterable[str], next_cursor: str | None = None) -> str:
    """A stretch of a list as JSON."""
    return f'{{"data":[{",".join(items)}],"next_cursor":{json.dumps(next_cursor)}}}'


def show_email(email: Email) -> bytes:
    """An email as JSON."""
    return _EMAIL.dump_json(email)


def show_review(review: Review) -> bytes:
    """What there is to say of a draft as JSON."""
    return _REVIEW.dump_json(review)


def show_endpoint(row: EndpointRow, failing_since: datetime | None, secret: str | None = None) -> str:
    """A webhook endpoint as JSON; with its secret, where it is new."""
    members = row._asdict() | {"events": row.events and json.loads(row.events), "failing_since": failing_since}
    return _show(EndpointOut, members) if secret is None else _show(EndpointCreatedOut, members | {"secret": secret})


def show_secret(secret: str, previous_valid_until: datetime) -> str:
    """A new secret as JSON."""
    return _show(SecretOut, {"secret": secret, "previous_valid_until": previous_valid_until})


def show_delivery(progress: Progress) -> str:
    """A delivery as JSON."""
    return _show(DeliveryOut, progress.delivery._asdict() | progress._asdict())


def show_message(row: MessageRow) -> str:
    """A message as JSON, without its words."""
    return _show(MessageOut, row._asdict())


def show_full_message(
    row: MessageRow, deliveries: Iterable[Progress], attempts: Mapping[str, Iterable[AttemptRow]]
) -> str:
    """A message as JSON, with its words as they are sent, its deliveries and the attempts at each of them."""
    logged = (_show_log(progress, attempts.get(progress.delivery.id, ())) for progress in deliveries)
    return f'{show_message(row)[:-1]},"payload":{row.payload or "null"},"deliveries":[{",".join(logged)}]}}'


def _show_log(progress: Progress, attempts: Iterable[AttemptRow]) -> str:
    log = ",".join(_show(AttemptOut, row._asdict()) for row in attempts)
    return f'{show_delivery(progress)[:-1]},"log":[{log}]}}'


def show_recovery(row: RecoveryRow) -> str:
    """A recovery as JSON."""
    return _show(RecoveryOut, row._asdict())


def show_event_type(event_type: str, description: str) -> str:
    """A type of event as JSON."""
    return _show(EventTypeOut, {"type": event_type, "description": description})


def show_key(row: KeyRow, mode: Mode, text: str | None = None) -> str:
    """A key as JSON; with its text, where it is new."""
    members = row._asdict() | {"mode": mode, "scopes": (row.scopes or "").split()}
    return _show(KeyOut, members) if text is None else _show(KeyCreatedOut, members | {"key": text})


def show_client_token(row: TokenRow, text: str) -> str:
    """A new client token as JSON."""
    return _show(
        ClientTokenOut,
        row._asdict() | {"actions": row.actions.split(), "origins": json.loads(row.origins), "token": text},
    )


def show_account(row: AccountRow) -> str:
    """An account as JSON."""
    return _show(AccountOut, row._asdict() | {"allowed_origins": json.loads(row.allowed_origins)})


def _show(shape: type[BaseModel], members: Mapping[str, Any]) -> str:
    return shape.model_validate(members).model_dump_json()


def answer_email(email: Email, sender: Person, form: Form) -> Response:
    """An email in the form that was asked for."""
    headers = {"Vary": "Accept", "X-Content-Type-Options": "nosniff"}
    if form == "json":
        return answer(show_email(email), headers=headers)
    content: str | bytes = email.text
    if form == "html":
        content = email.html
        headers["Content-Security-Policy"] = INERT
    if form == "eml":
        content = pack_email(email, sender)
        headers["Content-Disposition"] = f'attachment; filename="{_name_file(email)}"'
    return Response(content, headers=headers, media_type=MEDIA_TYPES[form])


def _name_file(email: Email) -> str:
    (slug,) = make_slugs(who.name for who in email.to[:1]) or ["email"]
    return f"{email.kind.replace('_', '-')}-{slug[:60].strip('-')}.eml"


def link_next(request: Request, next_cursor: str | None) -> dict[str, str]:
    """The `Link` header to the next page of the list that was asked for, if there is one."""
    if next_cursor is None:
        return {}
    following = request.url.include_query_params(cursor=next_cursor)
    return {"Link": f'<{following.path}?{following.query}>; rel="next"'}


def _tell(where: Place, instant: datetime) -> str:
    return where.local(instant).isoformat()
