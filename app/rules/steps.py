"""A follow-up in the making, and what every one of them shares: whom it goes to, by which channel, and its snoozes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from app.rules import reasons
from app.rules.facts import FollowUpSnoozed, InstructionGiven, Interview, Person
from app.rules.history import History
from app.rules.plans import Channel, Kind, Reason, Recipient, State
from app.rules.windows import Case, Window

CHECK_INS: frozenset[Kind] = frozenset({"check_in", "final_check_in"})
REJECTION_REPLIES: frozenset[Kind] = frozenset({"rejection_reply", "feedback_request"})


@dataclass(slots=True)
class Settled:
    """How a step ended, and at which position of the history."""

    state: Literal["sent", "skipped"]
    position: int


@dataclass(slots=True)
class Step:
    """One follow-up in the making; `born` is the position of the event that asked for it, -1 for the interview."""

    key: str
    kind: Kind
    window: Window
    why: str
    rules: tuple[str, ...]
    inherited: bool = False
    born: int = -1
    channel: Channel = "email"
    recipient: Recipient | None = None
    settled: Settled | None = None
    cancelled_because: Reason | None = None
    state: State = "planned"


Kept = Mapping[str, Step]
"""The steps that were sent or skipped so far, by key, each as it was then."""


class Known(NamedTuple):
    """All that is known at one point of the history."""

    case: Case
    history: History
    kept: Kept
    instruction: InstructionGiven | None

    @property
    def not_before(self) -> datetime | None:
        """The instant before which the company wants to hear nothing."""
        return self.instruction.not_before if self.instruction else None


def address_contact(known: Known, step: Step) -> Step:
    """Anything but a thank-you goes to one person; a check-in by the channel that the company asked for."""
    told = known.instruction.channel if known.instruction and step.kind in CHECK_INS else None
    step.channel = told or "email"
    step.recipient = choose_contact(known.case.interview)
    step.rules += ("recipient.check_in", "limit.instructions" if told else "channel.email_first")
    return finish(known, step)


def finish(known: Known, step: Step) -> Step:
    """Cite what else shaped a step, and put it off where a snooze fits its window; one that does not does nothing."""
    if step.window.held and "limit.instructions" not in step.rules:
        step.rules += ("limit.instructions",)
    if step.channel == "email" and step.recipient and not step.recipient.email:
        step.rules += ("recipient.no_email",)
    for _, event in known.history.each(FollowUpSnoozed):
        if event.key == step.key and step.window.opens_at <= event.until <= step.window.closes_at:
            step.window = step.window._replace(due_at=known.case.place.local(event.until))
            step.why = reasons.snoozed(known.case, step.window)
    return step


def choose_contact(interview: Interview) -> Recipient:
    """Who hears everything but a thank-you (`recipient.check_in`)."""
    if interview.contact is not None:
        return address(interview.contact)
    for role in ("hiring_manager", "recruiter"):
        for interviewer in interview.interviewers:
            if interviewer.role == role:
                return address(interviewer)
    return address(interview.interviewers[0])


def address(person: Person) -> Recipient:
    """A person as the recipient of a follow-up."""
    return Recipient(person.name, person.email)


def next_key(kept: Kept, kind: Kind) -> tuple[str, int]:
    """The key of the next step of a kind, and the position at which the last one was settled, else -1."""
    settled = [step.settled.position for step in kept.values() if step.kind == kind and step.settled]
    return (f"{kind}/{len(settled) + 1}", max(settled)) if settled else (kind, -1)
