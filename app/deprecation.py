"""What is on its way out says so: since when (RFC 9745), until when (RFC 8594), and where to read what to do.

@router.get("/old", **deprecated(since=..., sunset=..., link="https://afterword.example/moving"))
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from fastapi import Depends, Request

from app.exchange import carry


def deprecated(*, since: datetime, sunset: datetime, link: str) -> Mapping[str, Any]:
    """The options of a route that answers until `sunset` and is deprecated `since` (both aware). Raises ValueError.

    Its answers carry `Deprecation`, `Sunset` and a `Link`, those to a body that cannot be read excepted.
    """
    if sunset < since:
        raise ValueError("what ends before it is deprecated warns nobody")
    headers = {
        "Deprecation": f"@{since.timestamp():.0f}",
        "Sunset": format_datetime(sunset.astimezone(UTC), usegmt=True),
        "Link": f'<{link}>; rel="deprecation"',
    }

    async def announce(request: Request) -> None:
        for name, value in headers.items():
            carry(request.scope, name, value)

    return {"deprecated": True, "dependencies": [Depends(announce)]}
