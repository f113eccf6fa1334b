"""An interview at Northwind on Friday 20 November 2026 and what follows: where the tests of the rules begin."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from app.rules.facts import Event, Interview
from app.rules.planner import plan
from app.rules.plans import FollowUp, Plan
from app.rules.policy import Policy, load_policies
from app.rules.windows import Case, read_case

POLICIES = load_policies()
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
ADA = {"name": "Ada Park", "email": "ada@northwind.example", "role": "hiring_manager"}
BEN = {"name": "Ben Ito", "email": "ben@northwind.example", "role": "recruiter"}
CLEO = {"name": "Cleo Roy", "email": "cleo@northwind.example", "role": "peer"}
NORTHWIND: dict[str, Any] = {
    "candidate": {"name": "Robin Vale", "email": "robin@example.org"},
    "company": "Northwind",
    "job_title": "Data Engineer",
    "stage": "first_round",
    "starts_at": "2026-11-20T15:00:00-05:00",
    "ends_at": "2026-11-20T16:00:00-05:00",
    "timezone": "America/New_York",
    "country": "US",
    "subdivision": "NY",
    "interviewers": [ADA],
}
LATER = "2027-06-01T12:00:00Z"


def interview(**changes: Any) -> Interview:
    """The interview at Northwind, but for what is said otherwise."""
    return Interview.model_validate(NORTHWIND | changes)


def case(policy: str | Policy = "balanced", **changes: Any) -> Case:
    """That interview under a policy."""
    return read_case(interview(**changes), POLICIES[policy] if isinstance(policy, str) else policy)


def happened(what: str, at: str, **members: Any) -> Event:
    """An event."""
    return EVENT.validate_python({"type": what, "occurred_at": at, **members})


def make_plan(
    *events: Event, as_of: str = "2026-11-20T16:00:00-05:00", policy: str | Policy = "balanced", **changes: Any
) -> Plan:
    """The plan of that interview, as of its end if nothing else is said."""
    rules = POLICIES[policy] if isinstance(policy, str) else policy
    return plan(interview(**changes), events, rules, datetime.fromisoformat(as_of))


def keys(found: Plan) -> list[str]:
    """What a plan holds, in its order."""
    return [step.key for step in found.follow_ups]


def step(found: Plan, key: str) -> FollowUp:
    """The follow-up with a key."""
    return next(step for step in found.follow_ups if step.key == key)


def window(step: FollowUp) -> tuple[str, str, str]:
    """When a follow-up opens, is due and closes, as text, so that the offsets count as well."""
    return step.opens_at.isoformat(), step.due_at.isoformat(), step.closes_at.isoformat()


def advised(found: Plan) -> Sequence[str]:
    """The rules of a plan's advice, without their family."""
    return [advice.rule.removeprefix("advice.") for advice in found.advice]
