"""What we answer about webhooks. No limits here: what was stored under other limits is still to be read."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from app.rules.facts import Instant
from app.schemas.outputs import Created, Page, Updated
from app.schemas.webhook_events import (
    EndpointDisabled,
    FollowUpCancelled,
    FollowUpDue,
    FollowUpMissed,
    Ping,
    PlanChanged,
)
from app.store.rows import DeliveryState, DisabledBecause

EndpointId = Annotated[str, Field(description="The endpoint's id.")]
MessageId = Annotated[str, Field(description="The message's id, sent as `webhook-id` by every attempt.")]
DeliveryId = Annotated[str, Field(description="The delivery's id.")]
Type = Annotated[str, Field(description="The type of event.", examples=["follow_up.due"])]


Announcement = Annotated[
    FollowUpDue | FollowUpMissed | FollowUpCancelled | PlanChanged | EndpointDisabled | Ping,
    Field(discriminator="type", title="Webhook"),
]
"""Whatever subscribers are told."""


class EndpointOut(BaseModel):
    """Where webhooks go."""

    model_config = ConfigDict(title="Webhook endpoint")

    id: EndpointId
    url: str = Field(description="The address that they go to.")
    events: list[str] | None = Field(description="The types of events that it wants; null is all of them.")
    description: str | None = Field(description="What it is for, in your own words.")
    include_email: bool = Field(description="Whether `follow_up.due` holds the email itself, or what it lacks.")
    enabled: bool = Field(description="Nothing is sent to an endpoint that is not enabled.")
    disabled_because: DisabledBecause | None = Field(
        description="owner: you said so; gone: it answered 410; failing: nothing arrived for days."
    )
    failing_since: Instant | None = Field(description="The first failure since the last success.")
    created_at: Created
    updated_at: Updated


class EndpointCreatedOut(EndpointOut):
    """A new endpoint, and the one time its secret is shown."""

    model_config = ConfigDict(title="New webhook endpoint")

    secret: str = Field(description="What its webhooks are signed with. Keep it: it is not shown again.")


class SecretOut(BaseModel):
    """A new secret, shown this once."""

    model_config = ConfigDict(title="New secret")

    secret: str = Field(description="What its webhooks are signed with from now on. It is not shown again.")
    previous_valid_until: Instant = Field(description="Until then the secret before signs, too.")


class DeliveryOut(BaseModel):
    """One message on its way to one endpoint."""

    model_config = ConfigDict(title="Delivery")

    id: DeliveryId
    endpoint_id: EndpointId
    message_id: MessageId
    type: Type
    state: DeliveryState = Field(description="open, until it is delivered, has failed for good or is cancelled.")
    attempts: int = Field(description="How many attempts there were.")
    created_at: Created
    settled_at: Instant | None = Field(description="When it was no longer open.")
    next_attempt_at: Instant | None = Field(description="When it is tried next; null while it is being tried.")
    held: bool = Field(description="It waits for its endpoint to be enabled again.")


class AttemptOut(BaseModel):
    """One request, and what came of it."""

    model_config = ConfigDict(title="Attempt")

    number: int = Field(description="1 for the first.")
    started_at: Instant = Field(description="When it began.")
    milliseconds: int = Field(description="How long it took.")
    status: int | None = Field(description="The status of the answer, where there was one.")
    failure: str | None = Field(description="The class of the failure; null for a success.", examples=["timeout"])
    body: str | None = Field(description="The beginning of the answer, at most 16 kB of it.")
    truncated: bool = Field(description="There was more of the answer, or it broke off.")


class LoggedDeliveryOut(DeliveryOut):
    """A delivery with every attempt at it."""

    model_config = ConfigDict(title="Delivery with its log")

    log: list[AttemptOut] = Field(description="Every attempt, in order.")


class MessageOut(BaseModel):
    """Something that happened, as subscribers are told."""

    model_config = ConfigDict(title="Message")

    id: MessageId
    type: Type
    interview_id: str | None = Field(description="The interview that it is about.")
    follow_up_id: str | None = Field(description="The follow-up that it is about.")
    created_at: Created


class FullMessageOut(MessageOut):
    """A message with its words and its way to every endpoint."""

    model_config = ConfigDict(title="Message with its deliveries")

    payload: dict[str, Any] | None = Field(description="What is sent; null once its interview is forgotten.")
    deliveries: list[LoggedDeliveryOut] = Field(description="One for every endpoint that it goes to, the newest first.")


class RecoveryOut(BaseModel):
    """A recovery under way: what an endpoint missed is sent again."""

    model_config = ConfigDict(title="Recovery")

    id: str = Field(description="The recovery's id.")
    since: Instant = Field(description="From which moment on.")
    recovered: int = Field(description="How many deliveries were put in line again so far.")
    created_at: Created
    finished_at: Instant | None = Field(description="When the last one was put in line.")


class EventTypeOut(BaseModel):
    """A type of event that an endpoint can subscribe to."""

    model_config = ConfigDict(title="Type of event")

    type: Type
    description: str = Field(description="When it is sent.")


class EndpointList(Page[EndpointOut]):
    """Every endpoint."""

    model_config = ConfigDict(title="Webhook endpoints")


class DeliveryList(Page[DeliveryOut]):
    """Deliveries to an endpoint, a page at a time."""

    model_config = ConfigDict(title="Deliveries")


class MessageList(Page[MessageOut]):
    """Messages, a page at a time."""

    model_config = ConfigDict(title="Messages")


class EventTypeList(Page[EventTypeOut]):
    """Every type of event."""

    model_config = ConfigDict(title="Types of events")
