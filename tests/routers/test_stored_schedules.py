from datetime import UTC, datetime, timedelta
from typing import Any

from httpx import AsyncClient

from app.store.db import Database
from tests.northwind import create, faults, follow_ups_of, happen, northwind, plan_of, problem, read, snapshot

END = "2065-11-20T16:00:00-05:00"


async def _stateless(client: AsyncClient, interview: dict[str, Any], events: list[Any], as_of: str) -> dict[str, Any]:
    body = {"interview": interview, "events": events, "as_of": as_of}
    response = await client.post("/v1/schedule", json=body)
    assert response.status_code == 200, response.text
    plan: dict[str, Any] = response.json()
    return plan


async def test_a_stored_plan_is_the_one_that_anybody_gets_for_the_same_facts(authorized: AsyncClient) -> None:
    for policy in ("balanced", "classic", "decision-date", "two-touch", "capstone", "steady"):
        given = northwind(policy=policy)
        stored = await create(authorized, **given)
        told: list[dict[str, Any]] = []
        for what, members in (
            ("follow_up_sent", {"key": "thank_you/priya-shah"}),
            ("decision_date_stated", {"decision_by": "2065-12-08"}),
            ("offer_received", {"respond_by": "2065-12-04"}),
        ):
            event = {"type": what, "occurred_at": "2026-01-05T10:00:00Z"} | members
            await happen(authorized, stored["id"], what, **event)
            told.append(event)
            planned = await plan_of(authorized, stored["id"], as_of=END)
            ids = [step["id"] for step in planned["follow_ups"]]
            assert all(ids)
            for step in planned["follow_ups"]:
                step["id"] = None
            assert planned == await _stateless(authorized, given, told, END)


async def test_a_plan_names_its_follow_ups_by_the_ids_under_which_they_are_found(authorized: AsyncClient) -> None:
    stored = await create(authorized)
    for step in (await plan_of(authorized, stored["id"]))["follow_ups"]:
        found = await read(authorized, f"/v1/follow-ups/{step['id']}")
        assert found == step | {"interview_id": stored["id"]}


async def test_another_instant_changes_the_states_and_nothing_that_is_kept(
    authorized: AsyncClient, database: Database
) -> None:
    stored = await create(authorized)
    before = snapshot(database)
    first = await plan_of(authorized, stored["id"])
    for as_of, states, next_due_at in (
        ("1990-01-01T00:00:00Z", ["planned", "planned", "planned"], "2065-11-20T17:00:00-05:00"),
        ("2065-11-20T17:00:00-05:00", ["due", "due", "planned"], "2065-12-02T09:00:00-05:00"),
        ("2065-11-21T16:00:00-05:00", ["missed", "missed", "planned"], "2065-12-02T09:00:00-05:00"),
        ("2065-12-02T14:00:00Z", ["missed", "missed", "due"], None),
        ("2100-12-31T23:59:59-05:00", ["missed", "missed", "missed"], None),
    ):
        then = await plan_of(authorized, stored["id"], as_of=as_of)
        assert [step["state"] for step in then["follow_ups"]] == states
        assert then["next_due_at"] == next_due_at
        assert datetime.fromisoformat(then["as_of"]) == datetime.fromisoformat(as_of)
        for name in ("policy", "timezone"):
            assert then[name] == first[name]
        for step, same in zip(then["follow_ups"], first["follow_ups"], strict=True):
            assert step | {"state": None} == same | {"state": None}
    assert snapshot(database) == before


async def test_a_plan_is_looked_at_now_if_nothing_else_is_said(authorized: AsyncClient) -> None:
    stored = await create(authorized)
    as_of = (await plan_of(authorized, stored["id"]))["as_of"]
    assert abs(datetime.fromisoformat(as_of) - datetime.now(UTC)) < timedelta(minutes=1)
    assert as_of[-6:] in {"-05:00", "-04:00"}


async def test_an_instant_that_cannot_be_names_the_parameter(authorized: AsyncClient) -> None:
    stored = await create(authorized)
    path = f"/v1/interviews/{stored['id']}/schedule"
    for as_of in (
        "",
        "now",
        "0",
        "1764331200",
        "2065-11-20",
        "2065-11-20T15:00:00",
        "2065-13-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "2065-11-20T15:00:00 America/New_York",
    ):
        assert faults(await authorized.get(path, params={"as_of": as_of}), "parameter") == ["as_of"]


async def test_an_offset_whose_plus_nobody_escaped_is_understood(authorized: AsyncClient) -> None:
    stored = await create(authorized)
    response = await authorized.get(f"/v1/interviews/{stored['id']}/schedule?as_of=2065-12-02T15:00:00+01:00")
    assert response.json()["as_of"] == "2065-12-02T09:00:00-05:00"


async def test_the_plan_of_an_interview_that_is_not_there_is_not_found(authorized: AsyncClient) -> None:
    for interview_id in ("int_" + "0" * 32, "x", "fu_" + "0" * 32):
        problem(await authorized.get(f"/v1/interviews/{interview_id}/schedule"), 404)


async def test_every_rule_that_a_plan_cites_can_be_looked_up(authorized: AsyncClient) -> None:
    stored = await create(authorized)
    await happen(authorized, stored["id"], "situation_changed", change="publication")
    planned = await plan_of(authorized, stored["id"], as_of=END)
    cited = [rule for step in planned["follow_ups"] for rule in step["rules"]]
    assert cited
    assert planned["advice"]
    for rule in cited:
        assert rule.items() <= (await read(authorized, f"/v1/rules/{rule['id']}")).items()
    for advice in planned["advice"]:
        assert (await read(authorized, f"/v1/rules/{advice['rule']}"))["id"] == advice["rule"]


async def test_ids_stay_the_same_through_everything_that_happens(authorized: AsyncClient) -> None:
    stored = await create(authorized)
    ids = {key: each["id"] for key, each in (await follow_ups_of(authorized, stored["id"])).items()}
    for what, members in (
        ("reply_received", {"acknowledgement": True}),
        ("decision_date_stated", {"decision_by": "2065-12-03"}),
        ("instruction_given", {"not_before": "2065-12-20T00:00:00-05:00", "channel": "phone"}),
        ("situation_changed", {"change": "other"}),
        ("reply_received", {}),
        ("offer_received", {}),
        ("rejected", {}),
        ("withdrawn", {}),
    ):
        await happen(authorized, stored["id"], what, **members)
        now = {key: each["id"] for key, each in (await follow_ups_of(authorized, stored["id"])).items()}
        assert ids.items() <= now.items()
        ids |= now
