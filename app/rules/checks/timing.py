"""Whether a draft may go out at all, when, and as which of how many messages."""

from collections.abc import Iterator
from datetime import datetime

from app.language.times import write_date
from app.rules.checks.findings import find
from app.rules.checks.reading import Reading
from app.rules.drafts import Finding


def check_too_soon(reading: Reading) -> Iterator[Finding]:
    """Before its window opens."""
    standing = reading.draft.standing
    if standing is None or standing.opens_at is None or standing.as_of >= standing.opens_at:
        return
    country = reading.draft.interview.country if reading.draft.interview else None
    message = (
        f"This is too soon: on {_say(standing.as_of.astimezone(standing.opens_at.tzinfo), country)} it would look"
        f" impatient. Send it on {_say(standing.opens_at, country)} or later."
    )
    yield find("lint.too_soon", "error", message)


def check_instructed(reading: Reading) -> Iterator[Finding]:
    """Against the company's wish not to be written to, while that wish stands."""
    standing = reading.draft.standing
    if standing is not None and standing.instructed:
        message = (
            "The company asked not to hear from you for now. Writing all the same would count against you, so keep this"
            " one unsent and let them come back to you."
        )
        yield find("limit.instructions", "error", message)


def check_too_many(reading: Reading) -> Iterator[Finding]:
    """Over the limit of unanswered messages."""
    standing = reading.draft.standing
    if standing is not None and standing.messages > standing.limit:
        message = (
            f"This would be message number {standing.messages} without an answer, and {standing.limit} are the limit."
            " One more will not change their mind: let it rest, and put your time into the next application."
        )
        yield find("lint.too_many", "error", message)


def _say(at: datetime, country: str | None) -> str:
    """A day as the country writes it, and the time of day."""
    return f"{write_date(at.date(), country, at.date())} at {at:%H:%M}"
