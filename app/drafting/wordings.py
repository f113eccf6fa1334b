"""Which wording is whose: fixed for an interview and a recipient, and another one for each member of a panel.

Members are dealt out as in an orthogonal array: with five wordings an element, the first five members share none, and
of five elements any two of the first twenty-five share one at most. The opening, which tells the topic, has ten: only
the eleventh member's was heard before.
"""

from zlib import crc32

from app.drafting.orders import Order

WORDINGS = 5
"""How many wordings each element of a thank-you has at least; a prime, or the array is none."""


def seed_of(order: Order) -> str:
    """What an interview is known by, whatever else of it changes."""
    interview = order.interview
    return f"{interview.candidate.name}|{interview.company}|{interview.job_title}|{interview.starts_at.timestamp()}"


def choose(seed: str, position: int, element: str, column: int, wordings: int) -> int:
    """The number of the wording of an element for the member at a position; `column` counts what was said before it."""
    row, place = divmod(position, WORDINGS)
    turn = position if wordings > WORDINGS else place + column * row
    return (crc32(f"{seed}|{element}".encode()) + turn) % wordings
