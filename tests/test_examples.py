"""The examples, as real processes: the receivers alone, then with a service that has something to tell them."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from standardwebhooks import Webhook

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
SECRET = "whsec_" + "QWZ0ZXJ3b3Jk" * 3
KEY = re.compile(r"aw_live_[0-9A-Za-z]{36}")
FOLLOW_UP = re.compile(r"fu_[0-9a-f]{32}")
BODY = '{"type": "follow_up.due", "timestamp": "2026-11-20T21:00:00Z", "data": {"key": "thank_you/ana-lópez-😀"}}'
NODE = shutil.which("node")
RECEIVERS = {"receiver.py": sys.executable} | ({"receiver.mjs": NODE} if NODE else {})


class Receiver(NamedTuple):
    """A receiver that runs: where it listens, and the file of what it handled, a line each."""

    url: str
    said: Path

    def post(self, message_id: str, *, at: datetime, signed: str = BODY, sent: str = BODY) -> int:
        """The status that it answers with."""
        headers = {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": "v1,b2xk " + Webhook(SECRET).sign(message_id, at, signed),
        }
        return httpx.post(self.url, content=sent.encode(), headers=headers).status_code

    def handled(self, least: int) -> list[str]:
        """The lines, once there are so many."""
        deadline = time.monotonic() + 20
        while len(lines := self.said.read_text(encoding="utf-8").splitlines()) < least:
            assert time.monotonic() < deadline, lines
            time.sleep(0.02)
        return lines


@pytest.fixture(params=RECEIVERS)
def receiver(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Receiver]:
    port, said = free_port(), tmp_path / "handled"
    command = [RECEIVERS[request.param], str(EXAMPLES / request.param), str(port)]
    with running(command, {"WEBHOOK_SECRET": SECRET, "WEBHOOK_INBOX": str(tmp_path / "inbox.db")}, said):
        wait_for(port)
        yield Receiver(f"http://127.0.0.1:{port}/", said)


@pytest.fixture
def api(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A service over a fresh SQLite file, which may call this machine: its address and a key."""
    port, said = free_port(), tmp_path / "said"
    settings = {
        "AFTERWORD_DATABASE_URL": f"sqlite:///{tmp_path}/afterword.db",
        "AFTERWORD_WEBHOOK_ALLOW_NETS": "127.0.0.0/8",
    }
    with running([sys.executable, "-m", "app", "serve", "--port", str(port)], settings, said):
        wait_for(port)
        found = KEY.search(said.read_text())
        assert found
        yield f"http://127.0.0.1:{port}", found[0]


def test_what_is_signed_is_taken_at_once_and_handled(receiver: Receiver) -> None:
    assert receiver.post("msg_1", at=datetime.now(UTC)) == 204
    assert receiver.handled(1)[0].startswith("follow_up.due {")


def test_what_was_tampered_with_is_refused(receiver: Receiver) -> None:
    assert receiver.post("msg_1", at=datetime.now(UTC), sent=BODY.replace("due", "won")) == 401
    assert httpx.post(receiver.url, content=BODY.encode()).status_code == 401
    assert receiver.post("msg_2", at=datetime.now(UTC)) == 204
    assert len(receiver.handled(1)) == 1


@pytest.mark.parametrize("seconds", [-310, 310])
def test_what_was_signed_at_another_time_is_refused(receiver: Receiver, seconds: int) -> None:
    assert receiver.post("msg_1", at=datetime.now(UTC) + timedelta(seconds=seconds)) == 401
    assert receiver.post("msg_2", at=datetime.now(UTC)) == 204
    assert len(receiver.handled(1)) == 1


def test_what_comes_twice_is_handled_once(receiver: Receiver) -> None:
    now = datetime.now(UTC)
    assert receiver.post("msg_1", at=now) == 204
    assert receiver.post("msg_1", at=now + timedelta(seconds=5)) == 204
    assert receiver.post("msg_2", at=now) == 204
    receiver.handled(2)
    time.sleep(0.1)  # for a third
    assert len(receiver.handled(2)) == 2


def test_what_is_too_long_is_refused(receiver: Receiver) -> None:
    long = "x" * 1_000_001
    port = httpx.URL(receiver.url).port
    head = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(long)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port or 0), timeout=20) as connection:
        connection.sendall(head.encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 413 ")


def test_a_subscription_shows_its_webhook_within_a_minute(receiver: Receiver, api: tuple[str, str]) -> None:
    url, key = api
    command = [sys.executable, str(EXAMPLES / "subscribe.py"), "--api", url, "--key", key, "--receiver", receiver.url]
    done = subprocess.run(
        command, env=os.environ | {"WEBHOOK_SECRET": SECRET}, capture_output=True, text=True, timeout=90, check=False
    )
    assert done.returncode == 0, done.stderr
    told = FOLLOW_UP.search(done.stdout)
    assert told
    assert told[0] in receiver.handled(1)[0]
    listed = httpx.get(f"{url}/v1/webhook-endpoints", headers={"Authorization": f"Bearer {key}"})
    assert listed.json()["data"] == []


@contextmanager
def running(command: Sequence[str], environment: Mapping[str, str], said: Path) -> Iterator[None]:
    with said.open("w") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | dict(environment), stdout=out)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=40)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"nobody listens on {port}")
