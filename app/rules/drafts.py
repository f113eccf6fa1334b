"""What is written: an email with all its parts, a draft of somebody's, and what there is to find in it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal

from pydantic import ConfigDict, StrictBool

from app.rules.facts import Day, Fact, Instant, Interview, Person
from app.rules.plans import DESCRIBED, Channel, Kind, Recipient

Tone = Literal["warm", "formal"]
Length = Literal["short", "full"]
Intent = Literal["accept", "decline", "more_time", "discuss"]
Severity = Literal["error", "warning", "hint"]
Verdict = Literal["ready", "improve", "stop"]


class Signature(Fact):
    """What stands below the candidate's name."""

    phone: str | None = None
    links: tuple[str, ...] = ()


class Options(Fact):
    """How an email is to be written; what is left out is chosen by the plan or by the kind."""

    tone: Tone = "warm"
    length: Length = "full"
    channel: Channel | None = None
    intent: Intent | None = None
    until: Day | None = None
    with_feedback: StrictBool | None = None
    signature: Signature = Signature()
    as_of: Instant | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text, in Unicode code points: `text == draft[start:end]`."""

    __pydantic_config__: ClassVar[ConfigDict] = DESCRIBED

    start: int
    """The first code point."""
    end: int
    """One past the last."""
    text: str
    """What stands there."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a draft that had better be looked at, said as a friendly editor would."""

    __pydantic_config__: ClassVar[ConfigDict] = DESCRIBED

    rule: str
    """The id of the rule of the catalogue."""
    severity: Severity
    """An error is not to be sent; a warning weakens the draft; a hint is worth a thought."""
    message: str
    """What is odd, why it matters to this reader, and what to do instead."""
    span: Span | None
    """Where; null where it is about the draft as a whole, or about its subject."""
    suggestion: str | None
    """What to put there, ready to paste; null where only the writer can know."""
    sources: tuple[str, ...]
    """The articles that ask for it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a message would stand among the others if it went out at `as_of`."""

    as_of: datetime
    opens_at: datetime | None
    """When its window opens; None where nothing of the kind is planned for this recipient."""
    messages: int
    """How many messages would then be unanswered, this one included; 0 for a kind that does not count."""
    limit: int
    """How many the policy allows."""
    instructed: bool = False
    """Whether the plan has cancelled it because the company asked not to be written to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message as somebody would send it, and what is known around it. Only the kind and the text are sure."""

    kind: Kind
    text: str
    subject: str | None = None
    channel: Channel = "email"
    length: Length = "full"
    recipient: Person | None = None
    interview: Interview | None = None
    standing: Standing | None = None
    other_drafts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Element:
    """One thing that an email says, and the rule that asks for it."""

    __pydantic_config__: ClassVar[ConfigDict] = DESCRIBED

    rule: str
    """The id of the rule of the catalogue."""
    text: str
    """The sentence, or sentences, as they stand in the text."""


@dataclass(frozen=True, slots=True)
class Omission:
    """A sentence that was left out whole, and what would bring it back."""

    __pydantic_config__: ClassVar[ConfigDict] = DESCRIBED

    rule: str
    """The id of the rule that would have asked for it."""
    needs: tuple[str, ...]
    """The facts that it needs, such as `notes.fit`."""
    because: Literal["missing", "too_long", "told_to_another"]
    """Missing; known, but there is no room for it here; or said to another member of the panel."""


@dataclass(frozen=True, slots=True)
class Email:
    """An email that is ready to be read, edited and sent."""

    __pydantic_config__: ClassVar[ConfigDict] = DESCRIBED

    kind: Kind
    """What it is."""
    channel: Channel
    """How it is to be sent: for a card, the text is what to write on it; for the phone, what to say."""
    to: tuple[Recipient, ...]
    """Whom it goes to: one person."""
    as_of: datetime
    """When it goes out: what "today" and "yesterday" are told from, at the offset of the interview's zone."""
    subject: str
    """The subject line."""
    text: str
    """The whole text, from the greeting to the signature, its lines ended by \\n."""
    html: str
    """The same as a page of its own."""
    mailto: str | None
    """The same as a link that opens it in a mail program; null for a card and for a call."""
    sentences: int
    """How many sentences the body has, greeting and signature left aside."""
    paragraphs: int
    """How many paragraphs the body has."""
    elements: tuple[Element, ...]
    """What it says, in order."""
    omitted: tuple[Omission, ...]
    """What it would have said, had it known."""
    findings: tuple[Finding, ...] = field(default=())
    """What the check of drafts says about it."""
