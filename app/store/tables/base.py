"""What all tables have in common."""

from typing import ClassVar

from sqlalchemy import Index, MetaData, Table, text
from sqlmodel import SQLModel

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=NAMING_CONVENTION)


class Row(SQLModel):
    metadata: ClassVar[MetaData] = metadata
    __table__: ClassVar[Table]


def partial_index(*columns: str, where: str) -> Index:
    return Index(None, *columns, sqlite_where=text(where), postgresql_where=text(where))
