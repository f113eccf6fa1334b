from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.settings import Settings
from app.webhooks.attempts import Answer, Failure
from app.webhooks.retry import LONGEST, Verdict, judge, read_schedule

NOW = datetime(2026, 11, 20, 21, 30, tzinfo=UTC)
SCHEDULE = (5.0, 300.0, 1800.0)


def _answer(status: int | None = 500, failure: Failure | None = "status", retry_after: str | None = None) -> Answer:
    return Answer(NOW, 10, status, failure, None, truncated=False, retry_after=retry_after)


def _delay(answer: Answer, tries: int = 1, jitter: float = 0.0) -> float:
    verdict = judge(answer, tries, SCHEDULE, NOW, jitter)
    assert verdict.state == "open"
    assert verdict.available_at is not None
    return (verdict.available_at - NOW).total_seconds()


def test_a_success_is_delivered() -> None:
    assert judge(_answer(204, None), 1, SCHEDULE, NOW, 0.5) == Verdict("delivered")
    assert judge(_answer(200, None), 99, SCHEDULE, NOW, 0.5) == Verdict("delivered")


def test_each_failure_waits_its_time_and_the_last_is_final() -> None:
    assert [_delay(_answer(), tries) for tries in (1, 2, 3)] == [5, 300, 1800]
    assert judge(_answer(), 4, SCHEDULE, NOW, 0) == Verdict("failed")
    assert judge(_answer(), 1, (), NOW, 0) == Verdict("failed")


def test_jitter_adds_up_to_a_tenth() -> None:
    assert _delay(_answer(), 2, jitter=0.5) == 315
    assert 329 < _delay(_answer(), 2, jitter=0.999) < 330


@pytest.mark.parametrize("status", [101, 301, 302, 307, 308, 400, 401, 404, 500, 799])
def test_no_other_status_is_special(status: int) -> None:
    assert judge(_answer(status), 1, SCHEDULE, NOW, 0) == Verdict("open", NOW + timedelta(seconds=5))


@pytest.mark.parametrize("failure", ["dns", "connection", "tls", "protocol", "blocked_address", "payload"])
def test_every_class_of_failure_is_tried_again(failure: Failure) -> None:
    assert judge(_answer(None, failure), 1, SCHEDULE, NOW, 0) == Verdict("open", NOW + timedelta(seconds=5))


@pytest.mark.parametrize("tries", [1, 4])
def test_gone_is_final_at_once(tries: int) -> None:
    assert judge(_answer(410), tries, SCHEDULE, NOW, 0) == Verdict("failed", gone=True)


@pytest.mark.parametrize("answer", [_answer(None, "timeout"), _answer(502), _answer(504)])
@pytest.mark.parametrize("tries", [1, 4])
def test_a_receiver_in_trouble_is_throttled(answer: Answer, tries: int) -> None:
    assert judge(answer, tries, SCHEDULE, NOW, 0).throttles


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("0000000000120", 120),
        ("1", 5),  # the schedule says later
        ("0", 5),
        ("86400", 86_400),
        ("86401", 86_400),
        ("9" * 5000, 86_400),
        ("-60", 5),
        ("+60", 5),
        ("60.5", 5),
        ("1e3", 5),
        ("\u0663\u0660", 5),
        ("\u00b2", 5),
        ("", 5),
        ("soon", 5),
        ("Fri, 20 Nov 2026 21:32:00 GMT", 120),
        ("Friday, 20-Nov-26 21:32:00 GMT", 120),
        ("Fri Nov 20 21:32:00 2026", 120),
        ("Fri, 20 Nov 2026 22:32:00 +0100", 120),
        ("Fri, 20 Nov 2026 21:32:00 -0000", 120),
        ("Fri, 20 Nov 2020 21:32:00 GMT", 5),  # long ago
        ("Fri, 20 Nov 9999 21:32:00 GMT", 86_400),
        ("Fri, 31 Feb 2026 21:32:00 GMT", 5),
        ("Fri, 20 Nov 99999999999 21:32:00 GMT", 5),
        ("Fri, 20 Nov 2026 21:32:00 +9999999999999", 5),
    ],
)
def test_a_receiver_may_put_us_off_for_a_day_at_most(status: int, asked: str, seconds: int) -> None:
    assert _delay(_answer(status, retry_after=asked)) == seconds


@pytest.mark.parametrize("status", [500, 301, 413])
def test_only_the_two_that_may_put_us_off_do(status: int) -> None:
    assert _delay(_answer(status, retry_after="120")) == 5


@given(st.text() | st.from_regex(r"[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d+ \d+:\d+:\d+ [+A-Z0-9-]+", fullmatch=True))
def test_whatever_the_header_says_there_is_a_next_time(asked: str) -> None:
    assert 5 <= _delay(_answer(429, retry_after=asked)) <= LONGEST.total_seconds()


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1900, 1, 1)))  # noqa: DTZ001 - as hypothesis wants it
def test_a_date_is_waited_for(then: datetime) -> None:
    then = then.replace(microsecond=0)
    delay = _delay(_answer(503, retry_after=format_datetime(then, usegmt=True)))
    assert delay == min(max((then - NOW).total_seconds(), 5), LONGEST.total_seconds())


def test_a_schedule_is_read() -> None:
    assert read_schedule("5, 300,0.25") == (5, 300, 0.25)
    assert len(read_schedule(Settings(_env_file=None).webhook_retry_schedule)) == 9


@pytest.mark.parametrize("text", ["", "5,", "soon"])
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="float"):
        read_schedule(text)
