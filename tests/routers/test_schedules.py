import cProfile
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response
from pydantic import TypeAdapter

from app.examples import AS_OF, EVENTS, INTERVIEW, SCHEDULE_REQUEST
from app.rules.planner import plan
from app.rules.plans import Plan
from app.schemas import ScheduleRequest


async def _post(client: AsyncClient, **members: Any) -> Response:
    return await client.post("/v1/schedule", json={"interview": INTERVIEW, "as_of": AS_OF, **members})


def _fault(response: Response) -> dict[str, Any]:
    assert response.status_code == 422, response.text
    errors: list[dict[str, Any]] = response.json()["errors"]
    assert len(errors) == 1
    return errors[0]


async def test_a_plan_is_what_the_planner_makes_of_the_facts(client: AsyncClient, app: FastAPI) -> None:
    response = await client.post("/v1/schedule", json=SCHEDULE_REQUEST)
    asked = ScheduleRequest.model_validate(SCHEDULE_REQUEST)
    assert asked.as_of is not None
    planned = plan(asked.interview, asked.events, app.state.policies["balanced"], asked.as_of)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert TypeAdapter(Plan).validate_json(response.content) == planned


async def test_a_plan_carries_the_offset_of_the_interview_and_nobodys_id(client: AsyncClient) -> None:
    planned = (await _post(client, as_of="2026-11-24T14:00:00Z")).json()
    assert planned["as_of"] == AS_OF
    assert all(step["id"] is None for step in planned["follow_ups"])
    assert all(step["due_at"].endswith("-05:00") for step in planned["follow_ups"])


async def test_events_change_the_plan(client: AsyncClient) -> None:
    before = (await _post(client)).json()["follow_ups"]
    after = (await _post(client, events=EVENTS)).json()["follow_ups"]
    assert {step["key"]: step["state"] for step in after}["thank_you/priya-shah"] == "sent"
    assert before != after


async def test_without_a_moment_the_present_one_counts(client: AsyncClient) -> None:
    start = datetime.now(UTC)
    response = await client.post("/v1/schedule", json={"interview": INTERVIEW})
    assert start <= datetime.fromisoformat(response.json()["as_of"]) <= datetime.now(UTC)


async def test_every_policy_that_is_known_can_be_asked_for(client: AsyncClient, app: FastAPI) -> None:
    for name in app.state.policies:
        assert (await _post(client, interview={**INTERVIEW, "policy": name})).json()["policy"] == name


async def test_an_unknown_policy_learns_the_known_ones(client: AsyncClient) -> None:
    fault = _fault(await _post(client, interview={**INTERVIEW, "policy": "bold"}))
    assert fault["pointer"] == "/interview/policy"
    assert fault["detail"].startswith("must be one of balanced, ")


async def test_an_event_on_a_follow_up_that_never_was_is_refused(client: AsyncClient) -> None:
    unknown = {"type": "follow_up_sent", "occurred_at": "2026-11-21T09:00:00-05:00", "key": "thank_you/nobody"}
    fault = _fault(await _post(client, events=[*EVENTS, unknown]))
    assert fault["pointer"] == "/events/2/key"
    assert "thank_you/priya-shah" in fault["detail"]


@pytest.mark.parametrize("name", ["interview", "events", "as_of"])
async def test_a_member_of_the_wrong_kind_is_named(client: AsyncClient, name: str) -> None:
    assert _fault(await _post(client, **{name: "soon"}))["pointer"] == f"/{name}"


async def test_a_fault_deep_inside_is_named_with_its_whole_path(client: AsyncClient) -> None:
    interview = deepcopy(INTERVIEW)
    interview["interviewers"][1]["topics"][0] = "a" * 501
    fault = _fault(await _post(client, interview=interview))
    assert fault == {"pointer": "/interview/interviewers/1/topics/0", "detail": "must have at most 500 characters"}


