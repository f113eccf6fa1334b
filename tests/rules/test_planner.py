"""Every situation of `cases/` gives the plan that stands beside it."""

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from app.rules.facts import Event, Interview
from app.rules.planner import plan
from app.rules.plans import FollowUp
from app.rules.policy import BUILT_IN, load_policies

CASES = sorted((Path(__file__).parent / "cases").glob("*.toml"))
POLICIES = load_policies()
EVENTS = TypeAdapter(list[Event])


def read_case(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def as_expected(step: FollowUp) -> dict[str, Any]:
    """A follow-up in the members of a case file, without those that a case leaves out."""
    row = {
        "key": step.key,
        "kind": step.kind,
        "channel": step.channel,
        "recipient": step.recipient.name if step.recipient else None,
        "opens_at": step.opens_at.isoformat(),
        "due_at": step.due_at.isoformat(),
        "closes_at": step.closes_at.isoformat(),
        "rules": [rule.id for rule in step.rules],
        "state": step.state,
        "cancelled_because": step.cancelled_because,
        "inherited": step.inherited or None,
    }
    return {name: value for name, value in row.items() if value is not None}


def in_text(value: Any) -> Any:
    """Instants as text, so that an offset counts as well as the instant."""
    return value.isoformat() if isinstance(value, datetime) else value


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_situation_gives_its_plan(path: Path) -> None:
    case = read_case(path)
    interview = Interview.model_validate(case["interview"])
    events = EVENTS.validate_python(case.get("events", []))
    found = plan(interview, events, POLICIES[interview.policy], datetime.fromisoformat(case["as_of"]))
    expected = [{name: in_text(value) for name, value in row.items()} for row in case.get("follow_ups", [])]
    assert [as_expected(step) for step in found.follow_ups] == expected
    assert in_text(found.next_due_at) == in_text(case.get("next_due_at"))
    assert [advice.rule for advice in found.advice] == case["advice"]


def test_there_are_at_least_eighty_situations_and_every_policy_has_some() -> None:
    policies = {read_case(path)["interview"].get("policy", "balanced") for path in CASES}
    assert len(CASES) >= 80
    assert policies >= set(BUILT_IN)
