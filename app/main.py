"""The application: what it says of itself, its error handlers and its routers."""

import logging
import signal
from asyncio import Task, create_task, get_running_loop, wait
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from typing import Any

from anyio import CapacityLimiter
from fastapi import FastAPI
from starlette.types import ASGIApp

from app import __version__
from app.bell import Bell
from app.callers import Register
from app.errors import HANDLERS
from app.exchange import Compressed, Exchange
from app.limits import Limiter
from app.metrics import Measured
from app.origins import Origins, Shared
from app.proofreading import load_proofreader
from app.refusals import PROBLEMS, refuse
from app.routers import (
    account,
    candidates,
    client_tokens,
    deliveries,
    docs,
    drafts,
    emails,
    events,
    follow_ups,
    health,
    interviews,
    keys,
    me,
    messages,
    policies,
    rules,
    schedules,
    webhook_endpoints,
    webhook_events,
)
from app.routing import mount
from app.rules.policy import load_policies
from app.schemas.problems import problem_schemas
from app.settings import Settings
from app.store.db import Database
from app.vault import open_vault
from app.webhooks.guard import Guard

logger = logging.getLogger(__name__)

REVIEWS_AT_ONCE = 2
"""So many drafts are checked at the same time: more would take threads from those who wait for the database."""

DESCRIPTION = """\
What to send after a job interview, to whom, when and why.

Post an interview to `POST /v1/schedule` and read its plan: no key is needed, and nothing is kept. Every date comes with
the rule that made it and one sentence that says why. `POST /v1/emails/{kind}` answers the email itself, as JSON, text,
HTML or a message that opens as a draft; `POST /v1/drafts/check` reads a draft of anybody's as a friendly editor would.

Every error is a problem document (RFC 9457) that names what is wrong, and where. Unknown members and parameters are
refused. Instants are RFC 3339 with an offset, and answers carry the offset of the interview's own zone."""

TAGS = (
    {"name": "schedules", "description": "A plan at once, without a key; nothing is kept."},
    {"name": "emails", "description": "Every email, ready to be read, edited and sent."},
    {"name": "drafts", "description": "Drafts, ours or anybody's, held to the rules."},
    {"name": "interviews", "description": "Interviews that are kept, with their plans."},
    {"name": "events", "description": "What happened since: the plan follows at once."},
    {"name": "follow-ups", "description": "The steps of all plans, and what became of each."},
    {"name": "candidates", "description": "Everything about one person: handed over, or erased."},
    {"name": "webhooks", "description": "Who is told when a follow-up falls due, and how that went."},
    {"name": "keys", "description": "Who may call, and what: keys for servers, client tokens for pages."},
    {"name": "rules", "description": "What the service knows, with its sources, and where they disagree."},
    {"name": "health", "description": "For whoever runs the service."},
)

ROUTERS = (
    schedules.router,  # the busiest first: a route is found by asking one after the other
    interviews.router,
    follow_ups.router,
    emails.router,
    drafts.router,
    events.router,
    candidates.router,
    webhook_endpoints.router,
    messages.router,
    deliveries.router,
    webhook_events.router,
    client_tokens.router,
    keys.router,
    account.router,
    me.router,
    policies.router,
    rules.router,
    health.router,
    docs.router,
)


def create_app(settings: Settings, *, with_worker: bool = False) -> FastAPI:
    """The application with these settings, not yet started; it may have a worker inside. Raises PolicyError."""
    app = Afterword(
        title="Afterword",
        version=__version__,
        summary="Plans and writes the follow-ups after a job interview.",
        description=DESCRIPTION,
        contact={"name": "The Afterword authors"},
        license_info={"name": "MIT", "identifier": "MIT"},
        servers=[{"url": settings.public_url or "/", "description": "This service"}],
        openapi_tags=[dict(tag) for tag in TAGS],
        openapi_url=None,  # app.routers.docs serves it, and the page
        webhooks=webhook_events.webhooks,
        redirect_slashes=False,
        lifespan=_keep_ready,
        exception_handlers={**HANDLERS, **dict.fromkeys(PROBLEMS, refuse)},
    )
    app.add_middleware(Compressed)
    app.state.settings = settings
    app.state.with_worker = with_worker
    app.state.stop_worker = None  # what a signal may call, as soon as there is a worker
    app.state.worker_has_died = False
    app.state.policies = load_policies(settings.policies_dir)
    mount(app, ROUTERS)
    return app


class Afterword(FastAPI):
    """FastAPI, with our errors and our examples in its OpenAPI document."""

    def build_middleware_stack(self) -> ASGIApp:
        """What belongs to every exchange stands outside everything: the answer to a fault of ours has an id, too."""
        shared = Shared(super().build_middleware_stack())
        return Exchange(Measured(shared, logged=self.state.settings.access_log))

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI 3.1 document."""
        from app.document import complete  # noqa: PLC0415 - it makes plans, which no start has to wait for

        if self.openapi_schema:
            return self.openapi_schema
        document = super().openapi()
        document["security"] = []  # where an operation names no key, it needs none
        document["components"]["schemas"] |= problem_schemas()
        complete(document, self.routes, closed=not self.state.settings.public_stateless)
        return document


@asynccontextmanager
async def _keep_ready(app: FastAPI) -> AsyncIterator[None]:
    """Connections are opened as they are needed, and closed in the end; the proofreader is warm from the start."""
    settings: Settings = app.state.settings
    app.state.database = Database(settings.database_url)
    app.state.register = Register(app.state.database)
    app.state.limiter = Limiter(app.state.database, settings.secret_key)
    app.state.origins = Origins(app.state.database)
    app.state.vault = open_vault(settings)
    app.state.guard = Guard(settings.webhook_allow_nets)
    app.state.bell = Bell()
    app.state.proofreader = load_proofreader()
    app.state.reviewers = CapacityLimiter(REVIEWS_AT_ONCE)
    async with _work(app) if app.state.with_worker else nullcontext():
        yield
    app.state.database.dispose()


@asynccontextmanager
async def _work(app: FastAPI) -> AsyncIterator[None]:
    """A worker runs meanwhile; in the end it finishes what it has begun."""
    from app.worker import Worker  # noqa: PLC0415 - a third of a second that an application without one does not spend

    state = app.state
    worker = Worker(state.settings, state.database, state.policies, state.vault, state.bell)
    state.stop_worker = partial(get_running_loop().call_soon_threadsafe, worker.stop)
    running = create_task(worker.run())
    running.add_done_callback(partial(_end_with, app))
    yield
    worker.stop()
    await wait([running])  # what it died of was said


def _end_with(app: FastAPI, running: Task[None]) -> None:
    """A service that answers and never rings would be noticed by nobody: it ends with its worker."""
    if not running.cancelled() and (error := running.exception()):
        logger.critical("The worker has died, and the service ends with it", exc_info=error)
        app.state.worker_has_died = True
        signal.raise_signal(signal.SIGTERM)
