"""What callers say happened since: the facts' events, each told apart by its `type`."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StrictBool

from app.rules import facts
from app.rules.facts import Change
from app.schemas.texts import OptionalParagraph
from app.schemas.times import Day, Instant

Moment = Annotated[Instant, Field(description="When it happened.", examples=["2026-11-23T11:30:00-05:00"])]
Key = Annotated[
    facts.Key, Field(max_length=1100, description="The follow-up's `key`.", examples=["thank_you/priya-shah"])
]
Deadline = Annotated[Day | None, Field(description="The day until which an answer is wanted.", examples=["2026-12-04"])]


class ReplyReceivedIn(facts.ReplyReceived):
    """The company wrote back; an acknowledgement only says that it will."""

    model_config = ConfigDict(title="Reply received")

    type: Literal["reply_received"]
    occurred_at: Moment
    acknowledgement: StrictBool = Field(default=False, description="It said no more than that an answer will come.")


class DecisionDateStatedIn(facts.DecisionDateStated):
    """The company named the day by which it decides."""

    model_config = ConfigDict(title="Decision date stated")

    type: Literal["decision_date_stated"]
    occurred_at: Moment
    decision_by: Day = Field(description="That day.", examples=["2026-12-01"])


class InstructionGivenIn(facts.InstructionGiven):
    """The company said how it wants to be followed up. The latest instruction replaces the earlier ones whole."""

    model_config = ConfigDict(title="Instruction given")

    type: Literal["instruction_given"]
    occurred_at: Moment
    not_before: Instant | None = Field(None, description="No thank-you, check-in or situation update opens before.")
    no_contact: StrictBool = Field(default=False, description="No check-ins are sent.")
    channel: Literal["email", "phone"] | None = Field(None, description="How check-ins are to be made.")


class NextRoundScheduledIn(facts.NextRoundScheduled):
    """Another interview for the same application was arranged."""

    model_config = ConfigDict(title="Next round scheduled")

    type: Literal["next_round_scheduled"]
    occurred_at: Moment


class OfferReceivedIn(facts.OfferReceived):
    """The company made an offer, to be answered by the end of a day if it named one."""

    model_config = ConfigDict(title="Offer received")

    type: Literal["offer_received"]
    occurred_at: Moment
    respond_by: Deadline = None


class RejectedIn(facts.Rejected):
    """The company said no."""

    model_config = ConfigDict(title="Rejected")

    type: Literal["rejected"]
    occurred_at: Moment
    went_well: StrictBool = Field(default=False, description="The interview went well all the same.")


class SituationChangedIn(facts.SituationChanged):
    """Something changed on the candidate's side that the company should hear before it decides."""

    model_config = ConfigDict(title="Situation changed")

    type: Literal["situation_changed"]
    occurred_at: Moment
    change: Change = Field(description="What kind of change.")
    detail: OptionalParagraph = Field(None, description="What exactly changed.")
    respond_by: Deadline = None


class InterviewCancelledIn(facts.InterviewCancelled):
    """The interview did not take place."""

    model_config = ConfigDict(title="Interview cancelled")

    type: Literal["interview_cancelled"]
    occurred_at: Moment


class WithdrawnIn(facts.Withdrawn):
    """The candidate withdrew."""

    model_config = ConfigDict(title="Withdrawn")

    type: Literal["withdrawn"]
    occurred_at: Moment


class FollowUpSentIn(facts.FollowUpSent):
    """The follow-up with this key went out."""

    model_config = ConfigDict(title="Follow-up sent")

    type: Literal["follow_up_sent"]
    occurred_at: Moment
    key: Key


class FollowUpSkippedIn(facts.FollowUpSkipped):
    """The candidate decided against the follow-up with this key."""

    model_config = ConfigDict(title="Follow-up skipped")

    type: Literal["follow_up_skipped"]
    occurred_at: Moment
    key: Key


class FollowUpSnoozedIn(facts.FollowUpSnoozed):
    """The follow-up with this key was put off within its window."""

    model_config = ConfigDict(title="Follow-up snoozed")

    type: Literal["follow_up_snoozed"]
    occurred_at: Moment
    key: Key
    until: Instant = Field(description="The new moment at which it is due.", examples=["2026-12-03T09:00:00-05:00"])


EventIn = Annotated[
    ReplyReceivedIn
    | DecisionDateStatedIn
    | InstructionGivenIn
    | NextRoundScheduledIn
    | OfferReceivedIn
    | RejectedIn
    | SituationChangedIn
    | InterviewCancelledIn
    | WithdrawnIn
    | FollowUpSentIn
    | FollowUpSkippedIn
    | FollowUpSnoozedIn,
    Field(discriminator="type", title="Event", description="Something that happened since the interview."),
]
"""One event, as it is posted."""
