"""A worker dies in the middle of a recovery: another goes on where it was, and sends each message once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from app.store import tables
from app.webhooks.recovery import start_recovery
from tests.faults.processes import SHORT, wait_until, worker
from tests.faults.receivers import receiver
from tests.faults.scenes import Scene

MESSAGES = 3000
AN_HOUR_AGO = -timedelta(hours=1)


def give_all_up(scene: Scene) -> None:
    """As after the last retry of each."""
    with scene.begin() as session:
        session.connection.execute(
            update(tables.Delivery.__table__).values(state="failed", settled_at=datetime.now(UTC))
        )
        session.connection.execute(delete(tables.Pending.__table__))


@pytest.mark.long
def test_a_worker_killed_in_a_recovery_leaves_the_rest_of_it_to_another(
    scene: Scene, database_url: str, tmp_path: Path
) -> None:
    began = datetime.now(UTC)
    with receiver() as hook:
        endpoint_id = scene.add_endpoint(hook.url)
        scene.add_many_interviews(MESSAGES, began + AN_HOUR_AGO)
        assert scene.announce() == MESSAGES
        give_all_up(scene)
        with scene.begin() as session:
            start_recovery(session, endpoint_id, began - timedelta(minutes=1), datetime.now(UTC))
        with worker(database_url, tmp_path, **SHORT) as victim:
            wait_until(lambda: 0 < recovered(scene) < MESSAGES)
            victim.kill()
        (half_done,) = scene.rows(tables.Recovery)
        assert half_done.finished_at is None
        assert 0 < half_done.recovered < MESSAGES
        leased = {row.message_id for row in scene.rows(tables.Pending) if row.claim}
        with worker(database_url, tmp_path, **SHORT):
            wait_until(lambda: scene.states() == ["delivered"] * MESSAGES)
        (done,) = scene.rows(tables.Recovery)
        assert (done.recovered, done.finished_at is not None) == (MESSAGES, True)
        assert all(times <= 1 + (id in leased) for id, times in hook.ids().items())
        assert len(hook.ids()) == MESSAGES


def recovered(scene: Scene) -> int:
    (row,) = scene.rows(tables.Recovery)
    return int(row.recovered)
