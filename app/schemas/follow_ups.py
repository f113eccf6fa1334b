"""What callers say about one follow-up."""

from pydantic import BaseModel, ConfigDict, Field

from app.schemas.times import Instant


class SettleRequest(BaseModel):
    """When a follow-up went out or was decided against."""

    model_config = ConfigDict(extra="forbid", frozen=True, title="Settle request")

    occurred_at: Instant | None = Field(None, description="When; now, if this is not said.")


class SnoozeRequest(BaseModel):
    """Until when a follow-up is put off."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        title="Snooze request",
        json_schema_extra={"examples": [{"until": "2026-12-03T14:00:00-05:00"}]},
    )

    until: Instant = Field(description="The new moment, between `opens_at` and `closes_at`.")
