"""What we answer. No limits here: what was stored under other limits is still to be read."""

from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from app.examples import INTERVIEW
from app.rules import facts
from app.rules.catalogue import Entry
from app.rules.facts import Instant
from app.rules.plans import FollowUp
from app.rules.policy import Policy

ItemT = TypeVar("ItemT")

InterviewId = Annotated[
    str, Field(description="The interview's id.", examples=["int_019e2b3c4d5e7f60a1b2c3d4e5f60718"])
]
EventId = Annotated[str, Field(description="The event's id.", examples=["evt_019e2b3c4d5e7f60a1b2c3d4e5f60719"])]
Created = Annotated[
    Instant, Field(description="When we first heard of it.", examples=["2026-11-20T16:05:12.345678-05:00"])
]
Updated = Annotated[Instant, Field(description="When it last changed.", examples=["2026-11-20T16:05:12.345678-05:00"])]

INTERVIEW_EXAMPLE: dict[str, Any] = {
    "id": "int_019e2b3c4d5e7f60a1b2c3d4e5f60718",
    **INTERVIEW,
    "created_at": "2026-11-20T16:05:12.345678-05:00",
    "updated_at": "2026-11-20T16:05:12.345678-05:00",
}
EVENT_EXAMPLE: dict[str, Any] = {
    "id": "evt_019e2b3c4d5e7f60a1b2c3d4e5f60719",
    "interview_id": "int_019e2b3c4d5e7f60a1b2c3d4e5f60718",
    "type": "reply_received",
    "occurred_at": "2026-11-23T11:30:00-05:00",
    "acknowledgement": True,
    "created_at": "2026-11-23T11:31:02.345678-05:00",
}


class InterviewOut(facts.Interview):
    """An interview as it is kept."""

    model_config = ConfigDict(title="Interview", json_schema_extra={"examples": [INTERVIEW_EXAMPLE]})

    id: InterviewId
    created_at: Created
    updated_at: Updated


class _Kept(BaseModel):
    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    id: EventId
    interview_id: InterviewId
    created_at: Created


class ReplyReceivedOut(_Kept, facts.ReplyReceived):
    """The company wrote back; an acknowledgement only says that it will."""

    model_config = ConfigDict(title="Reply received, as it is kept")


class DecisionDateStatedOut(_Kept, facts.DecisionDateStated):
    """The company named the day by which it decides."""

    model_config = ConfigDict(title="Decision date stated, as it is kept")


class InstructionGivenOut(_Kept, facts.InstructionGiven):
    """The company said how it wants to be followed up. The latest instruction replaces the earlier ones whole."""

    model_config = ConfigDict(title="Instruction given, as it is kept")


class NextRoundScheduledOut(_Kept, facts.NextRoundScheduled):
    """Another interview for the same application was arranged."""

    model_config = ConfigDict(title="Next round scheduled, as it is kept")


class OfferReceivedOut(_Kept, facts.OfferReceived):
    """The company made an offer, to be answered by the end of a day if it named one."""

    model_config = ConfigDict(title="Offer received, as it is kept")


class RejectedOut(_Kept, facts.Rejected):
    """The company said no."""

    model_config = ConfigDict(title="Rejected, as it is kept")


class SituationChangedOut(_Kept, facts.SituationChanged):
    """Something changed on the candidate's side that the company should hear before it decides."""

    model_config = ConfigDict(title="Situation changed, as it is kept")


class InterviewCancelledOut(_Kept, facts.InterviewCancelled):
    """The interview did not take place."""

    model_config = ConfigDict(title="Interview cancelled, as it is kept")


class WithdrawnOut(_Kept, facts.Withdrawn):
    """The candidate withdrew."""

    model_config = ConfigDict(title="Withdrawn, as it is kept")


class FollowUpSentOut(_Kept, facts.FollowUpSent):
    """The follow-up with this key went out."""

    model_config = ConfigDict(title="Follow-up sent, as it is kept")


class FollowUpSkippedOut(_Kept, facts.FollowUpSkipped):
    """The candidate decided against the follow-up with this key."""

    model_config = ConfigDict(title="Follow-up skipped, as it is kept")


class FollowUpSnoozedOut(_Kept, facts.FollowUpSnoozed):
    """The follow-up with this key was put off within its window."""

    model_config = ConfigDict(title="Follow-up snoozed, as it is kept")


EventOut = Annotated[
    ReplyReceivedOut
    | DecisionDateStatedOut
    | InstructionGivenOut
    | NextRoundScheduledOut
    | OfferReceivedOut
    | RejectedOut
    | SituationChangedOut
    | InterviewCancelledOut
    | WithdrawnOut
    | FollowUpSentOut
    | FollowUpSkippedOut
    | FollowUpSnoozedOut,
    Field(discriminator="type", title="Event as it is kept", examples=[EVENT_EXAMPLE]),
]
"""One event, as it is answered."""


@dataclass(slots=True)
class FollowUpOut(FollowUp):
    """A follow-up as it is kept: with the interview that it belongs to."""

    interview_id: InterviewId


class Page(BaseModel, Generic[ItemT]):
    """A stretch of a list, and where the next one begins."""

    data: list[ItemT] = Field(description="The items, in the order that was asked for.")
    next_cursor: str | None = Field(description="Give this as `cursor` for what follows; null at the end.")


class InterviewList(Page[InterviewOut]):
    """Interviews, a page at a time."""

    model_config = ConfigDict(title="Interviews")


class EventList(Page[EventOut]):
    """What happened since an interview."""

    model_config = ConfigDict(title="Events")


class FollowUpList(Page[FollowUpOut]):
    """Follow-ups across interviews, a page at a time."""

    model_config = ConfigDict(title="Follow-ups")


class PolicyList(Page[Policy]):
    """Every policy."""

    model_config = ConfigDict(title="Policies")


class RuleList(Page[Entry]):
    """Every rule."""

    model_config = ConfigDict(title="Rules")
