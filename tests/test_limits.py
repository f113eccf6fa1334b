"""How many requests a minute are let through, in one process and across several."""

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from aiohttp import ClientSession
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import select

from app.limits import BLOCKS, MOST, WINDOW, Limiter
from app.main import create_app
from app.settings import Settings
from app.store.db import Database
from app.store.migrate import upgrade
from app.store.tables import Allowance
from tests.conftest import SECRET_KEY, NewDatabase
from tests.faults.processes import api
from tests.faults.servers import own_server
from tests.northwind import northwind, problem, rows

NOW = datetime(2026, 11, 20, 21, 30, 15, tzinfo=UTC)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
POLICY = re.compile(r'"(key|address)";q=(\d+);w=60')
SHARED = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
"""On a database that several processes can share."""
LEFT = re.compile(r'"(key|address)";r=(\d+);t=(\d+)')

AnyT = TypeVar("AnyT")


@pytest.fixture
def limiter(database: Database) -> Limiter:
    return Limiter(database, SECRET_KEY)


async def _granted(limiter: Limiter, limit: int, times: int, now: datetime = NOW, subject: str = "key_1") -> int:
    """How many of so many requests at once were let through."""
    allowances = await asyncio.gather(*(limiter.take(subject, limit, now) for _ in range(times)))
    return sum(each.granted for each in allowances)


@pytest.mark.parametrize("limit", [1, 2, BLOCKS - 1, BLOCKS, BLOCKS + 1, 599])
async def test_one_process_lets_exactly_as_many_through_as_the_limit_says(limiter: Limiter, limit: int) -> None:
    allowances = [await limiter.take("key_1", limit, NOW) for _ in range(limit + 3)]
    assert [each.granted for each in allowances] == [True] * limit + [False] * 3
    assert [each.remaining for each in allowances] == [*range(limit - 1, -1, -1), 0, 0, 0]
    assert {each.resets_in for each in allowances} == {45}


async def test_many_requests_at_once_are_counted_as_exactly(limiter: Limiter) -> None:
    assert await _granted(limiter, 130, 500) == 130
    assert await _granted(limiter, 130, 500) == 0


async def test_each_key_and_each_address_has_a_limit_of_its_own(limiter: Limiter) -> None:
    for subject in ("key_1", "key_2", limiter.name_address("192.0.2.1"), limiter.name_address("192.0.2.2")):
        assert await _granted(limiter, 5, 9, subject=subject) == 5


async def test_the_next_minute_grants_again(limiter: Limiter) -> None:
    for minutes in range(3):
        assert await _granted(limiter, 20, 30, NOW + minutes * MINUTE) == 20


async def test_what_comes_late_out_of_the_last_minute_begins_nothing_anew(limiter: Limiter) -> None:
    border = NOW.replace(second=0) + MINUTE
    times = [border + (-SECOND if late else SECOND) for late in [False, True] * 50]
    assert sum([(await limiter.take("key_1", 20, now)).granted for now in times]) == 20
    late = await limiter.take("key_1", 20, border - SECOND)
    assert (late.granted, late.resets_in) == (False, 61)


async def test_a_clock_that_is_set_back_locks_nobody_out(limiter: Limiter) -> None:
    assert await _granted(limiter, 20, 30) == 20
    assert await _granted(limiter, 20, 30, NOW - timedelta(hours=1)) == 20


async def test_the_seconds_that_are_told_end_with_the_minute(limiter: Limiter) -> None:
    moments = {0: 60, 1: 60, 59_000_000: 1, 59_999_999: 1}
    for passed, left in moments.items():
        now = NOW.replace(second=0) + timedelta(microseconds=passed)
        assert (await limiter.take("key_1", 20, now)).resets_in == left


async def test_a_flood_of_addresses_does_not_fill_the_memory(new_sqlite: NewDatabase) -> None:
    with new_sqlite() as url:
        database = Database(url)
        limiter = Limiter(database, SECRET_KEY)
        assert await _granted(limiter, 1, 2, subject="first") == 1
        for number in range(MOST - 1):
            await limiter.take(str(number), 1, NOW)
        assert await _granted(limiter, 1, 1, subject="first") == 0
        await limiter.take("one too many", 1, NOW)
        assert await _granted(limiter, 1, 1, subject="first") == 1
        assert await _granted(limiter, 1, 1, subject="one too many") == 0
        database.dispose()


