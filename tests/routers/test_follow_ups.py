import asyncio
from datetime import datetime, timedelta
from typing import Any, get_args

from httpx import AsyncClient

from app.rules.plans import Kind, State
from app.store.db import Database
from tests.northwind import (
    create,
    create_given,
    ended,
    faults,
    follow_ups_of,
    happen,
    patch,
    problem,
    read,
    rows,
    snapshot,
    soon,
    walk,
)

FOLLOW_UPS = "/v1/follow-ups"


async def _one(client: AsyncClient, key: str = "check_in", **changes: Any) -> dict[str, Any]:
    stored = await create(client, **changes)
    return (await follow_ups_of(client, stored["id"]))[key]


# Reading


async def test_a_follow_up_is_read_as_it_is_listed(authorized: AsyncClient) -> None:
    stored = await create(authorized)
    listed = (await read(authorized, FOLLOW_UPS))["data"]
    assert [each["key"] for each in listed] == ["thank_you/priya-shah", "thank_you/tom-berg", "check_in"]
    for each in listed:
        assert each["interview_id"] == stored["id"]
        assert await read(authorized, f"{FOLLOW_UPS}/{each['id']}") == each


async def test_a_follow_up_says_all_that_the_plan_says(authorized: AsyncClient) -> None:
    follow_up = await _one(authorized)
    assert {name: follow_up[name] for name in ("kind", "channel", "recipient", "inherited", "cancelled_because")} == {
        "kind": "check_in",
        "channel": "email",
        "recipient": {"name": "Lee Wong", "email": "lee@northwind.example"},
        "inherited": False,
        "cancelled_because": None,
    }
    assert [follow_up[name] for name in ("opens_at", "due_at", "closes_at")] == [
        "2065-12-02T09:00:00-05:00",
        "2065-12-02T09:00:00-05:00",
        "2065-12-09T09:00:00-05:00",
    ]
    assert "Northwind" in follow_up["why"]
    assert all(rule["sources"] and rule["text"] for rule in follow_up["rules"])


async def _one_of_every_state(client: AsyncClient) -> None:
    await create(client, policy="classic")  # planned
    await create_given(client, ended(timedelta(days=12)))  # missed thank-yous, and a check-in that is due
    stored = await create(client)
    await happen(client, stored["id"], "follow_up_sent", key="thank_you/tom-berg")
    await happen(client, stored["id"], "follow_up_skipped", key="thank_you/priya-shah")
    await happen(client, stored["id"], "reply_received")  # cancels the check-in


async def test_follow_ups_are_found_by_the_state_that_they_have_now(authorized: AsyncClient) -> None:
    await _one_of_every_state(authorized)
    everything = (await read(authorized, FOLLOW_UPS, limit=100))["data"]
    assert {each["state"] for each in everything} == set(get_args(State))
    for state in get_args(State):
        found = (await read(authorized, FOLLOW_UPS, state=state, limit=100))["data"]
        assert found == [each for each in everything if each["state"] == state]
        assert await walk(authorized, FOLLOW_UPS, state=state, limit=1) == found


async def test_follow_ups_are_found_by_their_kind(authorized: AsyncClient) -> None:
    stored = await create(authorized, policy="classic")
    for what, members in (
        ("situation_changed", {"change": "publication"}),
        ("offer_received", {}),
        ("rejected", {"went_well": True}),
    ):
        await happen(authorized, stored["id"], what, **members)
    other = await create(authorized)
    await happen(authorized, other["id"], "rejected", went_well=True)
    everything = (await read(authorized, FOLLOW_UPS, limit=100))["data"]
    assert {each["kind"] for each in everything} == set(get_args(Kind))
    for kind in get_args(Kind):
        found = (await read(authorized, FOLLOW_UPS, kind=kind))["data"]
        assert found == [each for each in everything if each["kind"] == kind]


async def test_follow_ups_are_found_by_when_they_are_due(authorized: AsyncClient) -> None:
    await create(authorized)
    due = "2065-12-02T09:00:00-05:00"
    later = "2065-12-02T09:00:00.000001-05:00"
    for query, keys in (
        ({"due_after": due}, ["check_in"]),
        ({"due_after": later}, []),
        ({"due_before": due}, ["thank_you/priya-shah", "thank_you/tom-berg"]),
        ({"due_before": later, "kind": "check_in"}, ["check_in"]),
        ({"due_after": "2065-12-02T14:00:00Z", "due_before": later}, ["check_in"]),
        ({"due_after": due, "due_before": due}, []),
    ):
        found = (await read(authorized, FOLLOW_UPS, **query))["data"]
        assert [each["key"] for each in found] == keys


