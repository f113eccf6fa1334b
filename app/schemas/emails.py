"""How callers ask for an email: of what interview, to whom, and how it is to be written."""

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from app.examples import EMAIL_OPTIONS, EMAIL_REQUEST, EVENTS
from app.rules import drafts
from app.rules.drafts import Intent, Length, Tone
from app.rules.plans import Channel
from app.schemas.events import EventIn
from app.schemas.interviews import InterviewIn
from app.schemas.texts import QueryInstant
from app.schemas.times import Day, Instant

# A label of a host: any letters or digits, a hyphen, an underscore; of ASCII nothing else.
_LABEL = r"[^\s!-,./:-@\[-^`{-\x7f]+"
_LINK = re.compile(rf'(?:https?://)?{_LABEL}(?:\.{_LABEL})+(?::[0-9]{{1,5}})?(?:[/?#][^\s<>"]*)?', re.IGNORECASE)


def _as_link(link: str) -> str:
    if not _LINK.fullmatch(link):
        raise ValueError("must be a web address, such as https://ana.example.com or ana.example.com/cv")
    return link


Link = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_as_link)]
"""The address of a page, with or without its scheme; its host holds a dot."""

Recipient = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=320)]
"""Somebody's name or address, or the key of a thank-you."""

LENGTH = "`short`: 3 or 4 sentences of a thank-you (2 or 3 after a phone screen), else all but what it can spare."

Phone = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50)]

Named = Annotated[
    Recipient | None,
    Field(
        description="Whom it is for: a name, an address or the key of a thank-you; else whoever the plan writes to.",
        examples=["Priya Shah"],
    ),
]


class SignatureIn(drafts.Signature):
    """What stands below the candidate's name."""

    model_config = ConfigDict(title="Signature")

    phone: Phone | None = Field(None, description="A telephone number.", examples=["+1 212 555 0143"])
    links: tuple[Link, ...] = Field(
        (), max_length=5, description="Pages, one a line.", examples=[["https://ana.example.com"]]
    )


class OptionsIn(drafts.Options):
    """How an email is to be written. What is left out is chosen by the plan, or by what the email is for."""

    model_config = ConfigDict(title="Options of an email", json_schema_extra={"examples": [EMAIL_OPTIONS]})

    tone: Tone = Field("warm", description="By first names, or by whole ones and without contractions.")
    length: Length = Field("full", description=LENGTH)
    channel: Channel | None = Field(None, description="A card or a phone call instead: what to write, or to say.")
    intent: Intent | None = Field(None, description="The answer to an offer; `discuss`, if this is not said.")
    until: Day | None = Field(
        None,
        description="With `more_time`: the day by which you will have decided, none that is over when it goes out.",
    )
    with_feedback: StrictBool | None = Field(
        None, description="Whether the answer to a rejection asks for feedback, too."
    )
    signature: SignatureIn = Field(
        SignatureIn(),
        description="What stands below your name in an email; a card and a phone call have none.",
    )
    as_of: Instant | None = Field(
        None,
        description="When it goes out: what `today` means in it. Else when it is due; now, where it is not planned.",
        examples=["2026-11-20T19:30:00-05:00"],
    )


class EmailRequest(BaseModel):
    """An interview, what happened since, and the email that is wanted."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, title="Email request", json_schema_extra={"examples": [EMAIL_REQUEST]}
    )

    interview: InterviewIn = Field(description="The interview.")
    events: tuple[EventIn, ...] = Field(
        (), max_length=200, description="What happened since, in any order.", examples=[EVENTS]
    )
    recipient: Named = None
    options: OptionsIn = Field(OptionsIn(), description="How it is to be written.")


class StoredEmailRequest(BaseModel):
    """Whom the email is for, and how it is to be written."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        title="Email request for a stored interview",
        json_schema_extra={"examples": [{"recipient": "Priya Shah", "options": EMAIL_OPTIONS}]},
    )

    recipient: Named = None
    options: OptionsIn = Field(OptionsIn(), description="How it is to be written.")


@dataclass(frozen=True, slots=True)
class OptionsQuery:
    """The same options, as far as they go into a query."""

    tone: Annotated[Tone, Query(description="By first names, or by whole ones and without contractions.")] = "warm"
    length: Annotated[Length, Query(description=LENGTH)] = "full"
    intent: Annotated[Intent | None, Query(description="The answer to an offer; `discuss`, if this is not said.")] = (
        None
    )
    until: Annotated[
        Day | None,
        Query(
            description="With `more_time`: the day by which you will have decided, none that is over when it goes out."
        ),
    ] = None
    with_feedback: Annotated[
        bool | None, Query(description="Whether the answer to a rejection asks for feedback, too.")
    ] = None
    as_of: Annotated[QueryInstant | None, Query(description="When it goes out; else when it is due.")] = None

    def options(self) -> drafts.Options:
        """As they are for any email."""
        return drafts.Options(
            tone=self.tone,
            length=self.length,
            intent=self.intent,
            until=self.until,
            with_feedback=self.with_feedback,
            as_of=self.as_of,
        )
