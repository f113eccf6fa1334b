"""What handlers ask for beside their input."""

from typing import Annotated

from fastapi import Depends, Header, Request

from app.scheduling import Policies


async def _loaded(request: Request) -> Policies:
    policies: Policies = request.app.state.policies
    return policies


LoadedPolicies = Annotated[Policies, Depends(_loaded)]
"""Every policy by name, as loaded at the start."""

IfMatch = Annotated[str | None, Header(description="Change this version alone: an `ETag` as it was answered.")]
IfNoneMatch = Annotated[str | None, Header(description="Answer 304 while this is still the version.")]
