import json

from httpx import AsyncClient

from app.rules.catalogue import ENTRIES
from tests.northwind import problem, read

RULES = "/v1/rules"


async def test_every_rule_is_listed_without_a_key(client: AsyncClient) -> None:
    page = await read(client, RULES)
    assert page == {"data": [json.loads(entry.model_dump_json()) for entry in ENTRIES.values()], "next_cursor": None}
    assert len(page["data"]) > 50


async def test_a_rule_is_read_as_it_is_listed(client: AsyncClient) -> None:
    for listed in (await read(client, RULES))["data"]:
        assert await read(client, f"{RULES}/{listed['id']}") == listed
        assert listed["sources"]


async def test_where_the_sources_disagree_each_has_its_say(client: AsyncClient) -> None:
    disputed = [rule for rule in (await read(client, RULES))["data"] if rule["disagree"]]
    assert disputed
    for rule in disputed:
        assert len(rule["says"]) > 1
        assert rule["balanced"]


async def test_a_rule_that_is_not_there_is_not_found(client: AsyncClient) -> None:
    for rule_id in (
        "timing",
        "timing.",
        "Timing.thank_you",
        "timing.thank_you/",
        "timing%2Fthank_you",
        "%00",
        "__len__",
    ):
        problem(await client.get(f"{RULES}/{rule_id}"), 404)
