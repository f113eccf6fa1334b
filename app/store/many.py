"""Statements on many rows, whose text is the same for any number of them on PostgreSQL: parsed and prepared once."""

import json
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar, get_args

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Connection,
    String,
    Table,
    TextClause,
    any_,
    bindparam,
    insert,
    text,
)

from app.store.db import Dialect

StatementT = TypeVar("StatementT")


def by_dialect(build: Callable[[Dialect], StatementT]) -> dict[str, StatementT]:
    """A statement as each database wants it, by the name of its dialect."""
    return {dialect: build(dialect) for dialect in get_args(Dialect)}


def among(column: Column[Any], name: str, dialect: Dialect) -> ColumnElement[bool]:
    """Whether a text column holds one of the values that are given under this name, a list."""
    if dialect == "postgresql":
        return column == any_(bindparam(name, type_=ARRAY(String)))
    return column.in_(bindparam(name, expanding=True))


def insert_many(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, each with all the table's columns by name."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(insert_json(table), as_json(rows))
    else:
        connection.execute(insert(table), rows)


@cache
def insert_json(table: Table, ending: str = "") -> TextClause:
    """An INSERT for PostgreSQL that takes its rows `as_json`: lists of values take the driver four times as long."""
    columns = ", ".join(table.c.keys())
    rows = f"json_populate_recordset(CAST(NULL AS {table.name}), CAST(:rows AS json))"
    return text(f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM {rows} {ending}")  # noqa: S608 - our names


def as_json(rows: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Rows as the one parameter of `insert_json`."""
    return {"rows": json.dumps(rows, ensure_ascii=False, default=str)}