async def test_nothing_is_kept_and_no_key_is_asked_for(client: AsyncClient, authorized: AsyncClient) -> None:
    assert (await _post(client)).status_code == 200
    assert (await authorized.get("/v1/interviews")).json()["data"] == []


# However the events are chosen

START = datetime.fromisoformat("2026-11-20T17:05:00-05:00")
"""After the interview, when the first thank-yous are due."""
PANEL = [{"name": f"Person {number}", "postal_address": "1 Pier Road"} for number in range(20)]
THANKED = [f"thank_you/person-{number}{card}" for number in range(20) for card in ("", "/card")]


def _one_after_another(*events: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"occurred_at": (START + timedelta(seconds=number)).isoformat()} | event for number, event in enumerate(events)
    ]


def _sent(*keys: str) -> list[dict[str, Any]]:
    return [{"type": "follow_up_sent", "key": key} for key in keys]


def _nth(kind: str, count: int) -> list[str]:
    return [kind, *(f"{kind}/{number}" for number in range(2, count + 1))]


def _put_off(*before: dict[str, Any]) -> list[dict[str, Any]]:
    """An answer that is put off again and again, until a better rejection asks for another message."""
    until = (START + timedelta(hours=1)).isoformat()
    snooze = {"type": "follow_up_snoozed", "key": "rejection_reply", "until": until}
    better = {"type": "rejected", "went_well": True}
    return _one_after_another(*before, {"type": "rejected"}, *[snooze] * (198 - len(before)), better)


OFFER = {"type": "offer_received"}
NEVER_WERE = "check-ins that never were, then an answer put off"
DEAR = {
    "a panel is thanked, then an answer put off": _put_off(*_sent(*THANKED)),
    "one thank-you repeated, then an answer put off": _put_off(*_sent(*[THANKED[0]] * 40)),
    NEVER_WERE: _put_off(*_sent(*_nth("check_in", 40))),
    "offers that were answered before they came, then an answer put off": _put_off(
        *_sent(*_nth("offer_reply", 40)), *[OFFER] * 40
    ),
    "a panel is thanked, then offers": _one_after_another(*_sent(*THANKED), *[OFFER] * 160),
    "offers that are answered at once": _one_after_another(
        *_sent(*THANKED), *(event for key in _nth("offer_reply", 80) for event in (OFFER, *_sent(key)))
    ),
    "offers that were answered before they came": _one_after_another(
        *_sent(*THANKED), *_sent(*_nth("offer_reply", 80)), *[OFFER] * 80
    ),
    "nothing but offers that were answered before they came": _one_after_another(
        *_sent(*_nth("offer_reply", 100)), *[OFFER] * 100
    ),
    "offers that were answered the last one first": _one_after_another(
        *_sent(*THANKED), *_sent(*_nth("offer_reply", 80)[::-1]), *[OFFER] * 80
    ),
    "a panel is thanked five times": _one_after_another(OFFER, *_sent(*THANKED * 5)[1:]),
    "a rejection that was answered before it came": _one_after_another(
        *_sent(*THANKED, *["feedback_request"] * 159), {"type": "rejected", "went_well": True}
    ),
}
"""Two hundred events each, which ask for as much planning as events can."""


DEAREST = 2_000_000
"""Calls of functions that one request may cost: counted, since time is no measure in a test."""


@pytest.mark.parametrize("events", DEAR.values(), ids=list(DEAR))
async def test_no_choice_of_events_makes_a_plan_dear(client: AsyncClient, events: list[dict[str, Any]]) -> None:
    assert len(events) == 200
    interview = {**INTERVIEW, "policy": "steady", "interviewers": PANEL}
    assert (await _post(client, interview=interview)).status_code == 200  # the calendars are loaded by now
    with cProfile.Profile() as profile:
        response = await _post(client, interview=interview, events=events)
    assert sum(entry.callcount for entry in profile.getstats()) < DEAREST
    assert response.status_code == (422 if events is DEAR[NEVER_WERE] else 200)