async def test_an_offset_whose_plus_nobody_escaped_is_understood(authorized: AsyncClient) -> None:
    await create(authorized)
    for instant in ("2065-12-02T15:00:00+01:00", "2065-12-02T15:00:00%2B01:00"):
        response = await authorized.get(f"{FOLLOW_UPS}?due_after={instant}")
        assert [each["key"] for each in response.json()["data"]] == ["check_in"]


async def test_follow_ups_are_found_by_their_interview(authorized: AsyncClient) -> None:
    stored, _ = await create(authorized), await create(authorized)
    found = (await read(authorized, FOLLOW_UPS, interview_id=stored["id"]))["data"]
    assert [each["interview_id"] for each in found] == [stored["id"]] * 3
    for nothing in ("int_" + "0" * 32, "int_", "x", "'", found[0]["id"]):
        assert (await read(authorized, FOLLOW_UPS, interview_id=nothing))["data"] == []


async def test_pages_show_every_follow_up_once_and_in_the_order_of_due_at(authorized: AsyncClient) -> None:
    for _ in range(4):
        await create(authorized)
    whole = (await read(authorized, FOLLOW_UPS, limit=100))["data"]
    assert [each["due_at"] for each in whole] == sorted(each["due_at"] for each in whole)
    assert len({each["id"] for each in whole}) == 12
    for limit in (1, 2, 5, 11, 12):
        assert await walk(authorized, FOLLOW_UPS, limit=limit, sort="due_at") == whole


async def test_what_is_planned_meanwhile_neither_hides_nor_repeats_what_was_there(authorized: AsyncClient) -> None:
    for _ in range(3):
        await create(authorized)
    before = {each["id"] for each in (await read(authorized, FOLLOW_UPS, limit=100))["data"]}
    page = await read(authorized, FOLLOW_UPS, limit=2)
    seen = [each["id"] for each in page["data"]]
    while page["next_cursor"]:
        if len(seen) < 6:
            await create(authorized)
        page = await read(authorized, FOLLOW_UPS, limit=2, cursor=page["next_cursor"])
        seen += [each["id"] for each in page["data"]]
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


async def test_the_link_leads_to_the_next_page_and_the_last_page_has_none(authorized: AsyncClient) -> None:
    await create(authorized)
    query: dict[str, str | int] = {"limit": 2, "due_after": "2026-01-01T00:00:00+01:00", "state": "planned"}
    first = await authorized.get(FOLLOW_UPS, params=query)
    second = await authorized.get(first.links["next"]["url"])
    assert second.json() == await read(authorized, FOLLOW_UPS, **query, cursor=first.json()["next_cursor"])
    assert (len(second.json()["data"]), second.links) == (1, {})


async def test_a_cursor_of_another_list_is_refused(authorized: AsyncClient) -> None:
    await create(authorized)
    cursor = (await read(authorized, FOLLOW_UPS, limit=1))["next_cursor"]
    for query in ({"state": "planned"}, {"kind": "check_in"}, {"due_after": "2026-01-01T00:00:00Z"}):
        response = await authorized.get(FOLLOW_UPS, params=query | {"cursor": cursor})
        assert faults(response, "parameter") == ["cursor"]
    for bad in ("", "x", cursor[1:], cursor + "=", "\u0663"):
        assert faults(await authorized.get(FOLLOW_UPS, params={"cursor": bad}), "parameter") == ["cursor"]


# Sent and skipped


