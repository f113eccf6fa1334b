"""What `POST /v1/schedule` takes."""

from pydantic import BaseModel, ConfigDict, Field

from app.examples import AS_OF, SCHEDULE_REQUEST
from app.schemas.events import EventIn
from app.schemas.interviews import InterviewIn
from app.schemas.times import Instant


class ScheduleRequest(BaseModel):
    """An interview, what happened since, and the moment at which the plan is looked at."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, title="Schedule request", json_schema_extra={"examples": [SCHEDULE_REQUEST]}
    )

    interview: InterviewIn = Field(description="The interview.")
    events: tuple[EventIn, ...] = Field((), max_length=200, description="What happened since, in any order.")
    as_of: Instant | None = Field(None, description="The moment that counts as now; the present one.", examples=[AS_OF])
