"""How the service logs: one line an event, in UTC, on standard error; for people, or as JSON for machines.

No line holds a body, a secret, an address or a path as it was sent: whoever logs names ids and nothing else.
"""

import json
import logging
import time
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that is being answered."""


class Line(logging.Formatter):
    """`2026-11-20T15:00:00Z INFO app.worker what happened`."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """With the id of the request at its end, where there is one."""
        line, request_id = super().formatMessage(record), REQUEST_ID.get()
        return f"{line} [{request_id}]" if request_id else line


class JsonLine(logging.Formatter):
    """The same as an object: `time`, `level`, `logger`, `message`; where there are any, `request_id`, `exception`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := REQUEST_ID.get():
            line["request_id"] = request_id
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


FORMATS: dict[Literal["text", "json"], type[logging.Formatter]] = {"text": Line, "json": JsonLine}


def configuration(level: str, form: Literal["text", "json"] = "text") -> dict[str, Any]:
    """For `logging.config.dictConfig`: our own lines and the server's from `level` on, warnings of everybody else.

    The server leaves its access log out by itself unless it is asked for.
    """
    ours = {"level": level.upper()}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": FORMATS[form]}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": {"app": ours, "uvicorn": ours},
    }
