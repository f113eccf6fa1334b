"""How the service logs: one line an event, in UTC, on standard error; for people, or as JSON for machines.

No line holds a body, a secret, an address or a path as it was sent: whoever logs names ids and nothing else, and of an
exception its name and where it came from are shown, not what it says, which may quote any of these.
"""

import json
import logging
import time
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from itertools import chain
from textwrap import indent
from traceback import format_tb
from typing import Any, Literal

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that is being answered."""


class Discreet(logging.Formatter):
    """A form of lines that shows of an exception nothing that anybody sent."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the library's name
        """Its name, where it came from, and the same of those that led to it."""
        return "\n".join(_tell(ei[1])) if ei[1] else ""

    def say(self, record: logging.LogRecord) -> str:
        """What is logged, in one line: drivers and asyncio quote in the next. The server says more as it starts."""
        message = record.getMessage().strip()
        return message if record.name.startswith("uvicorn") else message.partition("\n")[0]


class Line(Discreet):
    """`2026-11-20T15:00:00Z INFO app.worker what happened [id of the request]`, where there is a request."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s ", "%Y-%m-%dT%H:%M:%SZ")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """All but the exception."""
        line, request_id = super().formatMessage(record) + self.say(record), REQUEST_ID.get()
        return f"{line} [{request_id}]" if request_id else line


class JsonLine(Discreet):
    """The same as an object: `time`, `level`, `logger`, `message`; where there are any, `request_id`, `exception`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self.say(record),
        }
        if request_id := REQUEST_ID.get():
            line["request_id"] = request_id
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def _tell(error: BaseException) -> Iterator[str]:
    """The lines of an exception, those of the one before it first."""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None:
        yield from _tell(earlier)
        yield "which led to:"
    yield from (frame.rstrip("\n") for frame in format_tb(error.__traceback__))
    yield _name(error)
    if isinstance(error, BaseExceptionGroup):
        yield from (indent(line, "  | ") for line in chain.from_iterable(map(_tell, error.exceptions)))


def _name(error: BaseException) -> str:
    """Its class, and of a database's the code of the error and what it was about."""
    told = getattr(error, "diag", None)
    details = (
        getattr(told, "sqlstate", None),
        getattr(told, "table_name", None),
        getattr(told, "constraint_name", None),
    )
    known = ", ".join(filter(None, (*details, getattr(error, "sqlite_errorname", None))))
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    return f"{name} ({known})" if known else name


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
