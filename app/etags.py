"""Versions of an interview as entity tags, and the conditions that callers put on them (RFC 9110, section 13)."""

from app.errors import Problem
from app.store.rows import InterviewRow


def etag_of(row: InterviewRow) -> str:
    """The tag of what `GET` answers for this row."""
    # With the id: an interview that is deleted and put anew begins at version 1 again.
    return f'"{row.id}-{row.version}"'


def require(row: InterviewRow | None, if_match: str | None, if_none_match: str | None = None) -> None:
    """Refuse a change of another version than `If-Match` names, or of one that `If-None-Match` names. Raises Problem.

    Where there is no interview yet, no version matches: `If-None-Match: *` stands for creating alone.
    """
    if if_match is not None and (row is None or not _names(if_match, etag_of(row), weak=False)):
        raise Problem.precondition_failed()
    if row is not None and is_known(row, if_none_match):
        raise Problem.precondition_failed("If-None-Match")


def is_known(row: InterviewRow, if_none_match: str | None) -> bool:
    """Whether the caller has this version already."""
    return if_none_match is not None and _names(if_none_match, etag_of(row), weak=True)


def _names(header: str, etag: str, *, weak: bool) -> bool:
    tags = [tag.strip() for tag in header.split(",")]
    if weak:
        tags = [tag.removeprefix("W/") for tag in tags]
    return "*" in tags or etag in tags
