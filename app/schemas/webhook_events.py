"""What subscribers are told: one shape for each type of event, after Standard Webhooks."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, cast, get_args

from pydantic import BaseModel, ConfigDict, Field

from app.rules.drafts import Email
from app.rules.facts import Instant
from app.rules.plans import Channel, Kind, Reason
from app.store.rows import DisabledBecause

EventType = Literal[
    "follow_up.due", "follow_up.missed", "follow_up.cancelled", "plan.changed", "endpoint.disabled", "ping"
]

_INTERVIEW = "int_019e2b3c4d5e7f60a1b2c3d4e5f60718"
_FOLLOW_UP = "fu_019e2b3c4d5e7f60a1b2c3d4e5f6071a"
_ENDPOINT = "ep_019e2b3c4d5e7f60a1b2c3d4e5f6071b"
_DUE_AT = "2026-12-02T09:00:00-05:00"

Sent = Annotated[Instant, Field(description="When it was found out and written down, in UTC.")]
EndpointId = Annotated[str, Field(description="The endpoint's id.")]


class _Told(BaseModel):
    # Not forbidding anything: members may be added later on, and receivers should not mind.
    model_config = ConfigDict(frozen=True)


class InterviewData(_Told):
    """Which interview it is about."""

    interview_id: str = Field(description="Our id of it.")
    external_id: str | None = Field(description="Your own id of it; null where you gave none.")
    application_ref: str | None = Field(description="The application that it belongs to; null where you gave none.")


class FollowUpData(InterviewData):
    """A follow-up, without the people in it. Its instants carry the interview's own offset."""

    follow_up_id: str = Field(description="Our id of it.")
    kind: Kind = Field(description="What to send.")
    key: str = Field(description="The kind, and for a thank-you whom it thanks; unique within the plan.")
    channel: Channel = Field(description="How to send it.")
    opens_at: Instant = Field(description="From when on it may go out.")
    due_at: Instant = Field(description="When it should go out.")
    closes_at: Instant = Field(description="When it is too late.")
    why: str = Field(description="Why it is due when it is, or why it no longer applies, in one sentence.")


class Lack(_Told):
    """A fact without which there is no draft."""

    pointer: str = Field(description="Where in the interview it belongs.", examples=["/contact/email"])
    detail: str = Field(description="What is wrong with it.", examples=["is not known"])


class FollowUpDueData(FollowUpData):
    """A follow-up whose moment has come."""

    late_by_seconds: float = Field(ge=0, description="How long after `due_at` this was written down.")
    email_url: str = Field(description="Where its email is, for those with a key.")
    email: Email | None = Field(
        default=None, description="The draft, to endpoints with `include_email` alone; null where something lacks."
    )
    lacks: list[Lack] | None = Field(
        default=None, description="What the draft would need first, to endpoints with `include_email` alone."
    )


class FollowUpCancelledData(FollowUpData):
    """A follow-up that was announced as due, and is not needed any more."""

    key: str = Field(description="As it was announced; the kind alone where the interview is gone.")
    cancelled_because: Reason | Literal["removed"] = Field(
        description="Why; `removed` where the plan does not hold it any more, or the interview is gone."
    )


class Changed(_Told):
    """One follow-up that is not what it was."""

    follow_up_id: str = Field(description="Our id of it.")
    key: str = Field(description="Its key within the plan.")
    status: Literal["open", "sent", "skipped", "cancelled", "removed"] = Field(
        description="How it stands now; `removed` where the plan does not hold it any more."
    )
    due_at: Instant = Field(description="When it should go out, or should have.")


class PlanChangedData(InterviewData):
    """A plan that is not what it was."""

    next_due_at: Instant | None = Field(description="When the next planned follow-up is due; null where none is.")
    changed: list[Changed] = Field(description="Every follow-up that was added, changed or removed.")


class PingData(_Told):
    """The endpoint that is tried out."""

    endpoint_id: EndpointId


class EndpointDisabledData(_Told):
    """An endpoint that gets nothing any more."""

    endpoint_id: EndpointId
    url: str = Field(description="Where it was.")
    disabled_because: DisabledBecause = Field(
        description="`gone`: it answered 410; `failing`: nothing has succeeded for days."
    )
    failing_since: Instant | None = Field(description="The first failure after its last success; null where none was.")


