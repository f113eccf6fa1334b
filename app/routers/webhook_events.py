"""`/v1/webhook-events`: what can be subscribed to, with a sample of each; and the webhooks of the OpenAPI document."""

import json
from collections.abc import Callable
from inspect import getdoc
from typing import Annotated, Any

from fastapi import APIRouter, Header, Response
from pydantic import BaseModel
from pydantic.json_schema import SkipJsonSchema

from app.answers import answer, show_event_type, show_page
from app.routing import Router
from app.schemas import Announcement, EventTypeList
from app.schemas.webhook_events import EVENTS, EXAMPLES, EventType

router = Router(prefix="/v1/webhook-events", tags=["webhooks"])
webhooks = APIRouter(tags=["webhooks"], generate_unique_id_function=lambda route: route.name)

MessageId = Annotated[str, Header(description="The message's id, the same at every attempt: do what it says once.")]
Timestamp = Annotated[int, Header(description="When this attempt was made, in Unix seconds; refuse what is old.")]
Signatures = Annotated[
    str,
    Header(
        description="For every valid secret `v1,` and the base64 of the HMAC-SHA256 of `{webhook-id}."
        "{webhook-timestamp}.{body}`, separated by spaces; one that agrees is enough."
    ),
]
Trace = Annotated[
    str | SkipJsonSchema[None],
    Header(description="The trace of the request that caused it (W3C Trace Context), if that one came with one."),
]
HEADERS = {
    "webhook-id": "msg_019e2b3c4d5e7f60a1b2c3d4e5f6071c",
    "webhook-timestamp": 1796220000,
    "webhook-signature": "v1,YN4BhuMVBYVAA4Jr1J5nRnVdzXc4GcOwKjs1ZV3cXyY=",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
}
"""How they may look."""


@router.get("", response_model=EventTypeList)
async def list_event_types() -> Response:
    """Every type of event that an endpoint can subscribe to. Needs no key."""
    return answer(show_page(show_event_type(each, describe_event(each)) for each in EVENTS))


@router.get("/{event_type}/example", response_model=Announcement)
async def get_event_example(event_type: EventType) -> Response:
    """A sample of what is sent, to build a receiver with. Needs no key."""
    return answer(json.dumps(EXAMPLES[event_type], ensure_ascii=False))


def describe_event(event_type: EventType) -> str:
    """When it is sent, in one sentence."""
    return getdoc(EVENTS[event_type]) or ""


def _receive(shape: type[BaseModel]) -> Callable[..., None]:
    """What a receiver is like, for the document alone."""

    def receive(
        message: shape,  # type: ignore[valid-type]  # a type only while this runs
        webhook_id: MessageId,
        webhook_timestamp: Timestamp,
        webhook_signature: Signatures,
        traceparent: Trace = None,
    ) -> None: ...

    return receive


ANSWERS: dict[int | str, dict[str, Any]] = {
    204: {"description": "Received; any 2xx is. Answer at once, and do the work afterwards."},
    410: {"description": "Unsubscribe: the endpoint is disabled, and what waits for it is cancelled."},
    "default": {"description": "Tried again on the schedule, with the same `webhook-id`. Redirects are not followed."},
}

for each, model in EVENTS.items():
    webhooks.add_api_route(
        each,
        _receive(model),
        methods=["POST"],
        name=each.replace(".", "_"),
        summary=each,
        description=describe_event(each),
        status_code=204,
        responses=ANSWERS,
    )
