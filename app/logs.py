"""How the service logs: one readable line an event, in UTC, on standard error."""

import logging
import time
from typing import Any


class Line(logging.Formatter):
    """`2026-11-20T15:00:00Z INFO app.worker what happened`."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")


def configuration(level: str) -> dict[str, Any]:
    """For `logging.config.dictConfig`: our own lines and the server's from `level` on, warnings of everybody else.

    The server leaves its access log out by itself unless it is asked for.
    """
    ours = {"level": level.upper()}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": Line}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": {"app": ours, "uvicorn": ours},
    }
