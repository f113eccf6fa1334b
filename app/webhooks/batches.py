"""Statements over many rows at once, in one round trip: given as JSON, which costs the drivers least."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, CursorResult, text

from app.store.db import Dialect

Kind = Literal["text", "integer", "boolean", "timestamptz"]


class Batch:
    """A statement in whose SQL `{given}` is a table of that name: the rows that it is executed with.

    `columns` are theirs. Instants are aware, and come out as the columns of a table hold them.
    """

    def __init__(self, sql: str | Mapping[Dialect, str], **columns: Kind) -> None:
        by_dialect = {"sqlite": sql, "postgresql": sql} if isinstance(sql, str) else dict(sql)
        self._columns = columns
        self._statements: dict[str, Any] = {
            dialect: text(own.replace("{given}", _GIVEN[dialect](columns))) for dialect, own in by_dialect.items()
        }

    def returning(self, *columns: ColumnElement[Any]) -> "Batch":
        """The same, with the types of all columns that it answers with, in their order."""
        for dialect, statement in self._statements.items():
            self._statements[dialect] = statement.columns(*columns)
        return self

    def execute(
        self, connection: Connection, rows: Sequence[Sequence[Any]], **values: Any
    ) -> CursorResult[*tuple[Any, ...]]:
        """Run it over the rows, each in the order of the columns; `values` are its other parameters."""
        if connection.dialect.name == "postgresql":
            given = [dict(zip(self._columns, row, strict=True)) for row in rows]
            parameters = values | {"given": json.dumps(given, default=datetime.isoformat)}
        else:
            parameters = {name: _keep(value) for name, value in values.items()}
            parameters["given"] = json.dumps(rows, default=_keep)
        return connection.execute(self._statements[connection.dialect.name], parameters)


def _for_postgresql(columns: Mapping[str, Kind]) -> str:
    shape = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    return f"json_to_recordset(CAST(:given AS json)) AS given ({shape})"


def _for_sqlite(columns: Mapping[str, Kind]) -> str:
    values = ", ".join(f"json_extract(value, '$[{place}]') AS {name}" for place, name in enumerate(columns))
    return f"(SELECT {values} FROM json_each(:given)) AS given"  # noqa: S608 - names from our own code


_GIVEN = {"postgresql": _for_postgresql, "sqlite": _for_sqlite}


def _keep(value: Any) -> Any:
    """The value as SQLAlchemy keeps it in SQLite, where instants are compared as texts."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    return value
