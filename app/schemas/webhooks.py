"""What callers say about webhooks: where they go, which, and what is to be sent again."""

from typing import Annotated, Any

from pydantic import (
    MISSING,
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
)

from app.schemas.patches import Patch
from app.schemas.queries import Cursor, Limit
from app.schemas.texts import OptionalLine, once, whole
from app.schemas.times import Instant
from app.schemas.webhook_events import EventType
from app.store.rows import DeliveryState

LONGEST_OVERLAP = 604_800
"""The seconds of a week."""

SUBSCRIPTION: dict[str, Any] = {
    "url": "https://ats.example.com/hooks/afterword",
    "events": ["follow_up.due", "follow_up.missed"],
    "description": "Reminds our recruiters",
}


Url = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2048)]
Types = Annotated[tuple[EventType, ...], Field(min_length=1, max_length=100), AfterValidator(once)]
Secret = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Overlap = Annotated[int, Field(ge=0, le=LONGEST_OVERLAP), BeforeValidator(whole)]


class EndpointIn(BaseModel):
    """Where webhooks are to go."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        title="Webhook endpoint to be",
        hide_input_in_errors=True,
        json_schema_extra={"examples": [SUBSCRIPTION]},
    )

    url: Url = Field(description="An https address that answers within seconds.", examples=[SUBSCRIPTION["url"]])
    events: Types | None = Field(None, description="The types of events that it wants; null is all of them.")
    description: OptionalLine = Field(None, description="What it is for, in your own words.")
    include_email: StrictBool = Field(
        default=False, description="Put the email itself, or what it lacks, into `follow_up.due`; it names people."
    )
    enabled: StrictBool = Field(default=True, description="Nothing is sent to an endpoint that is not enabled.")
    secret: Secret | None = Field(
        None, description="A secret of your own, `whsec_` and the base64 of 24 to 64 bytes; else one is made."
    )


class EndpointPatch(Patch):
    """Changes to an endpoint: each member is absent or its new value. A disabled one keeps what waits for it."""

    model_config = ConfigDict(
        title="Changes to a webhook endpoint", json_schema_extra={"examples": [{"enabled": True}]}
    )

    url: Url | MISSING = Field(MISSING, description="An https address; the next attempt goes there already.")
    events: Types | MISSING | None = Field(MISSING, description="The types that it wants; null is all of them.")
    description: OptionalLine | MISSING = Field(MISSING, description="What it is for, in your own words.")
    include_email: StrictBool | MISSING = Field(MISSING, description="Put the email itself into `follow_up.due`.")
    enabled: StrictBool | MISSING = Field(MISSING, description="false holds what waits, true sends it.")


class RotateRequest(BaseModel):
    """The next secret, and for how long the present one still signs beside it."""

    model_config = ConfigDict(extra="forbid", frozen=True, title="Rotate request", hide_input_in_errors=True)

    secret: Secret | None = Field(None, description="A secret of your own; else one is made.")
    overlap_seconds: Overlap | None = Field(
        None, description="The seconds for which the secrets until now still sign, too; else those of the service."
    )


class RecoverRequest(BaseModel):
    """From which moment on an endpoint missed something."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        title="Recover request",
        json_schema_extra={"examples": [{"since": "2026-12-02T09:00:00-05:00"}]},
    )

    since: Instant = Field(description="What was announced from this moment on and did not arrive is sent again.")


class DeliveryQuery(BaseModel):
    """Which deliveries of an endpoint."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: DeliveryState | None = Field(None, description="Only in this state.")
    limit: Limit = 20
    cursor: Cursor = None


class MessageQuery(BaseModel):
    """Which messages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: EventType | None = Field(None, description="Only of this type of event.")
    interview_id: str | None = Field(None, max_length=100, description="Only of this interview.")
    follow_up_id: str | None = Field(None, max_length=100, description="Only of this follow-up.")
    limit: Limit = 20
    cursor: Cursor = None