async def test_what_went_out_is_sent_and_who_says_so_again_changes_nothing(
    authorized: AsyncClient, database: Database
) -> None:
    for verb, event_type in (("sent", "follow_up_sent"), ("skipped", "follow_up_skipped")):
        follow_up = await _one(authorized)
        path = f"{FOLLOW_UPS}/{follow_up['id']}/{verb}"
        settled = await authorized.post(path)
        assert settled.status_code == 200
        assert settled.json() == follow_up | {"state": verb}
        assert await read(authorized, f"{FOLLOW_UPS}/{follow_up['id']}") == settled.json()
        (event,) = (await read(authorized, f"/v1/interviews/{follow_up['interview_id']}/events"))["data"]
        assert (event["type"], event["key"]) == (event_type, "check_in")
        before = snapshot(database)
        for body in (None, {}, {"occurred_at": None}, {"occurred_at": "2026-01-05T10:00:00Z"}):
            again = await authorized.post(path, json=body)
            assert (again.status_code, again.json()) == (200, settled.json())
        assert snapshot(database) == before
        await follow_ups_of(authorized, follow_up["interview_id"])


async def test_what_was_settled_one_way_is_not_settled_the_other(authorized: AsyncClient, database: Database) -> None:
    for first, second in (("sent", "skipped"), ("skipped", "sent")):
        follow_up = await _one(authorized)
        path = f"{FOLLOW_UPS}/{follow_up['id']}"
        assert (await authorized.post(f"{path}/{first}")).status_code == 200
        before = snapshot(database)
        problem(await authorized.post(f"{path}/{second}"), 409)
        problem(await authorized.post(f"{path}/snoozed", json={"until": follow_up["closes_at"]}), 409)
        assert snapshot(database) == before


async def test_a_message_counts_from_when_it_went_out(authorized: AsyncClient, database: Database) -> None:
    follow_up = await _one(authorized)
    path = f"{FOLLOW_UPS}/{follow_up['id']}/sent"
    before = snapshot(database)
    for ahead in (timedelta(minutes=5, seconds=10), timedelta(days=365)):
        response = await authorized.post(path, json={"occurred_at": soon(ahead)})
        assert faults(response, "pointer") == ["/occurred_at"]
    assert snapshot(database) == before
    assert (await authorized.post(path, json={"occurred_at": "2026-01-05T10:00:00-05:00"})).status_code == 200
    (event,) = (await read(authorized, f"/v1/interviews/{follow_up['interview_id']}/events"))["data"]
    assert event["occurred_at"] == "2026-01-05T10:00:00-05:00"


async def test_what_was_cancelled_or_missed_may_have_gone_out_all_the_same(authorized: AsyncClient) -> None:
    cancelled = await _one(authorized)
    await happen(authorized, cancelled["interview_id"], "reply_received")
    stored = await create_given(authorized, ended(timedelta(days=60)))
    missed = (await follow_ups_of(authorized, stored["id"]))["check_in"]
    assert missed["state"] == "missed"
    for follow_up in (cancelled, missed):
        response = await authorized.post(f"{FOLLOW_UPS}/{follow_up['id']}/sent")
        assert (response.status_code, response.json()["state"]) == (200, "sent")
        assert response.json()["cancelled_because"] is None
        await follow_ups_of(authorized, follow_up["interview_id"])


async def test_what_was_sent_stays_sent_whatever_comes_after(authorized: AsyncClient) -> None:
    follow_up = await _one(authorized, "thank_you/tom-berg")
    path = f"{FOLLOW_UPS}/{follow_up['id']}"
    sent = (await authorized.post(f"{path}/sent")).json()
    for what in ("reply_received", "rejected", "interview_cancelled", "withdrawn"):
        await happen(authorized, follow_up["interview_id"], what)
        assert await read(authorized, path) == sent
    await patch(authorized, follow_up["interview_id"], interviewers=[{"name": "Kim Roe"}])
    kept = await follow_ups_of(authorized, follow_up["interview_id"])
    assert (kept["thank_you/tom-berg"]["id"], kept["thank_you/tom-berg"]["state"]) == (follow_up["id"], "sent")


async def test_those_who_say_at_once_that_it_went_out_make_one_event(
    authorized: AsyncClient, database: Database
) -> None:
    follow_up = await _one(authorized)
    path = f"{FOLLOW_UPS}/{follow_up['id']}/sent"
    answers = await asyncio.gather(*(authorized.post(path) for _ in range(16)))
    assert {each.status_code for each in answers} == {200}
    assert len({each.text for each in answers}) == 1
    assert rows(database) == (1, 1, 3)


