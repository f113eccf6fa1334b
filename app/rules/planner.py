"""plan(interview, events, policy, as_of): the one place where facts become a plan (section 8 of the rules)."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple, get_args

from app.rules import reasons
from app.rules.advice import advise
from app.rules.cancelling import cancel
from app.rules.catalogue import RULES
from app.rules.facts import Event, FollowUpSent, FollowUpSkipped, Interview
from app.rules.history import History, in_order
from app.rules.outline import outline, outline_kind
from app.rules.plans import Channel, FollowUp, Kind, Plan, Rule, State, read_state
from app.rules.policy import Policy
from app.rules.steps import Kept, Settled, Step, choose_contact
from app.rules.windows import Case, Window, read_case, thank_you_window


class Arrangement(NamedTuple):
    """What a plan is made of: the steps in the order of `due_at`, as they stand `now`."""

    case: Case
    history: History
    steps: list[Step]
    now: datetime

    def follow_ups(self) -> tuple[FollowUp, ...]:
        """The steps as a plan shows them."""
        return tuple(_follow_up(self.case, step) for step in self.steps)


def plan(interview: Interview, events: Sequence[Event], policy: Policy, as_of: datetime) -> Plan:
    """Every follow-up of an interview, in the order of `due_at`, and the advice that applies at `as_of`.

    All events count, whenever they happened; `as_of` sets the states. Nothing but the arguments is read.
    """
    arrangement = arrange(interview, events, policy, as_of)
    follow_ups = arrangement.follow_ups()
    return Plan(
        policy=policy.name,
        as_of=arrangement.now,
        timezone=interview.timezone,
        next_due_at=next((step.due_at for step in follow_ups if step.state == "planned"), None),
        follow_ups=follow_ups,
        advice=advise(*arrangement),
    )


def arrange(interview: Interview, events: Sequence[Event], policy: Policy, as_of: datetime) -> Arrangement:
    """The steps of a plan, for whoever needs no advice: it is a fifth of the work."""
    case = read_case(interview, policy)
    ordered = in_order(events)
    history = History(ordered)
    steps = outline(case, history, settle(case, ordered))
    cancel(case, history, steps)
    now = case.place.local(as_of)
    arranged = sorted(steps.values(), key=lambda step: (step.window.due_at, step.kind))
    for step in arranged:
        step.state = _state(step, now)
    return Arrangement(case, history, arranged, now)


def settle(case: Case, ordered: Sequence[Event]) -> dict[str, Step]:
    """What was sent or skipped, each step with the window that it had by the events known then."""
    kept: dict[str, Step] = {}
    settling = [(n, event) for n, event in enumerate(ordered) if isinstance(event, FollowUpSent | FollowUpSkipped)]
    # A second offer's reply may be recorded with an earlier time than the first one's: the keys tell which is which.
    for position, event in sorted(settling, key=lambda settled: _number_of(settled[1].key)):
        if event.key not in kept:
            step = _find_asked(event.key, position, case, ordered, kept) or _unplanned(case, event)
            step.settled = Settled("sent" if isinstance(event, FollowUpSent) else "skipped", max(position, step.born))
            kept[event.key] = step
    return kept


def _find_asked(key: str, position: int, case: Case, ordered: Sequence[Event], kept: Kept) -> Step | None:
    """The step as it was asked for by then; one recorded too early, as it was first asked for afterwards."""
    kind = _kind_of(key)
    step = outline_kind(kind, case, History(ordered[:position]), kept).get(key)
    if step is None and key in outline_kind(kind, case, History(ordered), kept):
        news = (
            n for n in range(position + 1, len(ordered)) if not isinstance(ordered[n], FollowUpSent | FollowUpSkipped)
        )
        later = (History(ordered[: n + 1]) for n in news)
        step = next(step for history in later if (step := outline_kind(kind, case, history, kept).get(key)))
    return step


def _kind_of(key: str) -> Kind:
    return next(kind for kind in get_args(Kind) if kind == key.partition("/")[0])


def _number_of(key: str) -> int:
    tail = key.rpartition("/")[2]
    return int(tail) if tail.isdigit() else 1


def _unplanned(case: Case, event: FollowUpSent | FollowUpSkipped) -> Step:
    """A settled step that the facts no longer ask for; whom a thank-you went to is not known any more."""
    at, kind = case.place.local(event.occurred_at), _kind_of(event.key)
    window = thank_you_window(case, None) if kind == "thank_you" else Window(at, at, at)
    recipient = None if kind == "thank_you" else choose_contact(case.interview)
    why = reasons.unplanned(sent=isinstance(event, FollowUpSent))
    channel: Channel = "card" if event.key.endswith("/card") else "email"
    return Step(event.key, kind, window, why, (), channel=channel, recipient=recipient)


def _follow_up(case: Case, step: Step) -> FollowUp:
    cancelled = step.cancelled_because
    return FollowUp(
        id=None,
        key=step.key,
        kind=step.kind,
        channel=step.channel,
        recipient=step.recipient,
        opens_at=step.window.opens_at,
        due_at=step.window.due_at,
        closes_at=step.window.closes_at,
        state=step.state,
        cancelled_because=cancelled,
        inherited=step.inherited,
        why=reasons.cancelled(case, cancelled) if cancelled else step.why,
        rules=_cite(step.rules),
    )


def _state(step: Step, now: datetime) -> State:
    if step.settled:
        return step.settled.state
    return "cancelled" if step.cancelled_because else read_state(step.window.due_at, step.window.closes_at, now)


@cache
def _cite(rules: tuple[str, ...]) -> tuple[Rule, ...]:
    return tuple(RULES[rule] for rule in rules)
