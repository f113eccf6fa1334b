"""What went wrong, as problem documents (RFC 9457). No other module knows a status code by its number."""

import json
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import asdict
from typing import Any, Literal, Self
from urllib.parse import quote

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Scope

from app.wording import Fault, explain

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = "5"
"""Seconds after which it makes sense to ask again."""
NOT_READY = ("25006", "42P01")
"""PostgreSQL's codes for a server that only reads, and for a schema that is not there yet."""

Name = Literal[
    "malformed",
    "unauthorized",
    "forbidden",
    "not_found",
    "method_not_allowed",
    "not_acceptable",
    "conflict",
    "precondition_failed",
    "too_large",
    "unsupported_media_type",
    "invalid",
    "too_many_requests",
    "internal",
    "unavailable",
]

# The phrases of RFC 9110: those of `http.HTTPStatus` change with the version of Python.
STATUSES: Mapping[Name, tuple[int, str]] = {
    "malformed": (400, "Bad Request"),
    "unauthorized": (401, "Unauthorized"),
    "forbidden": (403, "Forbidden"),
    "not_found": (404, "Not Found"),
    "method_not_allowed": (405, "Method Not Allowed"),
    "not_acceptable": (406, "Not Acceptable"),
    "conflict": (409, "Conflict"),
    "precondition_failed": (412, "Precondition Failed"),
    "too_large": (413, "Content Too Large"),
    "unsupported_media_type": (415, "Unsupported Media Type"),
    "invalid": (422, "Unprocessable Content"),
    "too_many_requests": (429, "Too Many Requests"),
    "internal": (500, "Internal Server Error"),
    "unavailable": (503, "Service Unavailable"),
}

logger = logging.getLogger(__name__)