_PLACE: dict[str, Any] = {"interview_id": _INTERVIEW, "external_id": "ats-8123", "application_ref": "app-77"}
_STEP: dict[str, Any] = _PLACE | {
    "follow_up_id": _FOLLOW_UP,
    "kind": "check_in",
    "key": "check_in",
    "channel": "email",
    "opens_at": _DUE_AT,
    "due_at": _DUE_AT,
    "closes_at": "2026-12-09T09:00:00-05:00",
    "why": "Northwind said it would decide by 1 December; the first working morning after that is Wednesday the 2nd at "
    "09:00 in New York.",
}


def _example(name: EventType, timestamp: str, data: dict[str, Any]) -> ConfigDict:
    sample: dict[str, Any] = {"type": name, "timestamp": timestamp, "data": data}
    return ConfigDict(title=name, json_schema_extra={"examples": [sample]})


class FollowUpDue(_Told):
    """A follow-up falls due: once for each `due_at` that it comes to have."""

    model_config = _example(
        "follow_up.due",
        "2026-12-02T14:00:00.012345Z",
        _STEP
        | {"late_by_seconds": 0.012, "email_url": f"https://afterword.example.com/v1/follow-ups/{_FOLLOW_UP}/email"},
    )

    type: Literal["follow_up.due"]
    timestamp: Sent
    data: FollowUpDueData = Field(description="What is due.")


class FollowUpMissed(_Told):
    """The window of a follow-up closed before it was sent."""

    model_config = _example("follow_up.missed", "2026-12-09T14:00:00.012345Z", _STEP)

    type: Literal["follow_up.missed"]
    timestamp: Sent
    data: FollowUpData = Field(description="What was missed.")


class FollowUpCancelled(_Told):
    """A follow-up that was announced as due is not needed any more."""

    model_config = _example(
        "follow_up.cancelled",
        "2026-12-02T16:30:00.012345Z",
        _STEP | {"cancelled_because": "replied", "why": "Northwind replied, so there is nothing left to check on."},
    )

    type: Literal["follow_up.cancelled"]
    timestamp: Sent
    data: FollowUpCancelledData = Field(description="What is not needed any more.")


class PlanChanged(_Told):
    """The plan of an interview that was there before is not what it was."""

    model_config = _example(
        "plan.changed",
        "2026-11-23T16:30:00.012345Z",
        _PLACE
        | {
            "next_due_at": "2026-12-07T09:00:00-05:00",
            "changed": [
                {
                    "follow_up_id": _FOLLOW_UP,
                    "key": "check_in",
                    "status": "open",
                    "due_at": "2026-12-07T09:00:00-05:00",
                }
            ],
        },
    )

    type: Literal["plan.changed"]
    timestamp: Sent
    data: PlanChangedData = Field(description="What changed.")


class EndpointDisabled(_Told):
    """Another endpoint of yours was disabled, and what waited for it was cancelled."""

    model_config = _example(
        "endpoint.disabled",
        "2026-12-07T09:00:00.012345Z",
        {
            "endpoint_id": _ENDPOINT,
            "url": "https://hooks.example.com/afterword",
            "disabled_because": "failing",
            "failing_since": "2026-12-02T08:59:00Z",
        },
    )

    type: Literal["endpoint.disabled"]
    timestamp: Sent
    data: EndpointDisabledData = Field(description="What was disabled.")


class Ping(_Told):
    """Somebody tries this endpoint out."""

    model_config = _example("ping", "2026-12-02T14:00:00.012345Z", {"endpoint_id": _ENDPOINT})

    type: Literal["ping"]
    timestamp: Sent
    data: PingData = Field(description="What is tried out.")


_MODELS: tuple[type[BaseModel], ...] = (
    FollowUpDue,
    FollowUpMissed,
    FollowUpCancelled,
    PlanChanged,
    EndpointDisabled,
    Ping,
)

EVENTS: Final[Mapping[EventType, type[BaseModel]]] = dict(zip(get_args(EventType), _MODELS, strict=True))
"""The shape of every type of event."""

EXAMPLES: Final[Mapping[EventType, dict[str, Any]]] = {
    name: cast(dict[str, Any], model.model_config["json_schema_extra"])["examples"][0] for name, model in EVENTS.items()
}
"""A sample of every type of event, as it would be sent."""
