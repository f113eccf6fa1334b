"""Changes to an interview, as a merge patch (RFC 7396): what is left out stays, null takes an optional member away.

These shapes say what a patch may look like; what comes of it is validated as an interview again.
"""

from pydantic import MISSING, BaseModel, ConfigDict, Field

from app.rules.facts import Medium, Stage
from app.schemas.interviews import ConcernIn, InterviewerIn, RevisitIn
from app.schemas.places import Country, Subdivision, Zone
from app.schemas.texts import Line, Name, OptionalAddress, OptionalParagraph, Reference
from app.schemas.times import Day, Instant


class Patch(BaseModel):
    """Any part of a merge patch."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PersonPatch(Patch):
    """Changes to a person."""

    model_config = ConfigDict(title="Changes to a person")

    name: Name | MISSING = Field(MISSING, description="The name as it is to be written.")
    email: OptionalAddress | MISSING = Field(MISSING, description="The email address.")


class NotesPatch(Patch):
    """Changes to the notes. A list is replaced as a whole."""

    model_config = ConfigDict(title="Changes to the notes")

    topics: tuple[Line, ...] | MISSING | None = Field(MISSING, max_length=20, description="What was talked about.")
    fit: OptionalParagraph | MISSING = Field(MISSING, description="A fact that shows why you fit.")
    contribution: OptionalParagraph | MISSING = Field(MISSING, description="What you would do for them first.")
    understanding: OptionalParagraph | MISSING = Field(MISSING, description="What you understood them to need.")
    revisit: tuple[RevisitIn, ...] | MISSING | None = Field(MISSING, description="Answers that you would give better.")
    concerns: tuple[ConcernIn, ...] | MISSING | None = Field(MISSING, description="Doubts that they raised.")
    questions: tuple[Line, ...] | MISSING | None = Field(MISSING, description="What you would still like to know.")
    references: tuple[Line, ...] | MISSING | None = Field(MISSING, description="Who can speak for you.")


class InterviewPatch(Patch):
    """Changes to an interview: each member is absent or its new value; null only where the member is optional."""

    model_config = ConfigDict(
        title="Changes to an interview",
        json_schema_extra={"examples": [{"decision_by": "2026-12-04", "notes": {"fit": "ten years of pipelines"}}]},
    )

    external_id: Reference | MISSING | None = Field(MISSING, description="Your own id of this interview.")
    application_ref: Reference | MISSING | None = Field(MISSING, description="Your own id of the application.")
    candidate: PersonPatch | MISSING = Field(MISSING, description="Who was interviewed.")
    company: Name | MISSING = Field(MISSING, description="The company.")
    job_title: Name | MISSING = Field(MISSING, description="The position.")
    stage: Stage | MISSING = Field(MISSING, description="How far the application has come.")
    medium: Medium | MISSING | None = Field(MISSING, description="How you met.")
    starts_at: Instant | MISSING = Field(MISSING, description="When it begins, with an offset.")
    ends_at: Instant | MISSING | None = Field(MISSING, description="When it ends.")
    timezone: Zone | MISSING = Field(MISSING, description="The IANA name of the interview's zone.")
    country: Country | MISSING | None = Field(MISSING, description="The country whose holidays count.")
    subdivision: Subdivision | MISSING | None = Field(MISSING, description="Its state, province or the like.")
    decision_by: Day | MISSING | None = Field(MISSING, description="The day by which the company decides.")
    policy: str | MISSING | None = Field(MISSING, max_length=100, description="Whose advice to follow.")
    interviewers: tuple[InterviewerIn, ...] | MISSING = Field(MISSING, description="Who asked: all of them.")
    contact: PersonPatch | MISSING | None = Field(MISSING, description="Who gets the check-ins.")
    notes: NotesPatch | MISSING | None = Field(MISSING, description="What you wrote down afterwards.")
