import base64
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.store.db import Session
from app.store.follow_ups import FollowUpFilter, insert_follow_ups, list_follow_ups
from app.store.interviews import InterviewFilter, delete_interviews, list_interviews
from app.store.keys import find_or_insert_account
from app.store.paging import BadCursor, Key, Listing, Page, Sort, decode, encode
from app.store.rows import InterviewRow
from app.store.tables import Interview
from tests.store.examples import NEW_YORK, NOW, keep, step

MICROSECOND = timedelta(microseconds=1)
# Ties, neighbours by a microsecond, a whole second, and other zones than UTC.
OFFSETS = [0, 0, 0, 1, 2, -1, -1, 876544, 1_000_000, -123456, 3_600_000_000, -3_600_000_000]


@pytest.fixture
def rows(session: Session) -> list[InterviewRow]:
    instants = [NOW + offset * MICROSECOND for offset in OFFSETS]
    return [keep(session, now=instant, starts_at=instant.astimezone(NEW_YORK)) for instant in instants]


def _pages(session: Session, sort: Sort, limit: int) -> Iterator[Page[InterviewRow]]:
    cursor: str | None = None
    while True:
        page = list_interviews(session, InterviewFilter(), sort=sort, limit=limit, cursor=cursor)
        yield page
        cursor = page.next_cursor
        if cursor is None:
            return


@pytest.mark.parametrize("limit", [1, 2, 5, 11, 12, 13])
@pytest.mark.parametrize("sort", ["starts_at", "-starts_at", "created_at", "-created_at"])
def test_pages_hold_every_row_once_and_in_order(
    session: Session, rows: list[InterviewRow], sort: Sort, limit: int
) -> None:
    pages = list(_pages(session, sort, limit))
    found = [row for page in pages for row in page.rows]
    instant = sort.removeprefix("-")
    assert found == sorted(rows, key=lambda row: (getattr(row, instant), row.id), reverse=sort.startswith("-"))
    assert [len(page.rows) for page in pages[:-1]] == [limit] * (len(pages) - 1)
    assert pages[-1].rows


def test_follow_ups_are_paged_by_the_instant_at_which_they_fall_due(session: Session) -> None:
    steps = [step(f"check_in/{number}", offset * MICROSECOND) for number, offset in enumerate(OFFSETS)]
    kept = insert_follow_ups(session, keep(session).id, steps, NOW)
    page = list_follow_ups(session, FollowUpFilter(), NOW, limit=5)
    found = list(page.rows)
    while page.next_cursor is not None:
        page = list_follow_ups(session, FollowUpFilter(), NOW, limit=5, cursor=page.next_cursor)
        found += page.rows
    assert found == sorted(kept, key=lambda row: (row.due_at, row.id))


def test_what_is_deleted_or_added_between_two_pages_moves_nothing_else(
    session: Session, rows: list[InterviewRow]
) -> None:
    ordered = sorted(rows, key=lambda row: (row.starts_at, row.id))
    first = list_interviews(session, InterviewFilter(), sort="starts_at", limit=4)
    delete_interviews(session, [ordered[3].id])
    keep(session, starts_at=ordered[0].starts_at)
    rest = list_interviews(session, InterviewFilter(), sort="starts_at", limit=100, cursor=first.next_cursor)
    assert list(first.rows) + list(rest.rows) == ordered


@pytest.mark.usefixtures("rows")
def test_a_cursor_is_good_for_its_own_list_only(session: Session) -> None:
    cursor = list_interviews(session, InterviewFilter(), sort="starts_at", limit=1).next_cursor
    other = Session(session.connection, find_or_insert_account(session.connection, "other", NOW))
    with pytest.raises(BadCursor):
        list_interviews(other, InterviewFilter(), sort="starts_at", limit=1, cursor=cursor)
    with pytest.raises(BadCursor):
        list_interviews(session, InterviewFilter(), sort="-starts_at", limit=1, cursor=cursor)
    with pytest.raises(BadCursor):
        list_interviews(session, InterviewFilter(stage="panel"), sort="starts_at", limit=1, cursor=cursor)
    with pytest.raises(BadCursor):
        list_follow_ups(session, FollowUpFilter(), NOW, limit=1, cursor=cursor)
    # Another limit is another page of the same list.
    assert len(list_interviews(session, InterviewFilter(), sort="starts_at", limit=50, cursor=cursor).rows) == 11


LISTING = Listing(Interview.__table__, "acc_1", "starts_at", {"stage": None}, ())
CURSOR = encode(LISTING, Key(NOW, "int_1"))


def test_a_cursor_can_stand_in_a_url_as_it_is() -> None:
    assert CURSOR.replace("-", "").replace("_", "").isalnum()
    assert decode(LISTING, CURSOR) == Key(NOW, "int_1")


@pytest.mark.parametrize("position", range(len(CURSOR)))
def test_a_cursor_with_a_changed_lost_or_added_character_is_refused(position: int) -> None:
    changed = "A" if CURSOR[position] != "A" else "B"
    for cursor in (
        CURSOR[:position] + changed + CURSOR[position + 1 :],
        CURSOR[:position] + CURSOR[position + 1 :],
        CURSOR[:position] + "\n" + CURSOR[position:],
        CURSOR[:position] + "=" + CURSOR[position:],
    ):
        with pytest.raises(BadCursor):
            decode(LISTING, cursor)


@given(st.text() | st.binary().map(lambda data: base64.urlsafe_b64encode(data).decode()))
def test_whatever_else_is_no_cursor(text: str) -> None:
    with pytest.raises(BadCursor):
        decode(LISTING, text)


@pytest.mark.parametrize(
    "instant", ["2026-11-20T21:30:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "x"]
)
def test_a_cursor_that_was_made_by_hand_is_refused_whatever_its_instant(instant: str) -> None:
    with pytest.raises(BadCursor):
        decode(LISTING, base64.urlsafe_b64encode(f"{instant} int_1 0123456789abcdef".encode()).decode().rstrip("="))


def test_the_tests_above_walk_over_ties() -> None:
    assert any(one == other for one, other in pairwise(sorted(OFFSETS)))
