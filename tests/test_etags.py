from datetime import UTC, datetime

import pytest

from app.errors import Problem
from app.etags import etag_of, is_known, require
from app.store.rows import InterviewRow

NOW = datetime(2026, 11, 20, tzinfo=UTC)
ROW = InterviewRow("acc", "int", None, None, None, "Northwind", "Engineer", "panel", NOW, "UTC", "{}", 7, NOW, NOW)

NAMED = ["*", '"int-7"', '"int-6", "int-7"', '"int-7","int-8"', ' "int-7" ', '"int-6" , * ']
OTHERS = ['"7"', '"other-7"', '"6"', '"77"', "7", "'7'", '""', "", '"6", "8"', "**", '"*"']


def test_a_tag_is_a_quoted_text_of_the_interview_and_its_version() -> None:
    assert etag_of(ROW) == '"int-7"'
    assert etag_of(ROW._replace(version=8)) == '"int-8"'


@pytest.mark.parametrize("header", NAMED)
def test_a_change_of_the_version_that_was_seen_is_let_through(header: str) -> None:
    require(ROW, header)


def test_a_change_without_a_condition_is_let_through() -> None:
    require(ROW, None)


@pytest.mark.parametrize("header", [*OTHERS, 'W/"int-7"', '"int-6", W/"int-7"'])
def test_a_change_of_another_version_or_of_a_weak_one_is_refused(header: str) -> None:
    with pytest.raises(Problem) as caught:
        require(ROW, header)
    assert caught.value.status == 412
    assert [fault.header for fault in caught.value.faults] == ["If-Match"]


@pytest.mark.parametrize("header", [*NAMED, 'W/"int-7"', '"int-6", W/"int-7"', 'W/"int-6" ,W/"int-7"'])
def test_who_has_the_version_knows_it_and_a_weak_tag_is_enough(header: str) -> None:
    assert is_known(ROW, header)


@pytest.mark.parametrize("header", [*OTHERS, None, 'W/"int-6"', 'w/"int-7"', 'W/ "int-7"'])
def test_who_has_another_version_does_not(header: str | None) -> None:
    assert not is_known(ROW, header)


@pytest.mark.parametrize("header", NAMED)
def test_a_change_of_a_version_that_was_to_be_none_is_refused(header: str) -> None:
    with pytest.raises(Problem) as caught:
        require(ROW, None, header)
    assert [fault.header for fault in caught.value.faults] == ["If-None-Match"]


def test_what_is_not_there_matches_nothing_and_may_be_created() -> None:
    require(None, None, "*")
    with pytest.raises(Problem) as caught:
        require(None, "*")
    assert [fault.header for fault in caught.value.faults] == ["If-Match"]
