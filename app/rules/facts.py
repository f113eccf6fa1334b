"""What the rules reason about: an interview, and what happened since.

The facts carry no limits on size: those belong to what we accept (`app.schemas`), not to what we already know.
"""

import re
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool

Stage = Literal["phone_screen", "first_round", "panel", "final_round"]
Medium = Literal["video", "phone", "in_person"]
Role = Literal["recruiter", "hiring_manager", "peer", "executive", "other"]
Change = Literal["competing_offer", "publication", "patent", "other"]

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _as_instant(value: object) -> object:
    if isinstance(value, datetime) or (isinstance(value, str) and _INSTANT.fullmatch(value)):
        return value
    raise ValueError("must be a date and time with an offset, such as 2026-11-20T15:00:00-05:00")


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("must carry an offset, such as 2026-11-20T15:00:00-05:00")
    return value


def _as_day(value: object) -> object:
    if isinstance(value, str) and _DAY.fullmatch(value):
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ValueError("must be a calendar date, such as 2026-12-01")


Instant = Annotated[datetime, BeforeValidator(_as_instant), AfterValidator(_aware)]
"""An aware instant, RFC 3339 in JSON."""

Day = Annotated[date, BeforeValidator(_as_day)]
"""A calendar date in the interview's zone."""


KEY = (
    r"^(thank_you/[a-z0-9]+(-[a-z0-9]+)*(/card)?|(check_in|offer_reply|situation_update)(/[1-9][0-9]{0,2})?"
    r"|final_check_in|rejection_reply|feedback_request)$"
)
Key = Annotated[str, Field(pattern=KEY)]
"""The key of a follow-up: its kind, and for a thank-you whom it thanks."""


class Fact(BaseModel):
    """Anything we were told: frozen, with no member beyond the ones named."""

    # A fault never repeats what it was found in: facts are about people, and faults end up in logs.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Person(Fact):
    """Somebody with a name, and an address where it is known."""

    name: str
    email: str | None = None


class Interviewer(Person):
    """One of those who asked the questions."""

    salutation: str | None = None
    title: str | None = None
    role: Role = "other"
    postal_address: str | None = None
    topics: tuple[str, ...] = ()
    insight: str | None = None


class Revisit(Fact):
    """An answer that fell short, and the one that should have been given."""

    topic: str
    answer: str


class Concern(Fact):
    """A doubt that was raised, and the answer to it."""

    raised: str
    answer: str


class Notes(Fact):
    """What the candidate wrote down afterwards."""

    topics: tuple[str, ...] = ()
    fit: str | None = None
    contribution: str | None = None
    understanding: str | None = None
    revisit: tuple[Revisit, ...] = ()
    concerns: tuple[Concern, ...] = ()
    questions: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


class Interview(Fact):
    """One interview, with all that is known about it."""

    external_id: str | None = None
    application_ref: str | None = None
    candidate: Person
    company: str
    job_title: str
    stage: Stage
    medium: Medium | None = None
    starts_at: Instant
    ends_at: Instant | None = None
    timezone: str
    country: str | None = None
    subdivision: str | None = None
    decision_by: Day | None = None
    policy: str = "balanced"
    interviewers: tuple[Interviewer, ...]
    contact: Person | None = None
    notes: Notes = Notes()


class Occurrence(Fact):
    """Anything that happened, and when."""

    occurred_at: Instant


class ReplyReceived(Occurrence):
    """The company wrote back; an acknowledgement only says that it will."""

    type: Literal["reply_received"] = "reply_received"
    acknowledgement: StrictBool = False


class DecisionDateStated(Occurrence):
    """The company named the day by which it decides."""

    type: Literal["decision_date_stated"] = "decision_date_stated"
    decision_by: Day


class InstructionGiven(Occurrence):
    """The company said how it wants to be followed up. The latest instruction replaces the earlier ones whole."""

    type: Literal["instruction_given"] = "instruction_given"
    not_before: Instant | None = None
    no_contact: StrictBool = False
    channel: Literal["email", "phone"] | None = None


class NextRoundScheduled(Occurrence):
    """Another interview for the same application was arranged."""

    type: Literal["next_round_scheduled"] = "next_round_scheduled"


class OfferReceived(Occurrence):
    """The company made an offer, to be answered by the end of a day if it named one."""

    type: Literal["offer_received"] = "offer_received"
    respond_by: Day | None = None


class Rejected(Occurrence):
    """The company said no."""

    type: Literal["rejected"] = "rejected"
    went_well: StrictBool = False


class SituationChanged(Occurrence):
    """Something changed on the candidate's side that the company should hear before it decides."""

    type: Literal["situation_changed"] = "situation_changed"
    change: Change
    detail: str | None = None
    respond_by: Day | None = None


class InterviewCancelled(Occurrence):
    """The interview did not take place."""

    type: Literal["interview_cancelled"] = "interview_cancelled"


class Withdrawn(Occurrence):
    """The candidate withdrew."""

    type: Literal["withdrawn"] = "withdrawn"


class FollowUpSent(Occurrence):
    """The follow-up with this key went out."""

    type: Literal["follow_up_sent"] = "follow_up_sent"
    key: Key


class FollowUpSkipped(Occurrence):
    """The candidate decided against the follow-up with this key."""

    type: Literal["follow_up_skipped"] = "follow_up_skipped"
    key: Key


class FollowUpSnoozed(Occurrence):
    """The follow-up with this key was put off within its window."""

    type: Literal["follow_up_snoozed"] = "follow_up_snoozed"
    key: Key
    until: Instant


Event = Annotated[
    ReplyReceived
    | DecisionDateStated
    | InstructionGiven
    | NextRoundScheduled
    | OfferReceived
    | Rejected
    | SituationChanged
    | InterviewCancelled
    | Withdrawn
    | FollowUpSent
    | FollowUpSkipped
    | FollowUpSnoozed,
    Field(discriminator="type"),
]
"""Something that happened since; it counts from `occurred_at`."""
