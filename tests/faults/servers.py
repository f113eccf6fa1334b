"""A PostgreSQL server of a test's own, which can go away and come back."""

import os
import shlex
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests import postgres
from tests.faults.processes import wait_until


class Server:
    """A running server; what is committed there survives its going away."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._folder = Path(url.partition("?host=")[2])
        self._again: subprocess.Popen[bytes] | None = None
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute("ALTER DATABASE postgres SET synchronous_commit = on")

    def go_away(self) -> None:
        """At once, as in a crash: every connection breaks."""
        pid = int((self._folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGQUIT)
        wait_until(lambda: not (self._folder / "data" / "postmaster.pid").exists())
        if self._again is not None:
            self._again.wait()

    def come_back(self) -> None:
        """Begin again where the log of its writes ends."""
        command = shlex.split((self._folder / "data" / "postmaster.opts").read_text())
        user = "nobody" if os.geteuid() == 0 else None  # as it was started first
        self._again = subprocess.Popen(command, user=user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self._answers)

    def end(self) -> None:
        """Leave nothing behind that nobody watches."""
        if self._again is not None:
            self.go_away()

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url).close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def own_server() -> Iterator[Server]:
    """A server that no other test uses, gone with the block."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("TEST_DATABASE_URL", raising=False)
        url, stop = postgres.start()
    server = Server(url)
    try:
        yield server
    finally:
        server.end()
        stop()
