"""How lines look."""

import json
import logging
import logging.config
from datetime import datetime

import pytest

from app.logs import FORMATS, configuration

RECORD = logging.LogRecord("app.worker", logging.INFO, __file__, 1, "Delivery %s could not be made", ("dlv_1",), None)


def test_a_line_for_people_names_when_how_bad_and_what() -> None:
    assert FORMATS["text"]().format(RECORD).endswith("Z INFO app.worker Delivery dlv_1 could not be made")


def test_a_line_for_machines_is_one_object() -> None:
    line = json.loads(FORMATS["json"]().format(RECORD))
    assert datetime.fromisoformat(line.pop("time")).tzinfo is not None
    assert line == {"level": "info", "logger": "app.worker", "message": "Delivery dlv_1 could not be made"}


def test_a_line_for_machines_holds_the_traceback_and_stays_one_line() -> None:
    error = ValueError("two\nlines")
    record = logging.LogRecord("app", logging.ERROR, __file__, 1, "failed", (), (ValueError, error, None))
    text = FORMATS["json"]().format(record)
    assert "\n" not in text
    assert "ValueError: two\nlines" in json.loads(text)["exception"]


@pytest.mark.parametrize("form", ["text", "json"])
def test_both_can_be_configured(form: str) -> None:
    chosen = configuration("info", "json" if form == "json" else "text")
    assert chosen["formatters"]["line"]["()"] is FORMATS["json" if form == "json" else "text"]
