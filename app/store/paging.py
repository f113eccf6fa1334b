"""Lists in pages: a cursor holds the last row's sort key, so that the next page starts right after it."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Table, UnaryExpression, select, tuple_
from sqlalchemy.sql.operators import custom_op

from app.store.db import Session

Sort = Literal["starts_at", "-starts_at", "created_at", "-created_at", "due_at"]
"""The column to sort by; with a minus, the latest first. Equal instants stand in the order of their ids."""

RowT = TypeVar("RowT")


class BadCursor(ValueError):
    """Not a cursor of this list: made up, damaged, or given out for another sort, other filters or another account."""

    def __init__(self) -> None:
        super().__init__("does not belong to this list; start without one")


@dataclass(frozen=True, slots=True)
class Page(Generic[RowT]):
    """A stretch of a list, and the cursor of the next one, if there is more."""

    rows: tuple[RowT, ...]
    next_cursor: str | None


class Key(NamedTuple):
    """Where a row stands in a sorted list."""

    instant: datetime
    id: str


@dataclass(frozen=True, slots=True)
class Listing:
    """One list as somebody asked for it; a cursor is good for the listing that gave it out and for no other."""

    table: Table
    account_id: str
    sort: Sort
    filters: Mapping[str, Any]
    conditions: Sequence[ColumnElement[bool]]  # what the filters come to
    narrow: bool = False  # they come to a few rows that an index finds
    by_id: bool = False  # ids made at `created_at` stand in its order, and need no index beside the primary key

    @property
    def column(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def order(self) -> tuple[str, ...]:
        return ("id",) if self.by_id else (self.column, "id")

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-")

    def digest(self, key: Key) -> str:
        """What ties a key to this listing."""
        given = {name: value for name, value in self.filters.items() if value is not None}
        whole = [self.table.name, self.account_id, self.sort, given, *key]
        return hashlib.blake2b(json.dumps(whole, default=_as_text).encode(), digest_size=8).hexdigest()


def read_page(
    session: Session, listing: Listing, make: Callable[[Any], RowT], *, limit: int, cursor: str | None
) -> Page[RowT]:
    """At most `limit` rows of the listing, those after `cursor`. Raises BadCursor."""
    columns = listing.table.c
    order: list[ColumnElement[Any]] = [columns[name] for name in listing.order]
    if listing.narrow and session.connection.dialect.name == "sqlite":
        order[0] = _not_by_index(order[0])
    statement = select(listing.table).where(columns.account_id == session.account_id, *listing.conditions)
    if cursor is not None:
        last = tuple_(*decode(listing, cursor)[-len(order) :], types=[column.type for column in order])
        here = tuple_(*order)
        statement = statement.where(here < last if listing.descending else here > last)
    if listing.descending:
        order = [column.desc() for column in order]
    # One row more than asked for says whether there is another page.
    found = session.connection.execute(statement.order_by(*order).limit(limit + 1)).all()
    if len(found) <= limit:
        return Page(tuple(make(row) for row in found), None)
    end = found[limit - 1]
    key = Key(getattr(end, listing.column), end.id)
    return Page(tuple(make(row) for row in found[:limit]), encode(listing, key))


def _not_by_index(column: ColumnElement[Any]) -> ColumnElement[Any]:
    # SQLite does not know how the rows are spread: rather than sort the three that a filter's index finds, it would
    # walk an index that is in order through the whole account. A plus sign keeps it from doing so.
    return UnaryExpression(column, operator=custom_op("+"), type_=column.type)


def encode(listing: Listing, key: Key) -> str:
    """The cursor of whatever follows `key`: opaque, safe in a URL."""
    text = f"{_as_text(key.instant)} {key.id} {listing.digest(key)}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(listing: Listing, cursor: str) -> Key:
    """The key that the cursor holds. Raises BadCursor."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        instant, id, _ = text.split(" ")
        key = Key(datetime.fromisoformat(instant), id)
        # Whatever decoding was lenient about shows here.
        if encode(listing, key) == cursor:
            return key
    except (ValueError, OverflowError) as error:
        raise BadCursor from error
    raise BadCursor


def _as_text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds")
