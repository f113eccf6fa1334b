from collections.abc import Sequence
from typing import Any

import pytest

from app.errors import Problem
from app.examples import EVENTS, INTERVIEW
from app.routers.dossiers import read_told
from app.rules.dossier import Dossier
from app.rules.policy import load_policies
from app.schemas import ScheduleRequest

POLICIES = load_policies()


def _told(events: Sequence[dict[str, Any]] = (), **changes: Any) -> ScheduleRequest:
    return ScheduleRequest.model_validate({"interview": INTERVIEW | changes, "events": events})


def _read(asked: ScheduleRequest) -> Dossier:
    return read_told(asked.interview, asked.events, POLICIES)


def _sent(key: str, at: str = "2026-11-21T09:10:00-05:00") -> dict[str, Any]:
    return {"type": "follow_up_sent", "occurred_at": at, "key": key}


def test_what_is_told_is_known_under_the_policy_that_it_names() -> None:
    asked = _told(EVENTS, policy="capstone")
    assert _read(asked) == (asked.interview, asked.events, POLICIES["capstone"])


def test_a_policy_that_is_not_loaded_is_told_those_that_are() -> None:
    with pytest.raises(Problem) as refused:
        _read(_told(policy="bold"))
    (fault,) = refused.value.faults
    assert (fault.pointer, fault.detail) == ("/interview/policy", f"must be one of {', '.join(POLICIES)}")


@pytest.mark.parametrize("what", ["follow_up_sent", "follow_up_skipped", "follow_up_snoozed"])
def test_a_follow_up_that_there_never_was_is_told_those_that_there_are(what: str) -> None:
    mistyped = _sent("thank_you/pria-shah") | {"type": what}
    if what == "follow_up_snoozed":
        mistyped["until"] = "2026-11-21T10:00:00-05:00"
    with pytest.raises(Problem) as refused:
        _read(_told([*EVENTS, mistyped]))
    (fault,) = refused.value.faults
    assert fault.pointer == "/events/2/key"
    assert fault.detail.endswith(": check_in, thank_you/lee-wong, thank_you/priya-shah, thank_you/tom-berg")


def test_a_follow_up_that_there_was_once_may_still_be_named() -> None:
    rejected = {"type": "rejected", "occurred_at": "2026-11-24T09:00:00-05:00"}
    better = {"type": "rejected", "occurred_at": "2026-11-26T09:00:00-05:00", "went_well": True}
    put_off = _sent("rejection_reply", "2026-11-25T09:00:00-05:00") | {
        "type": "follow_up_snoozed",
        "until": "2026-11-26T10:00:00-05:00",
    }
    asked = _told([rejected, put_off, better])
    assert _read(asked).events == asked.events
