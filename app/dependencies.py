"""What handlers ask for beside their input."""

from typing import Annotated

from fastapi import Depends, Header, Request

from app.scheduling import Policies
from app.settings import Settings
from app.vault import Vault
from app.webhooks.guard import Guard


async def _loaded(request: Request) -> Policies:
    policies: Policies = request.app.state.policies
    return policies


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def _vault(request: Request) -> Vault:
    vault: Vault = request.app.state.vault
    return vault


async def _guard(request: Request) -> Guard:
    guard: Guard = request.app.state.guard
    return guard


LoadedPolicies = Annotated[Policies, Depends(_loaded)]
"""Every policy by name, as loaded at the start."""

TheSettings = Annotated[Settings, Depends(_settings)]
"""What the operator chose."""

TheVault = Annotated[Vault, Depends(_vault)]
"""Seals the secrets of endpoints."""

TheGuard = Annotated[Guard, Depends(_guard)]
"""Knows where webhooks may go."""

IfMatch = Annotated[str | None, Header(description="Change this version alone: an `ETag` as it was answered.")]
IfNoneMatch = Annotated[str | None, Header(description="Answer 304 while this is still the version.")]