def test_an_address_is_counted_by_its_hash_and_of_ipv6_by_its_network(limiter: Limiter) -> None:
    name = limiter.name_address
    assert re.fullmatch(r"address:[0-9a-f]{32}", name("192.0.2.1"))
    assert name("192.0.2.1") != name("192.0.2.2")
    assert name("2001:db8:1:2::1") == name("2001:DB8:1:2:ffff:ffff:ffff:ffff") != name("2001:db8:1:3::1")
    assert name("::ffff:192.0.2.1") == name("192.0.2.1") != name("::ffff:192.0.2.2")
    assert name("fe80::1%eth0") == name("fe80::2")
    assert {name(garbage) for garbage in ("", "unknown", "192.0.2.1.", "1", "localhost")} == {"address:unknown"}


def test_nobody_can_undo_the_hash_who_does_not_know_the_secret(database: Database) -> None:
    assert Limiter(database, "one").name_address("192.0.2.1") != Limiter(database, "two").name_address("192.0.2.1")


@SHARED
async def test_processes_that_share_a_database_share_the_limit(database: Database) -> None:
    limiters = [Limiter(database, SECRET_KEY) for _ in range(4)]
    granted = await asyncio.gather(*(_granted(each, 130, 200) for each in limiters))
    assert sum(granted) == 130


@SHARED
async def test_one_of_several_processes_can_use_the_whole_limit(database: Database) -> None:
    idle, busy = Limiter(database, SECRET_KEY), Limiter(database, SECRET_KEY)
    assert await _granted(idle, 100, 1) == 1
    assert 99 - 100 // BLOCKS < await _granted(busy, 100, 200) <= 99


@SHARED
async def test_clocks_that_differ_by_a_moment_do_not_give_more(database: Database) -> None:
    border = NOW.replace(second=0) + MINUTE
    early, late = Limiter(database, SECRET_KEY), Limiter(database, SECRET_KEY)
    granted = 0
    for _ in range(100):
        for limiter, now in ((early, border), (late, border - SECOND)):
            granted += (await limiter.take("key_1", 20, now)).granted
    assert granted == 20


@SHARED
async def test_requests_at_once_take_no_more_blocks_than_they_need(database: Database) -> None:
    limiter = Limiter(database, SECRET_KEY)
    await _granted(limiter, 100 * BLOCKS, 100)
    with database.read() as connection:
        assert connection.execute(select(Allowance.__table__.c.given)).scalars().all() == [100]
    await _granted(limiter, 100 * BLOCKS, 101)
    with database.read() as connection:
        assert connection.execute(select(Allowance.__table__.c.given)).scalars().all() == [300]


@SHARED
async def test_no_address_is_written_down(database: Database) -> None:
    limiter = Limiter(database, SECRET_KEY)
    await _granted(limiter, 10, 1, subject=limiter.name_address("192.0.2.1"))
    with database.read() as connection:
        assert "192.0.2" not in repr(connection.execute(select(Allowance.__table__)).all())


async def test_while_the_database_is_away_each_process_counts_alone_and_says_so_once_a_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    with own_server() as server:
        upgrade(server.url)
        database = Database(server.url)
        limiter = Limiter(database, SECRET_KEY)
        assert await _granted(limiter, 100, 10) == 10
        server.go_away()
        assert await _granted(limiter, 100, 200) == 90
        for number in range(20):
            assert await _granted(limiter, 10, 20, subject=f"key_{number + 2}") == 10
        assert len(caplog.messages) == 1
        assert await _granted(limiter, 100, 200, NOW + MINUTE) == 100
        assert len(caplog.messages) == 2
        server.come_back()
        assert await _granted(limiter, 100, 200, NOW + 2 * MINUTE) == 100
        assert len(caplog.messages) == 2
        database.dispose()


async def within_a_minute(act: Callable[[], Awaitable[AnyT]]) -> AnyT:
    """What it comes to where it begins and ends in the same minute: done again where a new one began meanwhile."""
    while True:
        minute = time.time() // WINDOW
        found = await act()
        if time.time() // WINDOW == minute:
            return found


@asynccontextmanager
async def limited(database_url: str, **limits: Any) -> AsyncIterator[AsyncClient]:
    """Somebody without a key, at an application that counts."""
    app = create_app(Settings(database_url=database_url, secret_key=SECRET_KEY, _env_file=None, **limits))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://test") as client,
    ):
        yield client


