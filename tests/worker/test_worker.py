"""A whole worker in this process, over a real database, with a real receiver."""

import asyncio
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update
from standardwebhooks import Webhook

from app.bell import Bell
from app.schemas.webhook_events import EVENTS
from app.settings import Settings
from app.store import tables
from app.store.db import Database
from app.vault import Vault
from app.webhooks.outbox import News, publish
from app.webhooks.signing import make_secret
from app.worker import Worker, alarms
from app.worker.worker import WrongKey
from tests.conftest import SECRET_KEY
from tests.faults.receivers import Received, Receiver, receiver
from tests.faults.scenes import POLICIES, Scene

SECOND = timedelta(seconds=1)
OTHER_KEY = urlsafe_b64encode(bytes(32)).decode()
PATIENCE = 30


def settle_on(database_url: str, **changes: Any) -> Settings:
    given = {"secret_key": SECRET_KEY, "webhook_allow_nets": "127.0.0.0/8", "webhook_retry_schedule": "0.1,0.1"}
    return Settings(database_url=database_url, _env_file=None, **(given | changes))


@asynccontextmanager
async def working(
    database_url: str, database: Database, bell: Bell | None = None, **changes: Any
) -> AsyncIterator[Worker]:
    """A worker that runs meanwhile."""
    settings = settle_on(database_url, **changes)
    worker = Worker(settings, database, POLICIES, Vault([SECRET_KEY]), bell or Bell())
    running = asyncio.create_task(worker.run())
    yield worker
    worker.stop()
    await asyncio.wait_for(running, PATIENCE)


async def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it is still not so"
        await asyncio.sleep(0.01)


async def test_a_follow_up_rings_when_it_is_due_signed_and_settled(database_url: str, database: Database) -> None:
    scene, secret = Scene.of(database), make_secret()
    due_at = datetime.now(UTC) + 2 * SECOND
    with receiver() as hook:
        scene.add_endpoint(hook.url, secret=secret)
        scene.add_interviews(1, due_at)
        async with working(database_url, database):
            await until(lambda: scene.states() == ["delivered"])
    (request,) = hook.received
    assert request.at >= due_at.timestamp()
    assert Webhook(secret).verify(request.body, request.headers) == request.payload
    event = EVENTS["follow_up.due"].model_validate(request.payload)
    assert event.model_dump()["data"]["due_at"] == due_at
    (attempt,) = scene.rows(tables.Attempt)
    assert (attempt.number, attempt.status, attempt.failure, attempt.truncated) == (1, 204, None, False)
    assert scene.rows(tables.Pending) == []


async def test_a_write_in_the_same_process_is_noticed_at_once(
    database_url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarms, "LONGEST_SLEEP", 2.0 * PATIENCE)  # looking by itself, it would do so too late
    scene, bell = Scene.of(database), Bell()
    with receiver() as hook:
        scene.add_endpoint(hook.url)
        async with working(database_url, database, bell):
            await asyncio.sleep(0.2)
            scene.add_interviews(1, datetime.now(UTC) - SECOND)
            bell.ring()
            await until(lambda: hook.received)
    assert hook.payloads()[0]["data"]["late_by_seconds"] >= 1


async def test_what_fails_is_tried_again_with_the_same_id_and_then_given_up(
    database_url: str, database: Database
) -> None:
    scene = Scene.of(database)
    with receiver(behave=lambda _: 500) as hook:
        scene.add_endpoint(hook.url)
        scene.add_interviews(1, datetime.now(UTC) - SECOND)
        async with working(database_url, database):
            await until(lambda: scene.states() == ["failed"])
    assert list(hook.ids().values()) == [3]
    assert [row.number for row in scene.rows(tables.Attempt)] == [1, 2, 3]
    timestamps = [request.headers["webhook-timestamp"] for request in hook.received]
    assert timestamps == sorted(timestamps)