async def test_of_those_who_send_and_skip_at_once_one_side_wins(authorized: AsyncClient, database: Database) -> None:
    follow_up = await _one(authorized)
    path = f"{FOLLOW_UPS}/{follow_up['id']}"
    answers = await asyncio.gather(*(authorized.post(f"{path}/{verb}") for verb in ("sent", "skipped") * 6))
    assert sorted(each.status_code for each in answers) == [*[200] * 6, *[409] * 6]
    assert rows(database) == (1, 1, 3)
    await follow_ups_of(authorized, follow_up["interview_id"])


async def test_a_thank_you_can_be_settled_by_its_key_however_long_the_name_makes_it(authorized: AsyncClient) -> None:
    # One such letter is decomposed into three: the key is longer than the name.
    stored = await create(authorized, interviewers=[{"name": "\u2121" * 200}])
    for follow_up in (await follow_ups_of(authorized, stored["id"])).values():
        await happen(authorized, stored["id"], "follow_up_sent", key=follow_up["key"])
        assert (await read(authorized, f"{FOLLOW_UPS}/{follow_up['id']}"))["state"] == "sent"


# Snoozed


async def test_a_snooze_moves_the_due_moment_alone(authorized: AsyncClient) -> None:
    follow_up = await _one(authorized)
    path = f"{FOLLOW_UPS}/{follow_up['id']}/snoozed"
    for until in ("2065-12-03T19:00:00Z", follow_up["closes_at"], follow_up["opens_at"]):
        response = await authorized.post(path, json={"until": until})
        assert response.status_code == 200
        snoozed = response.json()
        assert datetime.fromisoformat(snoozed["due_at"]) == datetime.fromisoformat(until)
        assert snoozed["due_at"].endswith("-05:00")
        same = follow_up.keys() - {"due_at", "why"}
        assert {name: snoozed[name] for name in same} == {name: follow_up[name] for name in same}
        kept = await follow_ups_of(authorized, follow_up["interview_id"])
        assert kept["check_in"] == snoozed


async def test_a_snooze_outside_the_window_is_refused_and_says_so(authorized: AsyncClient, database: Database) -> None:
    follow_up = await _one(authorized)
    before = snapshot(database)
    for until in ("2065-12-09T09:00:00.000001-05:00", "2065-12-02T08:59:59-05:00", "2100-12-31T23:59:59Z", soon()):
        response = await authorized.post(f"{FOLLOW_UPS}/{follow_up['id']}/snoozed", json={"until": until})
        assert faults(response, "pointer") == ["/until"]
        detail = response.json()["detail"]
        assert all(text in detail for text in ("closes_at", follow_up["opens_at"], follow_up["closes_at"]))
    assert snapshot(database) == before


async def test_what_is_cancelled_or_missed_cannot_be_put_off(authorized: AsyncClient, database: Database) -> None:
    cancelled = await _one(authorized)
    await happen(authorized, cancelled["interview_id"], "reply_received")
    stored = await create_given(authorized, ended(timedelta(days=60)))
    missed = (await follow_ups_of(authorized, stored["id"]))["check_in"]
    before = snapshot(database)
    for follow_up in (cancelled, missed):
        path = f"{FOLLOW_UPS}/{follow_up['id']}/snoozed"
        for until in (follow_up["due_at"], follow_up["closes_at"], "2100-01-01T00:00:00Z"):
            problem(await authorized.post(path, json={"until": until}), 409)
    assert snapshot(database) == before


async def test_a_snooze_needs_its_moment(authorized: AsyncClient, database: Database) -> None:
    follow_up = await _one(authorized)
    path = f"{FOLLOW_UPS}/{follow_up['id']}/snoozed"
    before = snapshot(database)
    for body in ({}, {"until": None}, {"until": "2065-12-03T09:00:00"}, {"until": "2065-12-03"}, {"until": 1}):
        assert faults(await authorized.post(path, json=body), "pointer") == ["/until"]
    problem(await authorized.post(path), 400)
    assert snapshot(database) == before


async def test_what_is_put_off_while_it_is_due_is_planned_again(authorized: AsyncClient) -> None:
    stored = await create_given(authorized, ended(timedelta(days=12)))
    check_in = (await follow_ups_of(authorized, stored["id"]))["check_in"]
    assert check_in["state"] == "due"
    response = await authorized.post(f"{FOLLOW_UPS}/{check_in['id']}/snoozed", json={"until": soon(timedelta(hours=1))})
    assert response.json()["state"] == "planned"
