"""Versions of an interview as entity tags, and the conditions that callers put on them (RFC 9110, section 13)."""

from app.errors import Problem
from app.store.rows import InterviewRow


def etag_of(row: InterviewRow) -> str:
    """The tag of what `GET` answers for this row."""
    return f'"{row.version}"'


def require_match(row: InterviewRow, if_match: str | None) -> None:
    """Refuse a change to another version than the caller has seen; without a condition any version is right."""
    if if_match is not None and not _names(if_match, etag_of(row), weak=False):
        raise Problem.precondition_failed()


def is_known(row: InterviewRow, if_none_match: str | None) -> bool:
    """Whether the caller has this version already."""
    return if_none_match is not None and _names(if_none_match, etag_of(row), weak=True)


def _names(header: str, etag: str, *, weak: bool) -> bool:
    tags = [tag.strip() for tag in header.split(",")]
    if weak:
        tags = [tag.removeprefix("W/") for tag in tags]
    return "*" in tags or etag in tags
