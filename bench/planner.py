"""How long the planner takes, with its reasons, for a panel of three: the limit is 100 microseconds."""

import statistics
import time
from datetime import datetime

from pydantic import TypeAdapter

from app.rules.facts import Event, Interview
from app.rules.planner import plan
from app.rules.policy import load_policies
from bench.examples import EVENTS, INTERVIEW

LIMIT = 100.0
ROUNDS = 5000


def run() -> list[str]:
    """One row a situation: the median in microseconds, and its ratio to the limit."""
    interview = Interview.model_validate(INTERVIEW)
    events = TypeAdapter(list[Event]).validate_python(EVENTS)
    policy = load_policies()["balanced"]
    as_of = datetime.fromisoformat("2026-11-20T18:00:00-05:00")
    rows = ["| planner | median | of the limit |", "|---|---|---|"]
    for name, known in (("silence", []), (f"{len(events)} events, four of them sent", events)):
        spent = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            plan(interview, known, policy, as_of)
            spent.append((time.perf_counter() - start) * 1e6)
        median = statistics.median(spent)
        rows.append(f"| a panel of three, {name} | {median:.0f} us | {median / LIMIT:.2f} |")
    return rows
