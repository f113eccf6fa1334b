"""Generated situations: an interview anywhere, whatever happened since, under a policy, seen at some instant."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import chain, product
from typing import Any, NamedTuple

from hypothesis import strategies as st

from app.rules.clauses import Limit
from app.rules.facts import Event, Interview
from app.rules.planner import plan
from app.rules.plans import Plan
from app.rules.policy import Policy
from tests.rules.situations import EVENT, POLICIES


class Somewhere(NamedTuple):
    """A place, and a day near which its clock, its calendar or its year does something odd."""

    timezone: str
    country: str | None
    subdivision: str | None
    day: date


PLACES = (
    Somewhere("America/New_York", "US", "NY", date(2026, 11, 20)),  # before Thanksgiving
    Somewhere("America/New_York", "US", None, date(2026, 3, 8)),
    Somewhere("America/New_York", "US", "NY", date(2027, 12, 24)),  # New Year is observed in the year before
    Somewhere("America/St_Johns", "CA", "NL", date(2026, 11, 1)),
    Somewhere("America/Sao_Paulo", "BR", "SP", date(2018, 11, 4)),  # without a midnight
    Somewhere("America/Argentina/Buenos_Aires", "AR", None, date(2026, 12, 31)),
    Somewhere("Europe/Berlin", "DE", "BY", date(2026, 3, 29)),
    Somewhere("Europe/Dublin", "IE", None, date(2026, 10, 25)),
    Somewhere("Africa/Cairo", "EG", None, date(2026, 4, 24)),  # without a midnight; Friday and Saturday off
    Somewhere("Africa/Casablanca", "MA", None, date(2026, 2, 15)),
    Somewhere("Asia/Jerusalem", "IL", None, date(2026, 3, 27)),
    Somewhere("Asia/Tehran", "IR", None, date(2026, 3, 20)),
    Somewhere("Asia/Kathmandu", "NP", None, date(2028, 2, 29)),
    Somewhere("Asia/Tokyo", "JP", None, date(2026, 5, 1)),  # before a week of holidays
    Somewhere("Australia/Lord_Howe", "AU", "NSW", date(2026, 4, 5)),  # half an hour
    Somewhere("Australia/Lord_Howe", "AU", "NSW", date(2026, 10, 4)),
    Somewhere("Antarctica/Troll", None, None, date(2026, 3, 29)),  # two hours
    Somewhere("Pacific/Apia", None, None, date(2011, 12, 29)),  # without a Friday
    Somewhere("Pacific/Kiritimati", None, None, date(1994, 12, 30)),  # without a Saturday
    Somewhere("UTC", None, None, date(2028, 2, 28)),
)
LIMITS = [Limit(rule="limit.messages", messages=messages) for messages in (1, 2)]
RULE_SETS = [
    *POLICIES.values(),
    *(policy.model_copy(update={"limit": limit}) for policy, limit in product(POLICIES.values(), LIMITS)),
]
"""The six policies, and each with a limit that is easier to reach."""

COMPANIES = ("Northwind", "Acme Inc.", "{curly} %s", "Æther & Söhne")
NAMES = ("Ada Park", "Ada Park", "ada park", "Ben Ito", "Ben 2", "李小龙", "Zoë Müller", "card")
ROLES = ("recruiter", "hiring_manager", "peer", "executive", "other")
PEOPLE = [
    {"name": name, "role": role, "email": email, "postal_address": address}
    for name, role, email, address in product(NAMES, ROLES, (None, "them@northwind.example"), (None, "1 Main Street"))
]
DAYS = {"decision_date_stated": "decision_by", "offer_received": "respond_by", "situation_changed": "respond_by"}
SETTLING = ("follow_up_sent", "follow_up_skipped")
KEYED = (*SETTLING, "follow_up_snoozed")
TYPES = (
    *KEYED,
    "follow_up_sent",  # twice: what was sent matters most
    "reply_received",
    "decision_date_stated",
    "decision_date_stated",
    "instruction_given",
    "next_round_scheduled",
    "offer_received",
    "rejected",
    "situation_changed",
    "interview_cancelled",
    "withdrawn",
)
OFFSETS = (UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-10)))
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


@dataclass(frozen=True)
class Situation:
    """The arguments of a plan."""

    interview: Interview
    events: tuple[Event, ...]
    policy: Policy
    as_of: datetime

    def plan(self) -> Plan:
        """What the rules make of it."""
        return plan(self.interview, self.events, self.policy, self.as_of)

    def told(self, *events: Event) -> "Situation":
        """The same with more events."""
        return replace(self, events=(*self.events, *events))

    def at(self, as_of: datetime) -> "Situation":
        """The same at another instant."""
        return replace(self, as_of=as_of)

    @property
    def last(self) -> datetime:
        """The instant from which all events have happened."""
        return max((event.occurred_at for event in self.events), default=self.interview.starts_at)


def days_near(day: date) -> st.SearchStrategy[date]:
    """Dates around a date, most of them soon after it."""
    return st.one_of(st.integers(-1, 3), st.integers(-5, 40)).map(lambda days: day + timedelta(days=days))


def instants_near(found: Plan) -> st.SearchStrategy[datetime]:
    """Instants around a plan, told anywhere: any, and those at which something in it changes."""
    edges = sorted({*chain.from_iterable((step.opens_at, step.due_at, step.closes_at) for step in found.follow_ups)})
    anywhere = st.integers(-3 * 24 * 60, 60 * 24 * 60).map(lambda minutes: edges[0] + minutes * MINUTE)
    at_an_edge = st.builds(
        lambda edge, apart: edge + apart, st.sampled_from(edges), st.sampled_from([-SECOND, 0 * SECOND, SECOND])
    )
    return st.builds(datetime.astimezone, st.one_of(anywhere, at_an_edge), st.sampled_from(OFFSETS))


@st.composite
def interviews(draw: st.DrawFn) -> Interview:
    """An interview anywhere, within ten days of an odd one."""
    where = draw(st.sampled_from(PLACES))
    start = datetime.combine(where.day, datetime.min.time(), UTC)
    start += draw(st.integers(-24 * 12, 24 * 12) | st.integers(-10 * 24 * 12, 0)) * 5 * MINUTE
    lasts = draw(st.none() | st.sampled_from([0, 1, 45, 60, 90, 480]))
    return Interview.model_validate(
        {
            "candidate": {"name": "Robin Vale"},
            "company": draw(st.sampled_from(COMPANIES)),
            "job_title": "Data Engineer",
            "stage": draw(st.sampled_from(["phone_screen", "first_round", "panel", "final_round"])),
            "starts_at": start,
            "ends_at": None if lasts is None else start + lasts * MINUTE,
            "timezone": where.timezone,
            "country": where.country,
            "subdivision": where.subdivision,
            "decision_by": draw(st.none() | days_near(start.date())),
            "interviewers": draw(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=6)),
            "contact": draw(st.none() | st.just({"name": "Dana Fox", "email": None})),
        }
    )


@st.composite
def events(draw: st.DrawFn, found: Plan, earliest: datetime | None = None) -> Event:
    """Something that happens around a plan, from an instant on; what it names by key stands in that plan."""
    at = draw(instants_near(found))
    at = at if earliest is None else max(at, earliest)
    what = draw(st.sampled_from(TYPES))
    members: dict[str, Any] = {"type": what, "occurred_at": at}
    if what in KEYED:
        step = draw(st.sampled_from(found.follow_ups))
        members["key"] = step.key
        if what == "follow_up_snoozed":
            members["until"] = draw(st.sampled_from([step.opens_at, step.closes_at, step.due_at + 3 * 60 * MINUTE]))
    elif what in DAYS:
        stated = days_near(at.date())
        members[DAYS[what]] = draw(stated if what == "decision_date_stated" else st.none() | stated)
    elif what == "reply_received":
        members["acknowledgement"] = draw(st.booleans())
    elif what == "rejected":
        members["went_well"] = draw(st.booleans())
    elif what == "instruction_given":
        members["not_before"] = draw(st.one_of(st.none(), instants_near(found), instants_near(found)))
        members["no_contact"] = draw(st.booleans())
        members["channel"] = draw(st.sampled_from([None, "email", "phone"]))
    if what == "situation_changed":
        members["change"] = draw(st.sampled_from(["competing_offer", "publication", "patent", "other"]))
    return EVENT.validate_python(members)


@st.composite
def situations(draw: st.DrawFn, most: int = 7) -> Situation:
    """An interview with up to so many events, each told by somebody who sees the plan that the others made."""
    interview = draw(interviews())
    situation = Situation(interview, (), draw(st.sampled_from(RULE_SETS)), interview.starts_at)
    for _ in range(draw(st.integers(0, most))):
        situation = situation.told(draw(events(situation.plan())))
    return situation.at(draw(instants_near(situation.plan())))


def keep_ties(events: Sequence[Event], order: Sequence[int]) -> list[Event]:
    """Events in another order, but for those of one instant, whose order counts."""
    turns: dict[datetime, list[int]] = {}
    for position, event in enumerate(events):
        turns.setdefault(event.occurred_at, []).append(position)
    return [events[turns[events[position].occurred_at].pop(0)] for position in order]
