"""What we answer about a candidate: everything that is kept, and how much of it went."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.rules.facts import Instant
from app.schemas.outputs import EventOut, FollowUpOut, InterviewOut
from app.schemas.webhook_outputs import FullMessageOut
from app.store.rows import Action


class RecordOut(BaseModel):
    """An interview with all that is kept because of it."""

    model_config = ConfigDict(title="Interview with all that is kept of it")

    interview: InterviewOut = Field(description="The interview itself.")
    events: list[EventOut] = Field(description="What happened since.")
    follow_ups: list[FollowUpOut] = Field(description="The steps of its plan.")
    messages: list[FullMessageOut] = Field(description="What subscribers were told of it, the oldest first.")


class BoundTokenOut(BaseModel):
    """A client token, without its text."""

    model_config = ConfigDict(title="Client token, without its text")

    id: str = Field(description="The token's id.")
    interview_id: str | None = Field(description="The one interview that it is bound to.")
    candidate_email: str | None = Field(description="The candidate whose interviews it is bound to.")
    actions: list[Action] = Field(description="What it may do.")
    origins: list[str] = Field(description="The pages that may use it.")
    created_at: Instant = Field(description="When it was made.")
    expires_at: Instant = Field(description="From then on it lets nobody in.")


class AnswerOut(BaseModel):
    """An answer that is kept for a day, for whoever sends a request with an `Idempotency-Key` again."""

    model_config = ConfigDict(title="Kept answer")

    answered_at: Instant = Field(description="When it was given first.")
    status: int | None = Field(description="Its status; null where the key that it was sealed with is lost.")
    body: dict[str, Any] | None = Field(description="What it said, without the text of a client token.")


class CandidateOut(BaseModel):
    """Everything that is kept about a candidate."""

    model_config = ConfigDict(title="Candidate")

    email: str = Field(description="The address that they are known by, in lower case.")
    interviews: list[RecordOut] = Field(description="Every interview, in the order of their times.")
    client_tokens: list[BoundTokenOut] = Field(description="Those for pages that show the candidate or an interview.")
    kept_answers: list[AnswerOut] = Field(description="Answers about them that are kept for an `Idempotency-Key`.")


class ErasureOut(BaseModel):
    """How much was erased; all zeros where there is nothing, or nothing any more."""

    model_config = ConfigDict(title="Erasure")

    interviews: int = Field(description="Interviews that are gone.")
    events: int = Field(description="Events that are gone.")
    follow_ups: int = Field(description="Follow-ups that are gone.")
    messages: int = Field(description="Messages whose payload is gone; their ids stay until the log is cleared.")
    deliveries_cancelled: int = Field(description="Deliveries that were still to be made.")
    attempts: int = Field(description="Attempts of which what the receiver answered is gone.")
    kept_answers: int = Field(description="Answers kept for an `Idempotency-Key` that are gone.")
    client_tokens: int = Field(description="Client tokens that are gone.")
