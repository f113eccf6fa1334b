"""Servers in processes of their own, on free ports of this machine."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from app.settings import MOST_REQUESTS

COUNTED = {"AFTERWORD_RATE_LIMIT_KEY": str(MOST_REQUESTS), "AFTERWORD_RATE_LIMIT_ADDRESS": str(MOST_REQUESTS)}
"""Every request is counted, and none is too many."""


@contextmanager
def serve(arguments: list[str], environment: Mapping[str, str]) -> Iterator[int]:
    """The port of `python -m <arguments> --port <port>`, which answers by then and is stopped afterwards."""
    port = _free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments, "--port", str(port)],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait(process, port)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(200):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with status {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server does not answer")
