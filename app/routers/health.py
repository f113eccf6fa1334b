"""`/livez` and `/readyz`: what an orchestrator asks; `/metrics`: what an operator watches."""

from typing import Literal

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app.answers import answer
from app.errors import Problem, answers
from app.metrics import CONTENT_TYPE, show_metrics
from app.routing import Router
from app.store.migrate import is_current

router = Router(tags=["health"])


class Health(BaseModel):
    """How the service is."""

    model_config = ConfigDict(title="Health")

    status: Literal["ok"] = Field(description="Always ok: anything else is a problem document.")


@router.get("/livez", response_model=Health, response_description="It is.", summary="Is it running?")
async def show_liveness() -> Response:
    """Whether the process answers at all; it says nothing about the database."""
    return answer('{"status":"ok"}')


@router.get(
    "/readyz",
    response_model=Health,
    response_description="It can.",
    summary="Can it work?",
    responses=answers("unavailable"),
)
def show_readiness(request: Request) -> Response:
    """Whether the database answers and has the schema of this version."""
    with request.app.state.database.read() as connection:
        current = is_current(connection)
    if not current:
        raise Problem.unavailable("The database is not at the newest migration; run `python -m app migrate`.")
    return answer('{"status":"ok"}')


@router.get("/metrics", include_in_schema=False)
async def read_metrics() -> Response:
    """The figures of this process for Prometheus."""
    return Response(show_metrics(), headers={"Content-Type": CONTENT_TYPE})
