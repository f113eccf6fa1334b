"""What handlers ask for beside their input."""

from typing import Annotated

from fastapi import Depends, Header, Query, Request

from app.scheduling import Policies


async def _loaded(request: Request) -> Policies:
    policies: Policies = request.app.state.policies
    return policies


LoadedPolicies = Annotated[Policies, Depends(_loaded)]
"""Every policy by name, as loaded at the start."""

IfMatch = Annotated[str | None, Header(description="Change this version alone: an `ETag` as it was answered.")]
IfNoneMatch = Annotated[str | None, Header(description="Answer 304 while this is still the version.")]

Limit = Annotated[int, Query(ge=1, le=100, description="How many at most.")]
Cursor = Annotated[str | None, Query(max_length=500, description="The `next_cursor` of the page before.")]
