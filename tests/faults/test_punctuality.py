"""On an idle service a follow-up is told of when it is due. How exactly, `bench/latency.py` measures."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults.processes import api, connect, wait_until, worker
from tests.faults.receivers import receiver
from tests.faults.scenes import Scene, interview_due

SLACK = timedelta(milliseconds=10)
"""By which two clocks, ours and the receiver's, may seem to disagree."""

PROMPT = {1: timedelta(seconds=0.5), 2: timedelta(seconds=3)}
"""Far beyond what it takes, by the number of processes: one notices at once, another looks once a second."""


@pytest.mark.parametrize("processes", [1, 2], ids=["one process", "two processes"])
@pytest.mark.parametrize("ahead", [timedelta(seconds=2.5), timedelta(0)], ids=["planned", "stored already due"])
def test_a_follow_up_is_received_when_it_is_due_and_no_earlier(
    scene: Scene, database_url: str, key: str, tmp_path: Path, processes: int, ahead: timedelta
) -> None:
    with receiver() as hook, ExitStack() as stack:
        scene.add_endpoint(hook.url)
        alone = ["--no-worker"] if processes > 1 else []
        _, address = stack.enter_context(api(database_url, tmp_path, *alone))
        if alone:
            stack.enter_context(worker(database_url, tmp_path))
        client = stack.enter_context(connect(address, key))
        due_at = datetime.now(UTC) + ahead
        body = interview_due(due_at).model_dump(mode="json", exclude_unset=True)
        assert client.post("/v1/interviews", json=body).status_code == 201
        wait_until(lambda: hook.received)
    assert -SLACK < datetime.fromtimestamp(hook.received[0].at, UTC) - due_at < PROMPT[processes]
