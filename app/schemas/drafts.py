"""Drafts that are to be checked, and what there is to say of one."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator

from app.examples import DRAFT, DRAFT_REQUEST
from app.rules.drafts import Finding, Length, Verdict
from app.rules.plans import DESCRIBED, Channel, Kind
from app.schemas.emails import Recipient
from app.schemas.events import EventIn
from app.schemas.interviews import InterviewIn
from app.schemas.texts import OptionalLine
from app.schemas.times import Instant

Proofreading = Literal["done", "unavailable", "too_long"]

Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
"""A draft as it was written: nothing is stripped, so that a span means the same to whoever sent it."""


class StoredDraftRequest(BaseModel):
    """A draft for a stored interview, and what is known around it. Only the kind and the text are required."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        title="Draft request for a stored interview",
        json_schema_extra={"examples": [DRAFT]},
    )

    VERBATIM: ClassVar[frozenset[str]] = frozenset({"text", "other_drafts"})
    """The members that are read as they were sent, line breaks and tabs included."""

    kind: Kind = Field(description="What it is to be.")
    text: Text = Field(description="The whole draft, from the greeting to the signature.")
    recipient: Recipient | None = Field(
        None,
        description="Whom it is for: a name, an address or the key of a thank-you; else whoever the plan writes to.",
    )
    subject: OptionalLine = Field(None, description="Its subject line.")
    length: Length = Field("full", description="How long a thank-you is meant to be.")
    channel: Channel | None = Field(
        None, description="How it is to be sent. Else as it is planned; by email, where it is not."
    )
    as_of: Instant | None = Field(
        None,
        description="When it goes out: whether that is too soon, or one message too many; now, if this is not said.",
    )
    other_drafts: tuple[Text, ...] = Field(
        (), max_length=20, description="What the other interviewers get: no two should read alike."
    )


class DraftRequest(StoredDraftRequest):
    """A draft, and what is known around it: the more, the more can be seen. Only the kind and the text are required."""

    model_config = ConfigDict(title="Draft request", json_schema_extra={"examples": [DRAFT_REQUEST]})

    interview: InterviewIn | None = Field(None, description="The interview that it follows.")
    events: tuple[EventIn, ...] = Field(
        (), max_length=200, description="What happened since, in any order; needs the interview."
    )

    @field_validator("events")
    @classmethod
    def _follows_an_interview(cls, events: tuple[EventIn, ...], info: ValidationInfo) -> tuple[EventIn, ...]:
        if events and info.data.get("interview", events) is None:
            raise ValueError("must come with the interview that they follow")
        return events


@dataclass(frozen=True, slots=True)
class Review:
    """What there is to say of a draft."""

    __pydantic_config__: ClassVar[ConfigDict] = DESCRIBED

    verdict: Verdict
    """Ready to be sent; improve it first; or stop, since something in it is wrong."""
    sentences: int
    """How many sentences its body has, greeting and signature left aside."""
    paragraphs: int
    """How many paragraphs its body has."""
    findings: tuple[Finding, ...]
    """Everything that had better be looked at, in the order of the text."""
    proofreading: Proofreading
    """Whether the spelling was looked at: not where that part is missing or fails, nor in a text that is too long."""