class Problem(Exception):
    """A request that gets no ordinary answer: raise it anywhere, and its document is the answer.

    Make one by its name (`Problem.not_found("...")`). `faults` name the members, parameters or headers at fault.
    """

    def __init__(
        self, name: Name, detail: str, faults: Iterable[Fault] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.title = STATUSES[name]
        self.detail = detail
        self.faults = tuple(faults)
        self.headers = dict(headers or {})

    @classmethod
    def malformed(cls, detail: str) -> Self:
        """The body is not JSON at all."""
        return cls("malformed", detail)

    @classmethod
    def unauthorized(cls, detail: str) -> Self:
        return cls("unauthorized", detail, headers={"WWW-Authenticate": "Bearer"})

    @classmethod
    def forbidden(cls, detail: str) -> Self:
        return cls("forbidden", detail)

    @classmethod
    def not_found(cls, detail: str = "There is nothing at this address.") -> Self:
        """Also for what belongs to somebody else, and for an id that could be nobody's."""
        return cls("not_found", detail)

    @classmethod
    def method_not_allowed(cls, method: str, allowed: Iterable[str]) -> Self:
        methods = ", ".join(sorted(allowed))
        return cls("method_not_allowed", f"{method} is not possible here; {methods} is.", headers={"Allow": methods})

    @classmethod
    def not_acceptable(cls, offered: Iterable[str]) -> Self:
        """`offered` are the media types that there are."""
        fault = Fault(f"must allow one of {', '.join(offered)}", header="Accept")
        return cls("not_acceptable", fault.sentence, [fault])

    @classmethod
    def conflict(cls, detail: str, *faults: Fault) -> Self:
        return cls("conflict", detail, faults)

    @classmethod
    def precondition_failed(cls, header: str = "If-Match") -> Self:
        fault = Fault("names a version that is not the present one; read it again", header=header)
        return cls("precondition_failed", fault.sentence, [fault])

    @classmethod
    def too_large(cls, detail: str) -> Self:
        return cls("too_large", detail)

    @classmethod
    def unsupported_media_type(cls, fault: Fault, headers: Mapping[str, str]) -> Self:
        """`headers` say what would have been accepted."""
        return cls("unsupported_media_type", fault.sentence, [fault], headers)

    @classmethod
    def invalid(cls, *faults: Fault) -> Self:
        """The request can be read, and something in it is not as it should be."""
        detail = faults[0].sentence if len(faults) == 1 else f"{len(faults)} things are not as expected; see errors."
        return cls("invalid", detail, faults)

    @classmethod
    def of_validation(cls, error: ValidationError, tree: Any) -> Self:
        """What pydantic found in a tree of JSON."""
        found = error.errors(include_url=False, include_input=False)
        return cls.invalid(*explain([{**each, "loc": ("body", *each["loc"])} for each in found], tree))

    @classmethod
    def too_many_requests(cls, detail: str, seconds: int) -> Self:
        """There is room again in so many seconds."""
        return cls("too_many_requests", detail, headers={"Retry-After": str(seconds)})

    @classmethod
    def internal(cls) -> Self:
        return cls("internal", "Something went wrong on our side; it has been logged.")

    @classmethod
    def unavailable(cls, detail: str = "The database cannot be used just now; try again shortly.") -> Self:
        return cls("unavailable", detail, headers={"Retry-After": RETRY_AFTER})

    def document(self, instance: str | None = None) -> dict[str, Any]:
        """The members of the problem document; `instance` is the path of the request."""
        members: dict[str, Any] = {"type": "about:blank", "title": self.title, "status": self.status}
        members["detail"] = self.detail
        if instance is not None:
            members["instance"] = instance
        if self.faults:
            members["errors"] = [{k: v for k, v in asdict(fault).items() if v is not None} for fault in self.faults]
        return members

    def answer(self, request: Request) -> Response:
        """The document as the answer to a request, with the address as it has to be written."""
        if request.scope.get("negotiated"):
            self.headers["Vary"] = "Accept"
        return self.response(quote(request.scope["path"], errors="replace"))

    def response(self, instance: str | None = None) -> Response:
        # Escaped to ASCII: no text, however odd, can fail to be encoded.
        content = json.dumps(self.document(instance))
        return Response(content, self.status, self.headers, media_type=MEDIA_TYPE)


def answers(*names: Name) -> dict[int | str, dict[str, Any]]:
    """The problems that an operation may answer, for its `responses` in the OpenAPI document."""
    return {STATUSES[name][0]: _described(STATUSES[name][1]) for name in names}


def _described(phrase: str) -> dict[str, Any]:
    return {"description": phrase, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


async def answer_problem(request: Request, error: Problem) -> Response:
    return error.answer(request)


async def answer_validation_error(request: Request, error: RequestValidationError) -> Response:
    """422 that names each member; 404 when it is the address that cannot be."""
    errors = error.errors()
    if any(each["loc"][0] == "path" for each in errors):
        return Problem.not_found().answer(request)
    return Problem.invalid(*explain(errors, error.body)).answer(request)


async def answer_http_exception(request: Request, error: HTTPException) -> Response:
    """What Starlette and FastAPI raise of their own."""
    if error.status_code == STATUSES["method_not_allowed"][0]:
        return Problem.method_not_allowed(request.method, methods_of(routes_at(request.scope))).answer(request)
    if error.status_code == STATUSES["not_found"][0]:
        return Problem.not_found().answer(request)
    name: Name = next((name for name, (status, _) in STATUSES.items() if status == error.status_code), "internal")
    return Problem(name, f"{error.detail}.", headers=error.headers).answer(request)


def routes_at(scope: Scope) -> list[Route]:
    """Every route of the path, whatever its methods."""
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    return [route for route in scope["app"].routes if isinstance(route, Route) and route.path_regex.match(path)]


def methods_of(routes: Iterable[Route]) -> list[str]:
    """What can be done where these routes are: Starlette names the methods of the first one alone."""
    methods = {"OPTIONS"}.union(*(route.methods or () for route in routes))
    return sorted(methods | {"HEAD"} if "GET" in methods else methods)


async def answer_database_error(request: Request, error: DBAPIError) -> Response:
    """503 while the database is away, full, locked or read-only; any other error of its is a fault of ours."""
    if not is_unavailable(error):
        raise error
    logger.warning("The database cannot be used: %s", error.orig)
    return Problem.unavailable().answer(request)


def is_unavailable(error: DBAPIError) -> bool:
    """Whether it is the database that cannot be used just now, and not a statement of ours that is wrong."""
    if getattr(error.orig, "sqlite_errorname", None) == "SQLITE_ERROR":
        return False  # a wrong statement, which SQLite's driver calls operational too
    operational = isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated
    return operational or getattr(error.orig, "sqlstate", None) in NOT_READY


async def answer_busy_pool(request: Request, _: PoolTimeoutError) -> Response:
    logger.warning("No database connection became free in time")
    return Problem.unavailable().answer(request)


async def answer_nobody(request: Request, _: ClientDisconnect) -> Response:
    """The client left in the middle of its body: no fault of anybody's, and nothing to log."""
    return Problem.malformed("The body ended too early.").answer(request)


async def answer_any_other(request: Request, _: Exception) -> Response:
    """500, with nothing of the reason; Starlette raises it again, and the server logs it with its traceback."""
    return Problem.internal().answer(request)


HANDLERS: Mapping[int | type[Exception], Callable[[Request, Any], Coroutine[Any, Any, Response]]] = {
    Problem: answer_problem,
    RequestValidationError: answer_validation_error,
    HTTPException: answer_http_exception,
    DBAPIError: answer_database_error,
    PoolTimeoutError: answer_busy_pool,
    ClientDisconnect: answer_nobody,
    Exception: answer_any_other,
}
"""The answer to every exception that can leave a route, the most exact class first."""
