"""An order: all that decides what one email says, read once from the facts, the plan and the options."""

from dataclasses import dataclass
from datetime import date, datetime

from app.rules.addressing import find_recipient, find_step, find_thanked
from app.rules.checks.placeholders import holds_blank, is_blank_name
from app.rules.dossier import Dossier
from app.rules.drafts import Options
from app.rules.facts import DecisionDateStated, Interview, Interviewer, Person, SituationChanged
from app.rules.history import History, in_order
from app.rules.planner import plan
from app.rules.plans import Channel, FollowUp, Kind, Recipient
from app.rules.policy import Policy
from app.rules.windows import read_case, read_decision_date

CHANNELS: dict[Channel, frozenset[Kind]] = {
    "card": frozenset({"thank_you"}),
    "phone": frozenset({"check_in", "final_check_in"}),
}
"""What can be written on a card, and what can be said on the phone; everything can be an email."""


class Undraftable(ValueError):
    """An email that cannot be written; `path` leads to the member at fault, from the root of a stateless request."""

    def __init__(self, path: tuple[str | int, ...], detail: str) -> None:
        super().__init__(detail)
        self.path = path


@dataclass(frozen=True, slots=True)
class Order:
    """One email to be written."""

    interview: Interview
    policy: Policy
    kind: Kind
    recipient: Person
    to: Recipient
    channel: Channel
    options: Options
    as_of: datetime
    """When it goes out, at the offset of the interview's own zone."""
    day: date
    """The local date of the interview's end."""
    decision: date | None
    """The day by which the company said it decides, as it said it."""
    change: SituationChanged | None
    """What changed last on the candidate's side."""

    @property
    def position(self) -> int:
        """Where the recipient stands among the interviewers, from 0; 0 for anybody else."""
        found = (n for n, who in enumerate(self.interview.interviewers) if who is self.recipient)
        return next(found, 0)

    @property
    def was_there(self) -> bool:
        """Whether the recipient is one of the interviewers."""
        return isinstance(self.recipient, Interviewer)


def take_order(
    known: Dossier, kind: Kind, named: str | None, options: Options, now: datetime, key: str | None = None
) -> Order:
    """The order for a kind of email, or with `key` for that very step of the plan; `now` is aware.

    Raises UnknownRecipient; Undraftable for an option that does not go with the kind, or news that is not known.
    """
    _check_options(kind, options)
    interview, policy = known.interview, known.policy
    case, history = read_case(interview, policy), History(in_order(known.events))
    planned = plan(*known, now)
    thanked = find_thanked(interview, key) if key and kind == "thank_you" else None
    recipient = thanked or find_recipient(interview, kind, named)
    if key is None:
        step = find_step(planned, interview, kind, recipient, options.channel)
    else:
        step = next((step for step in planned.follow_ups if step.key == key), None)
    as_of = case.place.local(options.as_of or _due(step) or now)
    _check_names(interview, recipient, options)
    if options.until is not None and options.until < as_of.date():
        raise Undraftable(("options", "until"), "must not lie before the day on which the email goes out")
    stated = history.latest(DecisionDateStated)
    named_day = stated[1].decision_by if stated else interview.decision_by
    return Order(
        interview=interview,
        policy=policy,
        kind=kind,
        recipient=recipient,
        to=_address(interview, recipient),
        channel=options.channel or (step.channel if step else "email"),
        options=options,
        as_of=as_of,
        day=case.day,
        decision=named_day if read_decision_date(case, named_day) else None,
        change=_read_change(kind, history),
    )


def _due(step: FollowUp | None) -> datetime | None:
    return step.due_at if step else None


def _address(interview: Interview, recipient: Person) -> Recipient:
    """The contact's address serves, where it is the contact who is meant and only that one is known."""
    contact = interview.contact
    same = contact is not None and contact.name.casefold() == recipient.name.casefold()
    return Recipient(recipient.name, recipient.email or (contact.email if contact and same else None))


def _check_names(interview: Interview, recipient: Person, options: Options) -> None:
    """No blank reaches a reader: what stands in every email has to be more than one."""
    names: dict[tuple[str | int, ...], str | None] = {
        ("interview", "company"): interview.company,
        ("interview", "job_title"): interview.job_title,
        ("interview", "candidate", "name"): interview.candidate.name,
        ("recipient",): recipient.name,
    }
    for n, who in enumerate(interview.interviewers):
        names["interview", "interviewers", n, "salutation"] = who.salutation if who is recipient else None
    signature = {"phone": options.signature.phone, "links": " ".join(options.signature.links)}
    blanks = [path for path, text in names.items() if text and is_blank_name(text)]
    blanks += [("options", "signature", member) for member, text in signature.items() if text and holds_blank(text)]
    if blanks:
        raise Undraftable(blanks[0], "is still to be filled in")


def _check_options(kind: Kind, options: Options) -> None:
    if options.intent is not None and kind != "offer_reply":
        raise Undraftable(("options", "intent"), "is for an offer_reply only")
    if options.until is not None and options.intent != "more_time":
        raise Undraftable(("options", "until"), "goes with the intent more_time only")
    if options.with_feedback is not None and kind != "rejection_reply":
        raise Undraftable(("options", "with_feedback"), "is for a rejection_reply only")
    channel = options.channel
    if channel in CHANNELS and kind not in CHANNELS[channel]:
        raise Undraftable(("options", "channel"), f"{channel} is for {' and '.join(sorted(CHANNELS[channel]))} only")


def _read_change(kind: Kind, history: History) -> SituationChanged | None:
    if kind != "situation_update":
        return None
    changed = history.latest(SituationChanged)
    if changed is None:
        raise Undraftable(("events",), "must hold a situation_changed: the sentence that tells the news needs it")
    return changed[1]
