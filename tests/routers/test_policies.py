import json
from pathlib import Path

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from app.main import create_app
from app.rules.catalogue import ENTRIES
from app.rules.policy import BUILT_IN, Policy, load_policies
from app.settings import Settings
from tests.conftest import SECRET_KEY
from tests.northwind import northwind, problem, read

POLICIES = "/v1/policies"


async def test_every_policy_is_listed_without_a_key(client: AsyncClient) -> None:
    page = await read(client, POLICIES)
    assert [policy["name"] for policy in page["data"]] == list(BUILT_IN)
    assert page["next_cursor"] is None


async def test_a_policy_is_read_as_it_is_listed_and_as_it_was_loaded(client: AsyncClient) -> None:
    loaded = load_policies()
    for listed in (await read(client, POLICIES))["data"]:
        assert await read(client, f"{POLICIES}/{listed['name']}") == listed
        assert Policy.model_validate_json(json.dumps(listed)) == loaded[listed["name"]]


async def test_every_value_of_a_policy_cites_a_rule_that_there_is(client: AsyncClient) -> None:
    for policy in (await read(client, POLICIES))["data"]:
        sections = [section for section in policy.values() if isinstance(section, dict)]
        sections += [inner for section in sections for inner in section.values() if isinstance(inner, dict)]
        cited = [section["rule"] for section in sections if "rule" in section]
        assert len(cited) >= 8
        for rule in cited:
            assert (await read(client, f"/v1/rules/{rule}"))["id"] == rule
        assert set(policy["sources"]) <= {source for entry in ENTRIES.values() for source in entry.sources}


async def test_a_policy_that_is_not_there_is_not_found(client: AsyncClient) -> None:
    for name in (
        "nobody",
        "Balanced",
        "balanced.toml",
        "%2e%2e%2fbalanced",
        "balanced%00",
        "balanced/",
        "%F0%9F%98%80",
    ):
        problem(await client.get(f"{POLICIES}/{name}"), 404)


async def test_a_policy_of_ones_own_is_listed_last_and_can_be_followed(
    database_url: str, key: str, tmp_path: Path
) -> None:
    (tmp_path / "my-team.toml").write_text(
        'title = "Patience."\n[check_in.stated]\nrule = "timing.check_in.stated"\ndays_after_date = 3\nopen_days = 5\n'
    )
    own: FastAPI = create_app(
        Settings(database_url=database_url, secret_key=SECRET_KEY, policies_dir=tmp_path, _env_file=None)
    )
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        own.router.lifespan_context(own),
        AsyncClient(transport=ASGITransport(own), base_url="http://test", headers=headers) as client,
    ):
        assert [policy["name"] for policy in (await read(client, POLICIES))["data"]] == [*BUILT_IN, "my-team"]
        policy = await read(client, f"{POLICIES}/my-team")
        assert (policy["title"], policy["check_in"]["stated"]["days_after_date"]) == ("Patience.", 3)
        assert "thank_you" in policy["inherited"]
        stored = (await client.post("/v1/interviews", json=northwind(policy="my-team"))).json()
        planned = await read(client, f"/v1/interviews/{stored['id']}/schedule")
        assert planned["policy"] == "my-team"
        # The third day after Tuesday the 1st is Friday the 4th.
        assert planned["follow_ups"][-1]["due_at"] == "2065-12-04T09:00:00-05:00"
