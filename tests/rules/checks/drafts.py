"""Drafts after the interview at Northwind: where the tests of the checks begin."""

from typing import Any

from app.rules.checks import check
from app.rules.drafts import Draft, Finding
from app.rules.facts import Person
from app.rules.plans import Kind
from tests.rules.situations import ADA, BEN, interview

TOPICS = ["moving the nightly batch to streaming", "the on-call rota"]
GOOD = (
    "Hi Ada,\n\n"
    "Thank you for talking me through moving the nightly batch to streaming this morning. Replaying the old files on"
    " the new path first had not occurred to me, and I went home wanting to try it. At the river authority I ran a"
    " small Kafka cluster, so late events are old friends. The on-call rota that you drew on the board looked fair. I"
    " would be glad to take my turn in it. I look forward to what comes next.\n\n"
    "Best,\nRobin"
)


def northwind(**changes: Any) -> Any:
    """The interview, with what was talked about and a second interviewer."""
    return interview(**{"interviewers": [ADA | {"topics": TOPICS}, BEN]} | changes)


def find(text: str, kind: Kind = "thank_you", **around: Any) -> list[Finding]:
    """What there is to find in a draft."""
    return list(check(Draft(kind=kind, text=text, **around)))


def find_known(text: str, kind: Kind = "thank_you", told: Any = None, **around: Any) -> list[Finding]:
    """What there is to find in a draft to Ada after that interview, or another one that is told."""
    known = told or northwind()
    return find(text, kind, **{"interview": known, "recipient": known.interviewers[0]} | around)


def pick(rule: str, found: list[Finding]) -> list[str | None]:
    """Where one rule found something; None for the draft as a whole."""
    return [one.span.text if one.span else None for one in found if one.rule == f"lint.{rule}"]


def somebody(name: str) -> Person:
    """Somebody of whom only the name is known."""
    return Person(name=name)
