"""Whose turn it is to be announced, and what rests."""

import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.announcing import MOST, PAUSE
from app.store import tables
from app.store.db import Database
from app.webhooks.lanes import hold_lanes
from app.worker import announcer as module
from app.worker.alarms import Alarm
from app.worker.announcer import Announcer
from app.worker.threads import Threads
from tests.faults.scenes import POLICIES, Scene

SECOND = timedelta(seconds=1)

only_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
"""SQLite has one writer: nobody holds an interview or a lane while somebody else announces."""


@asynccontextmanager
async def announcing(database: Database) -> AsyncIterator[Announcer]:
    threads = Threads(1)
    yield Announcer(database, POLICIES, "", threads, Alarm())
    await threads.close()


def add(scene: Scene, *, seconds_ago: int, broken: bool = False) -> str:
    """An interview whose thank-you was due then; a broken one cannot be announced, only planned anew."""
    (id,) = scene.add_interviews(1, datetime.now(UTC) - seconds_ago * SECOND)
    if broken:
        table, steps = tables.Interview.__table__, tables.FollowUp.__table__
        with scene.begin() as session:
            session.connection.execute(update(table).where(table.c.id == id).values(timezone="Nowhere/None"))
            session.connection.execute(update(steps).where(steps.c.interview_id == id).values(body="{}"))
    return id


def rests(scene: Scene) -> set[str]:
    """The interviews that ring again after ten minutes."""
    now = datetime.now(UTC)
    return {
        row.interview_id
        for row in scene.rows(tables.FollowUp)
        if row.kind == "thank_you" and row.next_ring_at and timedelta(0) < row.next_ring_at - now <= PAUSE
    }


def announced(scene: Scene) -> list[str]:
    return [row.interview_id for row in scene.rows(tables.Message) if row.type == "follow_up.due"]


@contextmanager
def holding(scene: Scene, interview_id: str) -> Iterator[None]:
    """Somebody is at work on the interview."""
    table = tables.Interview.__table__
    with scene.begin() as session:
        session.connection.execute(select(table.c.id).where(table.c.id == interview_id).with_for_update())
        yield


async def test_those_that_cannot_be_announced_rest_and_no_other_does(database: Database) -> None:
    scene = Scene.of(database)
    scene.add_endpoint("https://example.com/")
    broken = {add(scene, seconds_ago=20, broken=True), add(scene, seconds_ago=5, broken=True)}
    healthy = {add(scene, seconds_ago=30), add(scene, seconds_ago=10)}
    async with announcing(database) as announcer:
        await announcer.step()
    assert set(announced(scene)) == healthy
    assert rests(scene) == broken


@only_postgresql
async def test_while_somebody_holds_a_broken_one_nobody_rests_in_its_place(database: Database) -> None:
    scene = Scene.of(database)
    scene.add_endpoint("https://example.com/")
    held, broken = add(scene, seconds_ago=30, broken=True), add(scene, seconds_ago=20, broken=True)
    healthy = add(scene, seconds_ago=10)
    async with announcing(database) as announcer:
        with holding(scene, held):
            await announcer.step()
        assert (announced(scene), rests(scene)) == ([healthy], {broken})
        await announcer.step()
    assert rests(scene) == {held, broken}


@only_postgresql
async def test_a_lane_that_is_held_meanwhile_makes_no_interview_rest(database: Database) -> None:
    scene = Scene.of(database)
    scene.add_endpoint("https://example.com/")
    broken = add(scene, seconds_ago=20, broken=True)
    add(scene, seconds_ago=10)
    with ThreadPoolExecutor(1) as pool:

        class Held(Announcer):
            """Somebody takes the lanes as soon as it is seen that not all can be announced at once."""

            async def _announce_each(self, account_id: str) -> int:
                held, let_go = threading.Event(), threading.Event()
                holder = pool.submit(hold_lanes_until, scene, held, let_go)
                assert held.wait(20)
                try:
                    return await super()._announce_each(account_id)
                finally:
                    let_go.set()
                    holder.result(20)

        threads = Threads(1)
        await Held(database, POLICIES, "", threads, Alarm()).step()
        await threads.close()
    assert (announced(scene), rests(scene)) == ([], {broken})


def hold_lanes_until(scene: Scene, held: threading.Event, let_go: threading.Event) -> None:
    with scene.begin() as session:
        hold_lanes(session)
        held.set()
        assert let_go.wait(20)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # where writers take turns
async def test_a_writer_who_keeps_the_database_to_himself_makes_no_interview_rest(database_url: str) -> None:
    database = Database(database_url, wait_seconds=0.3)
    scene = Scene.of(database)
    scene.add_endpoint("https://example.com/")
    add(scene, seconds_ago=10)
    writing = threading.Event()

    def write() -> None:
        with scene.begin():
            writing.set()
            threading.Event().wait(0.75)  # longer than two others wait, one after the other

    with ThreadPoolExecutor(1) as pool:
        writer = pool.submit(write)
        assert writing.wait(20)
        async with announcing(database) as announcer:
            with pytest.raises(PoolTimeoutError):
                await announcer.step()
            writer.result(20)
            assert rests(scene) == set()
            await announcer.step()
    assert len(announced(scene)) == 1
    database.dispose()


async def test_a_step_takes_up_one_account_so_that_who_is_told_to_stop_stops(database: Database) -> None:
    scenes = [Scene.of(database, name) for name in ("one", "two", "three")]
    for n, scene in enumerate(scenes):
        scene.add_endpoint("https://example.com/")
        add(scene, seconds_ago=30 - n)
    async with announcing(database) as announcer:
        for count in (1, 2, 3):
            assert await announcer.step() == 0
            assert [len(announced(scene)) for scene in scenes] == [1] * count + [0] * (3 - count)
        assert await announcer.step() > 0


async def test_a_look_at_what_is_due_passes_nobody_over(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_EVERY", 0)
    monkeypatch.setattr(module, "OVERHEAD", 1e9)
    large, *small = [Scene.of(database, name) for name in ("large", "one", "two")]
    large.add_many_interviews(2 * MOST + 1, datetime.now(UTC) - 30 * SECOND)
    for scene in (large, *small):
        scene.add_endpoint("https://example.com/")
    for scene in small:
        add(scene, seconds_ago=10)
    turns = []
    async with announcing(database) as announcer:
        for _ in range(5):
            assert await announcer.step() == 0
            turns.append([len(announced(scene)) for scene in (large, *small)])
    assert turns == [[MOST, 0, 0], [MOST, 1, 0], [MOST, 1, 1], [2 * MOST, 1, 1], [2 * MOST + 1, 1, 1]]


async def test_who_has_something_due_is_looked_up_once_a_second_at_most_while_there_is_something(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []

    class Seen(Announcer):
        def _look(self) -> datetime | None:
            looks.append(datetime.now(UTC))
            return super()._look()

    for n in range(4):
        scene = Scene.of(database, str(n))
        scene.add_endpoint("https://example.com/")
        add(scene, seconds_ago=10)
    monkeypatch.setattr(module, "LOOK_EVERY", 60)
    threads = Threads(1)
    announcer = Seen(database, POLICIES, "", threads, Alarm())
    for _ in range(4):
        assert await announcer.step() == 0
    await threads.close()
    assert len(looks) == 1
