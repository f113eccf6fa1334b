"""The plan: what to send for one interview, to whom, when and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from pydantic import ConfigDict

Channel = Literal["email", "phone", "card"]
Kind = Literal[
    "thank_you",
    "check_in",
    "final_check_in",
    "offer_reply",
    "rejection_reply",
    "feedback_request",
    "situation_update",
]
OpenState = Literal["planned", "due", "missed"]
State = Literal["planned", "due", "missed", "sent", "skipped", "cancelled"]
Reason = Literal[
    "replied",
    "superseded",
    "instructed",
    "offer",
    "rejected",
    "withdrawn",
    "interview_cancelled",
    "limit_reached",
]

DESCRIBED = ConfigDict(use_attribute_docstrings=True)
"""The text below a member describes it, here and in the OpenAPI document."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the catalogue."""

    __pydantic_config__: ClassVar[ConfigDict] = DESCRIBED

    id: str
    """A family and a name; `GET /v1/rules/{id}` tells more."""
    text: str
    """What the rule asks for, in one line."""
    sources: tuple[str, ...]
    """The articles that ask for it."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who a follow-up goes to."""

    __pydantic_config__: ClassVar[ConfigDict] = DESCRIBED

    name: str
    """The name as it was told."""
    email: str | None
    """The email address; null where it is not known."""


@dataclass(slots=True)  # not frozen: that would cost each plan 8 microseconds
class FollowUp:
    """One step of a plan. Its instants carry the interview's own offset; `opens_at <= due_at <= closes_at`."""

    __pydantic_config__: ClassVar[ConfigDict] = DESCRIBED

    id: str | None
    """The id of a stored follow-up; null where nothing is kept."""
    key: str
    """The kind, and for a thank-you whom it thanks; unique within the plan."""
    kind: Kind
    """What to send."""
    channel: Channel
    """How to send it."""
    recipient: Recipient | None
    """Whom to send it to; null for a thank-you sent to somebody who is no longer among the interviewers."""
    opens_at: datetime
    """From when on it may go out."""
    due_at: datetime
    """When it should go out."""
    closes_at: datetime
    """When it is too late."""
    state: State
    """How it stands: planned before it is due, missed once it has closed unsent."""
    cancelled_because: Reason | None
    """Why it no longer applies; null while it does."""
    inherited: bool
    """Whether the policy's own source is silent on it, and `balanced` speaks instead."""
    why: str
    """Why it is due when it is, or why it no longer applies, in one sentence."""
    rules: tuple[Rule, ...]
    """The rules that made it."""


@dataclass(frozen=True, slots=True)
class Advice:
    """Something to do around the messages."""

    __pydantic_config__: ClassVar[ConfigDict] = DESCRIBED

    rule: str
    """The id of the rule that gives it."""
    text: str
    """What to do."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send for one interview, to whom, when and why, in the order of `due_at`."""

    __pydantic_config__: ClassVar[ConfigDict] = DESCRIBED

    policy: str
    """The policy that was followed."""
    as_of: datetime
    """The moment that counts as now: it sets the states."""
    timezone: str
    """The interview's own zone, whose offset every instant carries."""
    next_due_at: datetime | None
    """When the next planned follow-up is due; null where none is."""
    follow_ups: tuple[FollowUp, ...]
    """Every step, also those that are over."""
    advice: tuple[Advice, ...]
    """What to do around the messages, now."""


def read_state(due_at: datetime, closes_at: datetime, now: datetime) -> OpenState:
    """What a follow-up that nobody has settled or cancelled has come to."""
    if now < due_at:
        return "planned"
    return "due" if now < closes_at else "missed"
