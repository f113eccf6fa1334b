"""Which wording is whose: fixed for an interview and a recipient, and another one for each member of a panel.

Members are dealt out as in an orthogonal array of five levels and six columns: the first five members share no wording,
and any two of the first twenty-five share one in six elements at most, as far as they are told the same facts.
"""

from zlib import crc32

from app.drafting.orders import Order

WORDINGS = 5
"""How many wordings each element of a thank-you has; a prime, or the array is none."""


def seed_of(order: Order) -> str:
    """What an interview is known by, whatever else of it changes."""
    interview = order.interview
    return f"{interview.candidate.name}|{interview.company}|{interview.job_title}|{interview.starts_at.timestamp()}"


def choose(seed: str, position: int, element: str, column: int, wordings: int) -> int:
    """The number of the wording of an element for the member at a position; `column` counts what was said before it."""
    row, turn = divmod(position, WORDINGS)
    column %= WORDINGS + 1
    return (crc32(f"{seed}|{element}".encode()) + (row if column == WORDINGS else turn + column * row)) % wordings
