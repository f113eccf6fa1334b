"""Statements on many rows, whose text is the same for any number of them on PostgreSQL: parsed and prepared once."""

import json
from collections.abc import Callable, Iterator, Sequence
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
    Update,
    any_,
    bindparam,
    insert,
    text,
    update,
)

from app.store.db import Dialect

StatementT = TypeVar("StatementT")
ItemT = TypeVar("ItemT")

PART = 500
"""So many values at a time are far from the most that a statement may have (SQLite: 32,766)."""


def by_dialect(build: Callable[[Dialect], StatementT]) -> dict[str, StatementT]:
    """A statement as each database wants it, by the name of its dialect."""
    return {dialect: build(dialect) for dialect in get_args(Dialect)}


def among(column: Column[Any], name: str, dialect: Dialect) -> ColumnElement[bool]:
    """Whether a text column holds one of the values that are given under this name, a list."""
    if dialect == "postgresql":
        return column == any_(bindparam(name, type_=ARRAY(String)))
    return column.in_(bindparam(name, expanding=True))


def in_parts(values: Sequence[ItemT]) -> Iterator[Sequence[ItemT]]:
    """The values, a few hundred at a time."""
    return (values[start : start + PART] for start in range(0, len(values), PART))


def insert_many(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, each with all the table's columns by name."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(insert_json(table), as_json(rows))
    else:
        connection.execute(insert(table), rows)


def update_many(
    connection: Connection, table: Table, names: Sequence[str], account_id: str, rows: Sequence[dict[str, Any]]
) -> None:
    """Set the columns of these names, in rows of one account that are known by their `id`."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        values = [{name: row[name] for name in ("id", *names)} for row in rows]
        given = as_json(values) | {"account_id": account_id, "ids": [row["id"] for row in rows]}
        connection.execute(_update_json(table, *names), given)
    else:
        values = [
            {name: row[name] for name in names} | {"own_account": account_id, "own_id": row["id"]} for row in rows
        ]
        connection.execute(_update_each(table, *names), values)


@cache
def insert_json(table: Table, ending: str = "") -> TextClause:
    """An INSERT for PostgreSQL that takes its rows `as_json`: lists of values take the driver four times as long."""
    columns = ", ".join(table.c.keys())
    return text(f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM {_rows_of(table)} {ending}")  # noqa: S608 - our names


def as_json(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Rows as the one parameter of `insert_json`."""
    return {"rows": json.dumps(rows, ensure_ascii=False, default=str)}


@cache
def _update_json(table: Table, *names: str) -> TextClause:
    values = ", ".join(f"{name} = given.{name}" for name in names)
    # The ids once more: they alone may be what the rows are found by, however little is known of the table.
    own = f"{table.name}.account_id = :account_id AND {table.name}.id = ANY(:ids) AND {table.name}.id = given.id"
    return text(f"UPDATE {table.name} SET {values} FROM {_rows_of(table)} AS given WHERE {own}")  # noqa: S608 - our names


@cache
def _update_each(table: Table, *names: str) -> Update:
    own = (table.c.account_id == bindparam("own_account"), table.c.id == bindparam("own_id"))
    return update(table).where(*own).values({name: bindparam(name) for name in names})


def _rows_of(table: Table) -> str:
    return f"json_populate_recordset(CAST(NULL AS {table.name}), CAST(:rows AS json))"