@pytest.mark.parametrize("topics", [["moving the nightly batch to streaming"], []])
async def test_an_endpoint_that_asks_for_the_email_gets_it_or_what_it_lacks(
    database_url: str, database: Database, topics: list[str]
) -> None:
    scene = Scene.of(database)
    with receiver() as thin, receiver() as full:
        scene.add_endpoint(thin.url)
        scene.add_endpoint(full.url, include_email=True)
        scene.add_interviews(1, datetime.now(UTC) - SECOND, interviewers=[{"name": "Priya Shah", "topics": topics}])
        async with working(database_url, database):
            await until(lambda: scene.states() == ["delivered"] * 2)
    assert "email" not in thin.payloads()[0]["data"]
    (told,) = full.payloads()
    data = EVENTS["follow_up.due"].model_validate(told).model_dump()["data"]
    if topics:
        assert data["email"]["to"][0]["name"] == "Priya Shah"
        assert data["lacks"] == []
    else:
        assert data["email"] is None
        assert data["lacks"][0]["pointer"] == "/interviewers/0/topics"
    assert {key: told[key] for key in ("type", "timestamp")} == {
        key: thin.payloads()[0][key] for key in ("type", "timestamp")
    }
    assert thin.received[0].id == full.received[0].id


async def test_a_payload_that_cannot_be_made_fails_after_bounded_attempts_and_others_go_on(
    database_url: str, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    scene = Scene.of(database)
    unknown = News("follow_up.due", {"kind": "thank_you"}, "int_none", f"fu_{'0' * 32}", datetime.now(UTC))
    with receiver() as hook:
        broken = scene.add_endpoint(hook.url + "/full", include_email=True)
        scene.add_endpoint(hook.url + "/thin")
        with scene.begin() as session:
            publish(session, [unknown], datetime.now(UTC))
        async with working(database_url, database):
            await until(lambda: sorted(scene.states()) == ["delivered", "failed"])
    assert [request.path for request in hook.received] == ["/hook/thin"]
    (failed,) = [row for row in scene.rows(tables.Delivery) if row.endpoint_id == broken]
    assert failed.attempts == 3
    assert {row.failure for row in scene.rows(tables.Attempt)} == {"payload", None}
    assert "could not be made" in caplog.text


async def test_a_receiver_that_is_gone_is_disabled_and_the_others_are_told(
    database_url: str, database: Database
) -> None:
    scene = Scene.of(database)
    with receiver(behave=lambda _: 410) as gone, receiver() as other:
        endpoint = scene.add_endpoint(gone.url)
        scene.add_endpoint(other.url, events='["endpoint.disabled"]')
        scene.add_interviews(1, datetime.now(UTC) - SECOND)
        async with working(database_url, database):
            await until(lambda: other.received)
    (told,) = other.payloads()
    assert (told["type"], told["data"]["endpoint_id"]) == ("endpoint.disabled", endpoint)
    assert {row.id: row.enabled for row in scene.rows(tables.WebhookEndpoint)}[endpoint] is False


async def test_told_to_stop_a_worker_finishes_what_is_under_way_and_gives_back_the_rest(
    database_url: str, database: Database
) -> None:
    scene = Scene.of(database)
    answered: list[Received] = []

    def answer_slowly(request: Received) -> int:
        time.sleep(0.5)
        answered.append(request)
        return 204

    with receiver(behave=answer_slowly) as hook:
        scene.add_endpoint(hook.url)
        scene.add_interviews(30, datetime.now(UTC) - SECOND)
        async with working(database_url, database, webhook_in_flight=5):
            await until(lambda: hook.received)
        assert scene.leases() == set()
        assert scene.states().count("delivered") == len(answered)
        assert 5 <= len(answered) < 30
    assert {row.tries for row in scene.rows(tables.Pending)} == {0}


class Counting(Database):
    """A database that counts how often it is asked."""

    asked = 0

    def begin(self, wait_seconds: float | None = None) -> Any:
        self.asked += 1
        return super().begin(wait_seconds)

    def read(self) -> Any:
        self.asked += 1
        return super().read()

    def peek(self) -> Any:
        self.asked += 1
        return super().peek()


async def test_a_worker_that_has_nothing_to_do_hardly_asks(database_url: str) -> None:
    database = Counting(database_url)
    async with working(database_url, database):
        await asyncio.sleep(2.5)
    database.dispose()
    assert 5 < database.asked < 25


def describe(hook: Receiver) -> list[str]:
    return [each["type"] for each in hook.payloads()]


async def test_a_window_that_has_closed_is_told_as_missed_and_never_as_due(
    database_url: str, database: Database
) -> None:
    scene = Scene.of(database)
    with receiver() as hook:
        scene.add_endpoint(hook.url)
        scene.add_interviews(1, datetime.now(UTC) - timedelta(days=2))
        async with working(database_url, database):
            await until(lambda: scene.states() == ["delivered"])
    assert describe(hook) == ["follow_up.missed"]


async def test_a_worker_that_is_stopped_before_it_began_ends(database_url: str, database: Database) -> None:
    async with working(database_url, database):
        pass  # not even its first step was taken


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # a server may be set up later
async def test_a_worker_begins_once_its_database_answers_and_not_with_a_wrong_key(
    database_url: str, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def rename(old: str, new: str) -> None:
        with database.begin() as connection:
            connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

    Scene.of(database).add_endpoint("https://example.com/")
    rename("webhook_endpoint", "not_yet")
    worker = Worker(settle_on(database_url), database, POLICIES, Vault([OTHER_KEY]), Bell())
    running = asyncio.create_task(worker.run())
    await until(lambda: "cannot be used" in caplog.text)
    rename("not_yet", "webhook_endpoint")
    with pytest.raises(WrongKey, match="put the older key back"):
        await asyncio.wait_for(running, PATIENCE)
    assert "begins" not in caplog.text


async def test_a_worker_that_waits_for_its_database_can_be_stopped(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/folder.db"
    (tmp_path / "folder.db").write_bytes(b"no database, for sure" * 100)
    async with working(url, Database(url)):
        await asyncio.sleep(0.2)


class Dying(Worker):
    """A worker whose loops end with an error."""

    def _is_stopping(self) -> bool:
        raise ZeroDivisionError


async def test_to_stop_a_worker_that_has_died_does_nothing(database_url: str, database: Database) -> None:
    worker = Dying(settle_on(database_url), database, POLICIES, Vault([SECRET_KEY]), Bell())
    with pytest.raises(ExceptionGroup):
        await asyncio.wait_for(worker.run(), PATIENCE)
    worker.stop()


async def test_one_interview_that_cannot_be_announced_keeps_nobody_waiting(
    database_url: str, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    broken, healthy = Scene.of(database, "broken"), Scene.of(database, "healthy")
    with receiver() as hook:
        for scene in (broken, healthy):
            scene.add_endpoint(hook.url)
        (first,) = broken.add_interviews(1, datetime.now(UTC) - 20 * SECOND)
        with broken.begin() as session:
            table = tables.Interview.__table__
            nowhere = update(table).where(table.c.id == first).values(timezone="Nowhere/None")
            session.connection.execute(nowhere)
            steps = tables.FollowUp.__table__
            session.connection.execute(update(steps).where(steps.c.interview_id == first).values(body="{}"))
        broken.add_interviews(3, datetime.now(UTC) - 10 * SECOND)
        healthy.add_interviews(3, datetime.now(UTC) - SECOND)
        async with working(database_url, database):
            await until(lambda: len(hook.ids()) == 6)
    assert first in caplog.text
    assert first not in {each["data"]["interview_id"] for each in hook.payloads()}


async def test_a_410_of_the_old_address_does_not_disable_the_new_one(database_url: str, database: Database) -> None:
    scene = Scene.of(database)
    with receiver() as other:

        def move_and_refuse(_: Received) -> int:
            with scene.begin() as session:
                table = tables.WebhookEndpoint.__table__
                session.connection.execute(update(table).values(url=other.url))
            return 410

        with receiver(behave=move_and_refuse) as gone:
            scene.add_endpoint(gone.url)
            scene.add_interviews(1, datetime.now(UTC) - 2 * SECOND)
            async with working(database_url, database):
                await until(lambda: scene.states() == ["failed"])
                scene.add_interviews(1, datetime.now(UTC) - SECOND)
                await until(lambda: other.received)
    assert all(row.enabled for row in scene.rows(tables.WebhookEndpoint))
