"""How lists are asked for: filters, an order, and a page."""

import re
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from app.rules.facts import Stage
from app.rules.plans import Kind, State
from app.schemas.texts import GivenAddress, QueryInstant, Reference


def _as_digits(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,9}(\.0{1,9})?", value):
        raise ValueError("must be a whole number")
    return value


Limit = Annotated[int, Field(ge=1, le=100, description="How many at most."), BeforeValidator(_as_digits)]
Cursor = Annotated[
    str | None, Field(max_length=1000, description="Where to go on: a `next_cursor` as it was answered.")
]


class InterviewQuery(BaseModel):
    """Which interviews, in which order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    company: Reference | None = Field(None, description="Only of this company, written as it was told.")
    job_title: Reference | None = Field(None, description="Only for this position, written as it was told.")
    stage: Stage | None = Field(None, description="Only of this stage.")
    external_id: Reference | None = Field(None, description="Only the one with this id of yours.")
    application_ref: Reference | None = Field(None, description="Only of this application of yours.")
    candidate_email: GivenAddress | None = Field(None, description="Only of the candidate with this address.")
    sort: Literal["starts_at", "-starts_at", "created_at"] = Field("starts_at", description="By what; - is backwards.")
    limit: Limit = 20
    cursor: Cursor = None


class FollowUpQuery(BaseModel):
    """Which follow-ups, across interviews."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: State | None = Field(None, description="Only in this state, now.")
    kind: Kind | None = Field(None, description="Only of this kind.")
    interview_id: str | None = Field(None, max_length=100, description="Only of this interview.")
    due_after: QueryInstant | None = Field(None, description="Only those due at this moment or later.")
    due_before: QueryInstant | None = Field(None, description="Only those due before this moment.")
    sort: Literal["due_at"] = Field("due_at", description="By what.")
    limit: Limit = 20
    cursor: Cursor = None
