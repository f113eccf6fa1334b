"""The statements on allowances: what processes that share a server take out of one row, a block at a time."""

from sqlalchemy import Connection, bindparam, case, delete
from sqlalchemy.dialects.postgresql import insert

from app.store.db import Database
from app.store.tables import Allowance

APART = 5
"""By so many minutes the clocks of two processes may differ."""

_TABLE = Allowance.__table__
_NEW = insert(_TABLE)
# Clocks differ: whoever is still in an earlier minute takes out of the one that another has begun.
_IS_ON = _TABLE.c.minute.between(_NEW.excluded.minute, _NEW.excluded.minute + APART)
_TAKE = _NEW.on_conflict_do_update(
    index_elements=["subject"],
    set_={
        "minute": case((_IS_ON, _TABLE.c.minute), else_=_NEW.excluded.minute),
        "given": case((_IS_ON, _TABLE.c.given + _NEW.excluded.given), else_=_NEW.excluded.given),
    },
).returning(_TABLE.c.given)
_REMOVE = delete(_TABLE).where(_TABLE.c.minute < bindparam("minute"))


def take_block(database: Database, subject: str, minute: int, block: int) -> int:
    """Take so many requests out of a minute of this subject; says how many were taken by all, these included."""
    with database.begin() as connection:
        given: int = connection.execute(_TAKE, {"subject": subject, "minute": minute, "given": block}).scalar_one()
        return given


def remove_past(connection: Connection, minute: int) -> int:
    """Forget who asked before this minute."""
    return connection.execute(_REMOVE, {"minute": minute}).rowcount
