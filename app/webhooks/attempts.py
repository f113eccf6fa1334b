"""What became of one attempt to deliver: what the sender hands back, and what the retry schedule judges."""

from datetime import datetime
from typing import Literal, NamedTuple

Failure = Literal[
    "timeout",  # the total deadline passed
    "dns",  # the name did not resolve
    "connection",  # nobody took the connection
    "tls",  # no secure connection came about
    "protocol",  # what came was no HTTP, or it ended too early
    "blocked_address",  # the guard refused where this would have gone
    "status",  # an answer, and not a 2xx
    "payload",  # we could not make what is to be sent
    "lost",  # the worker that had it never came back
]


class Answer(NamedTuple):
    """What one attempt brought back: milliseconds are those until the answer was read, or given up."""

    started_at: datetime
    milliseconds: int
    status: int | None
    failure: Failure | None
    """None is a success: a 2xx."""
    body: str | None
    """At most 16 kB of what came, without NUL: text that every database can store."""
    truncated: bool
    retry_after: str | None
    """The header as it came; whoever judges it has to doubt it."""
