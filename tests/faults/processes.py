"""The service as processes of its own, on a database of the test's."""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from httpx import Client
from time_machine import travel

from app.__main__ import main
from tests.conftest import SECRET_KEY

PATIENCE = 60.0
"""Seconds after which a test that waits has failed: far beyond anything that is expected, also on a busy machine."""

QUICK = {
    "AFTERWORD_SECRET_KEY": SECRET_KEY,
    "AFTERWORD_WEBHOOK_ALLOW_NETS": "127.0.0.0/8",
    "AFTERWORD_WEBHOOK_TIMEOUT_SECONDS": "2",
    "AFTERWORD_WEBHOOK_LEASE_SECONDS": "4.5",
    "AFTERWORD_WEBHOOK_RETRY_SCHEDULE": "0.2,0.2,0.2,0.2",
}
"""Settings under which nothing takes long; loopback is allowed."""

SHORT = {"webhook_timeout_seconds": "0.8", "webhook_lease_seconds": "2"}
"""For tests that wait for the end of a lease."""

PATIENT = {"webhook_retry_schedule": ",".join(["0.2"] * 50)}
"""For tests in which an attempt may be lost many times."""


class Process:
    """One command of ours in a process of its own; what it says is in `log`."""

    def __init__(
        self, arguments: list[str], environment: dict[str, str], log: Path, ahead: timedelta = timedelta()
    ) -> None:
        """Its clock goes that much ahead of ours."""
        self.log = log
        environment = {**os.environ, **QUICK, **environment}
        self._process = _STARTING.Process(target=_run, args=(arguments, environment, log, ahead))
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def says(self, text: str) -> bool:
        """Whether a line of it holds this text; fails the test if it has ended."""
        said = self.log.read_text(errors="replace") if self.log.exists() else ""
        assert text in said or self._process.is_alive(), said
        return text in said

    def kill(self) -> None:
        """As the kernel does it: at once, without a word."""
        self._process.kill()
        self.wait()

    def freeze(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def tell_to_stop(self) -> None:
        self._process.terminate()

    def wait(self) -> int:
        """Its exit status."""
        self._process.join(PATIENCE)
        assert self._process.exitcode is not None, f"it has not ended: {self.log.read_text(errors='replace')}"
        return self._process.exitcode

    def stop(self) -> int:
        """The exit status after SIGTERM; thaws it first, and does nothing to one that has ended."""
        if self._process.is_alive():
            self.thaw()
            self.tell_to_stop()
        return self.wait()


_STARTING = get_context("forkserver")
_STARTING.set_forkserver_preload(["app.__main__", "app.commands", "app.main", "app.worker", "uvicorn", "uvloop"])
"""A process is forked from one that has imported everything: 30 workers would take a minute to start otherwise."""


def _run(arguments: list[str], environment: dict[str, str], log: Path, ahead: timedelta) -> None:
    """Be `python -m app`."""
    if ahead:
        travel(datetime.now(UTC) + ahead).start()
    os.environ.clear()
    os.environ.update(environment)
    with log.open("wb") as said:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(said.fileno(), stream.fileno())
    sys.exit(main(arguments))


@contextmanager
def worker(database_url: str, folder: Path, ahead: timedelta = timedelta(), /, **settings: str) -> Iterator[Process]:
    """A worker alone that has begun to work; ended with the block, however it stands then."""
    environment = {"AFTERWORD_DATABASE_URL": database_url, **_named(settings)}
    process = Process(["worker"], environment, folder / f"worker-{time.time_ns()}.log", ahead)
    try:
        wait_until(lambda: process.says("begins"))
        yield process
    finally:
        _end(process)


@contextmanager
def api(database_url: str, folder: Path, *arguments: str, **settings: str) -> Iterator[tuple[Process, str]]:
    """`serve`, and the address where it answers; `--no-worker` among the arguments makes it the API alone."""
    port = free_port()
    environment = {"AFTERWORD_DATABASE_URL": database_url, **_named(settings)}
    process = Process(["serve", "--port", str(port), *arguments], environment, folder / f"api-{time.time_ns()}.log")
    try:
        wait_until(lambda: process.says("Uvicorn running"))
        yield process, f"http://127.0.0.1:{port}"
    finally:
        _end(process)


def connect(address: str, key: str) -> Client:
    """A client of the API with a key."""
    return Client(base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE)


def _named(settings: dict[str, str]) -> dict[str, str]:
    return {f"AFTERWORD_{name.upper()}": value for name, value in settings.items()}


def _end(process: Process) -> None:
    try:
        process.stop()
    except AssertionError:
        process.kill()
        raise


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(condition: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """What the condition comes to once it is true; the test fails if it takes for ever."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.01)
    raise AssertionError(f"after {patience} seconds it is still not so")
