"""What callers say about an interview: the facts, with limits."""

from datetime import timedelta

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from app.examples import INTERVIEW
from app.rules import facts
from app.rules.facts import Medium, Role, Stage
from app.schemas.places import Country, Subdivision, Zone, check_subdivision
from app.schemas.texts import (
    Line,
    Name,
    OptionalAddress,
    OptionalLine,
    OptionalName,
    OptionalParagraph,
    Paragraph,
    Reference,
)
from app.schemas.times import Day, Instant

LONGEST_INTERVIEW = timedelta(hours=24)


class PersonIn(facts.Person):
    """Somebody with a name, and an address where it is known."""

    model_config = ConfigDict(title="Person, as told")

    name: Name = Field(description="The name as it is to be written.", examples=["Ana López"])
    email: OptionalAddress = Field(None, description="The email address, if it is known.", examples=["ana@example.com"])


class InterviewerIn(facts.Interviewer):
    """One of those who asked the questions, and what was talked about."""

    model_config = ConfigDict(title="Interviewer, as told")

    name: Name = Field(description="The name as it is to be written.", examples=["Priya Shah"])
    email: OptionalAddress = Field(
        None, description="The email address, if it is known.", examples=["priya.shah@northwind.example"]
    )
    salutation: OptionalName = Field(
        None, description="How to greet this person, instead of by name.", examples=["Dr Shah"]
    )
    title: OptionalName = Field(None, description="The position in the company.", examples=["Head of Data"])
    role: Role = Field("other", description="The part in the decision.")
    postal_address: OptionalLine = Field(
        None, description="Where a handwritten card could be sent, in one line.", examples=["1 Pier Road, Boston, MA"]
    )
    topics: tuple[Line, ...] = Field((), max_length=20, description="What you two talked about, the best first.")
    insight: OptionalParagraph = Field(None, description="Something this person said that stayed with you.")


class RevisitIn(facts.Revisit):
    """An answer that fell short, and the one that should have been given."""

    model_config = ConfigDict(title="Revisit, as told")

    topic: Line = Field(description="What was asked about.", examples=["exactly-once delivery"])
    answer: Paragraph = Field(description="The answer as it should have been.")


class ConcernIn(facts.Concern):
    """A doubt that was raised, and the answer to it."""

    model_config = ConfigDict(title="Concern, as told")

    raised: Line = Field(description="The doubt.", examples=["little experience with Rust"])
    answer: Paragraph = Field(description="What speaks against it.")


class NotesIn(facts.Notes):
    """What the candidate wrote down afterwards: what the messages are made of."""

    model_config = ConfigDict(title="Notes, as told")

    topics: tuple[Line, ...] = Field((), max_length=20, description="What was talked about with everybody.")
    fit: OptionalParagraph = Field(None, description="A fact that shows why you fit.")
    contribution: OptionalParagraph = Field(None, description="What you would do for them first.")
    understanding: OptionalParagraph = Field(None, description="What you understood them to need.")
    revisit: tuple[RevisitIn, ...] = Field((), max_length=20, description="Answers that you would give better now.")
    concerns: tuple[ConcernIn, ...] = Field((), max_length=20, description="Doubts that they raised.")
    questions: tuple[Line, ...] = Field((), max_length=20, description="What you would still like to know.")
    references: tuple[Line, ...] = Field((), max_length=20, description="Who can speak for you.")


class InterviewIn(facts.Interview):
    """One interview, with all that is known about it. Only the first facts are required; the more, the better."""

    model_config = ConfigDict(title="Interview to plan for", json_schema_extra={"examples": [INTERVIEW]})

    external_id: Reference | None = Field(None, description="Your own id of this interview; unique in your account.")
    application_ref: Reference | None = Field(
        None, description="Your own id of the application; a later interview with the same one is its next round."
    )
    candidate: PersonIn = Field(description="Who was interviewed, and will write.")
    company: Name = Field(description="The company.", examples=["Northwind"])
    job_title: Name = Field(description="The position.", examples=["Data Engineer"])
    stage: Stage = Field(description="How far the application has come.")
    medium: Medium | None = Field(None, description="How you met.")
    starts_at: Instant = Field(description="When it begins, with an offset.", examples=["2026-11-20T15:00:00-05:00"])
    ends_at: Instant | None = Field(
        None,
        description="When it ends, within 24 hours; else 30 minutes later for a phone screen, or 60.",
    )
    timezone: Zone = Field(description="The IANA name of the interview's zone.", examples=["America/New_York"])
    country: Country | None = Field(
        None, description="ISO 3166 code of the country whose holidays count.", examples=["US"]
    )
    subdivision: Subdivision | None = Field(None, description="Its state, province or the like.", examples=["NY"])
    decision_by: Day | None = Field(None, description="The day by which the company said it decides.")
    policy: str = Field(
        "balanced", min_length=1, max_length=100, description="Whose advice to follow: one of `GET /v1/policies`."
    )
    interviewers: tuple[InterviewerIn, ...] = Field(min_length=1, max_length=20, description="Who asked.")
    contact: PersonIn | None = Field(None, description="Who gets all but the thank-yous, if nobody of these.")
    notes: NotesIn = Field(NotesIn(), description="What you wrote down afterwards.")

    @field_validator("ends_at")
    @classmethod
    def _follows_the_start(cls, ends_at: Instant | None, info: ValidationInfo) -> Instant | None:
        starts_at = info.data.get("starts_at")
        if ends_at is None or starts_at is None:
            return ends_at
        if not timedelta(0) < ends_at - starts_at <= LONGEST_INTERVIEW:
            raise ValueError("must be after starts_at, by 24 hours at most")
        return ends_at

    _belongs_to_its_country = field_validator("subdivision")(check_subdivision)
