"""The server: uvicorn, and what a signal means to it."""

import signal
from types import FrameType
from typing import Any

from fastapi import FastAPI
from uvicorn import Config, Server


class AppServer(Server):
    """Tells the worker inside to stop as soon as it is told itself, not after the requests that are under way."""

    def __init__(self, app: FastAPI, **settings: Any) -> None:
        super().__init__(Config(app, **settings))
        self._state = app.state

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - Python calls it
        """A second Ctrl-C waits for nothing. Unlike uvicorn's own, it does not raise the signal again in the end."""
        if self._state.stop_worker is not None:
            self._state.stop_worker()
        self.force_exit |= self.should_exit and sig == signal.SIGINT
        self.should_exit = True