def told(response: Response) -> tuple[str, int, int]:
    """The policy that an answer names, its quota, and what is left."""
    policy, left = (
        pattern.fullmatch(response.headers[name])
        for name, pattern in (("RateLimit-Policy", POLICY), ("RateLimit", LEFT))
    )
    assert policy is not None
    assert left is not None
    assert policy[1] == left[1]
    assert 1 <= int(left[3]) <= WINDOW
    return policy[1], int(policy[2]), int(left[2])


async def test_every_answer_says_what_is_left(database_url: str, key: str) -> None:
    async with limited(database_url, rate_limit_key=50, rate_limit_address=40) as client:

        async def ask() -> list[Response]:
            signed = {"Authorization": f"Bearer {key}"}
            return [
                await client.get("/v1/interviews", headers=signed),
                await client.get("/v1/interviews/int_0", headers=signed),
                await client.get("/v1/interviews", headers=signed | {"Origin": "https://evil.example"}),
                await client.get("/v1/policies"),
                await client.get("/v1/interviews"),
                await client.get("/v1/interviews", headers={"Authorization": "Bearer aw_live_" + "0" * 36}),
                await client.get("/livez"),
            ]

        *answers, health = await within_a_minute(ask)
    assert [each.status_code for each in answers] == [200, 404, 403, 200, 401, 401]
    assert [told(each) for each in answers] == [
        ("key", 50, 49),
        ("key", 50, 48),
        ("key", 50, 47),
        ("address", 40, 39),
        ("address", 40, 38),
        ("address", 40, 37),
    ]
    assert not {"ratelimit", "ratelimit-policy"} & health.headers.keys()


async def test_beyond_the_limit_nothing_is_done(database_url: str, database: Database, key: str) -> None:
    async with limited(database_url, rate_limit_key=1) as client:
        client.headers["Authorization"] = f"Bearer {key}"

        async def post_twice() -> tuple[tuple[int, ...], Response]:
            await client.post("/v1/interviews", json=northwind())
            before = rows(database)
            return before, await client.post("/v1/interviews", json=northwind())

        before, refused = await within_a_minute(post_twice)
    assert "1 requests a minute" in problem(refused, 429)["detail"]
    assert told(refused) == ("key", 1, 0)
    assert 1 <= int(refused.headers["Retry-After"]) <= WINDOW
    assert rows(database) == before


async def test_who_has_no_good_key_is_counted_by_address_and_who_has_one_is_not(database_url: str, key: str) -> None:
    async with limited(database_url, rate_limit_key=50, rate_limit_address=2) as client:

        async def ask() -> list[int]:
            bad = [f"Bearer aw_live_{'0' * 36}", "Bearer nonsense", "Basic YTpi", f"Bearer {key}"]
            answers = [await client.get("/v1/interviews", headers={"Authorization": each}) for each in bad]
            return [each.status_code for each in (*answers, await client.get("/v1/policies"))]

        assert await within_a_minute(ask) == [401, 401, 429, 200, 429]


async def test_a_limit_of_none_is_none(database_url: str, key: str) -> None:
    async with limited(database_url, rate_limit_key=0, rate_limit_address=0) as client:
        for headers in ({}, {"Authorization": f"Bearer {key}"}):
            answer = await client.get("/v1/policies" if not headers else "/v1/interviews", headers=headers)
            assert (answer.status_code, "ratelimit" in answer.headers) == (200, False)


@SHARED
@pytest.mark.parametrize("count", [2, pytest.param(4, marks=pytest.mark.long)])
async def test_processes_hammered_at_once_let_no_more_through_than_the_limit(
    database_url: str, tmp_path: Path, count: int
) -> None:
    limit = 300
    with ExitStack() as stack:
        settings = {"rate_limit_address": str(limit)}
        served = [stack.enter_context(api(database_url, tmp_path, "--no-worker", **settings)) for _ in range(count)]
        async with ClientSession() as session:  # of aiohttp: many at once take httpx minutes

            async def ask(address: str) -> list[int]:
                answers = []
                for _ in range(limit // 10):
                    async with session.get(f"{address}/v1/interviews") as answer:
                        answers.append(answer.status)
                return answers

            async def hammer() -> list[int]:
                answers = await asyncio.gather(*(ask(address) for _, address in served * 10))
                return [status for each in answers for status in each]

            statuses = await within_a_minute(hammer)
        assert not any(process.says("counted by this process alone") for process, _ in served)
    assert set(statuses) == {401, 429}
    assert limit - count * (limit // BLOCKS) <= statuses.count(401) <= limit
