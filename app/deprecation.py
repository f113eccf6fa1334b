"""What is on its way out says so: since when (RFC 9745), until when (RFC 8594), and where to read what to do.

@router.get("/old", **deprecated(since=..., sunset=..., link="https://afterword.example/moving"))
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Deprecation:
    """What a route of `app.routing` takes as `deprecated`: the headers that whatever it answers carries."""

    headers: Mapping[str, str]


def deprecated(*, since: datetime, sunset: datetime, link: str) -> Mapping[str, Any]:
    """The options of a route that answers until `sunset` and is deprecated `since` (both aware). Raises ValueError.

    All its answers carry `Deprecation`, `Sunset` and a `Link`, those to whoever may not call it among them.
    """
    if sunset < since:
        raise ValueError("what ends before it is deprecated warns nobody")
    headers = {
        "Deprecation": f"@{since.timestamp():.0f}",
        "Sunset": format_datetime(sunset.astimezone(UTC), usegmt=True),
        "Link": f'<{link}>; rel="deprecation"',
    }
    return {"deprecated": Deprecation(headers)}
