from datetime import timedelta

import pytest
from sqlalchemy import select

from app.store.db import Session
from app.store.many import insert_many
from app.store.rows import MessageRow
from app.store.tables import Message
from tests.store.examples import NOW

TABLE = Message.__table__


def _row(session: Session, n: int, **columns: object) -> MessageRow:
    row = MessageRow(session.account_id, f"msg_{n:032x}", "ping", None, None, None, None, None, NOW)
    return row._replace(**columns)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "payload", ["", "👋🏽 مرحبا", '"\\u0000\\', "line\nline", "a'b\"c", "{}", "null", " ", "\x01\x7f"]
)
def test_whatever_is_inserted_comes_back(session: Session, payload: str) -> None:
    rows = [
        _row(session, 1, payload=payload),
        _row(session, 2, moment=NOW + timedelta(microseconds=1), follow_up_id="fu_1"),
    ]
    insert_many(session.connection, TABLE, [row._asdict() for row in rows])
    found = session.connection.execute(select(TABLE).order_by(TABLE.c.id)).all()
    assert [MessageRow._make(row) for row in found] == rows


def test_no_rows_are_no_insert(session: Session) -> None:
    insert_many(session.connection, TABLE, [])
    assert session.connection.execute(select(TABLE)).all() == []


def test_a_thousand_rows_are_one_insert(session: Session) -> None:
    insert_many(session.connection, TABLE, [_row(session, n)._asdict() for n in range(1000)])
    assert len(session.connection.execute(select(TABLE)).all()) == 1000
