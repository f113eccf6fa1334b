"""What the bursts of both sides have in common: how webhooks are spread, and processes that end with them."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple


class Shape(NamedTuple):
    """So many endpoints, each of an account of its own, and so many webhooks for each."""

    endpoints: int
    each: int

    @property
    def total(self) -> int:
        """Webhooks in all."""
        return self.endpoints * self.each


@contextmanager
def run_process(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Iterator[int]:
    """Its process id, while it runs; told to stop afterwards, and waited for."""
    process = subprocess.Popen(command, env={**os.environ, **(environment or {})}, stdout=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def settle_down() -> None:
    """Let the disk finish what was written before, and the processors come to rest."""
    os.sync()
    time.sleep(0.5)
