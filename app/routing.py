"""The one way in: every route reads its path, its query and its body through `Route`; `Router` makes such routes.

    router = Router(prefix="/v1/interviews", tags=["interviews"])

A handler declares what it takes as FastAPI has it. One that is async, takes its body (and the `Request`) alone and
returns a `Response` is called without FastAPI's machinery in between, which would cost it as much again as validation.
"""

import inspect
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.params import ParamTypes
from fastapi.routing import APIRoute
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response

from app.auth import Doorkeeper, admit_anybody
from app.deprecation import Deprecation
from app.errors import Name, answers
from app.exchange import carry
from app.idempotency import read_key
from app.incoming import clean_path, clean_query, parse_body, receive_body
from app.negotiation import choose_form

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Address(Convertor[str]):
    """An email address in a path, as in `{email:address}`: before its @ a slash may stand, behind it none."""

    regex = ".+@[^@/]+"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("address", Address())


class Router(APIRouter):
    """A router all of whose routes read strictly; an operation is named as its function. `mount` puts it to use."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=Route, generate_unique_id_function=lambda route: route.name, **options)


def mount(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    """Serve the routers, the busiest first: `include_router` would match each request twice (8 microseconds)."""
    for router in routers:
        if not all(isinstance(route, Route) for route in router.routes):
            raise TypeError("every router must be a Router: its routes read strictly")
        app.router.routes.extend(router.routes)


class Route(APIRoute):
    """A route that refuses what it does not know: parameters, encodings, JSON that is not strict."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        deprecated: Deprecation | bool | None = None,
        **options: Any,
    ) -> None:
        self._deprecation = deprecated if isinstance(deprecated, Deprecation) else None
        super().__init__(path, endpoint, deprecated=bool(deprecated) or None, **options)
        self.responses = answers(*self._refusals()) | self.responses | answers(*self._faults())

    @property
    def doorkeeper(self) -> Doorkeeper | None:
        """Whoever asks for a key or a client token, if anybody does."""
        asked = (each.call for each in self.dependant.dependencies)
        return next((each for each in asked if isinstance(each, Doorkeeper)), None)

    @property
    def is_keyed(self) -> bool:
        """Whether it needs a key or a client token."""
        return self.doorkeeper is not None

    @property
    def is_counted(self) -> bool:
        """Whether calls are counted, of whoever has no key by where they come from.

        Asking how the service is, is not counted.
        """
        return self.is_keyed or self.path.startswith("/v1/")

    def get_route_handler(self) -> Handler:
        """Who asks, then path, query and body in this order, then the endpoint: of whoever may not, nothing is read."""
        handle = self._straight_handler() or self._usual_handler()
        parameters = self._parameters()
        doorkeeper, counted, stateless = self.doorkeeper, self.is_counted, self.body_field is not None
        carried = self._carried()
        negotiated = any(each.call is choose_form for each in self.dependant.dependencies)

        async def read(request: Request) -> Response:
            scope = request.scope
            for name, value in carried:  # first of all: what is refused carries them, too
                carry(scope, name, value)
            scope["negotiated"] = negotiated  # a problem document then says that it depends on Accept, too
            if doorkeeper is not None:
                await doorkeeper(request)
            elif counted:
                await admit_anybody(request, stateless=stateless)
            if not (scope["path"].isascii() and scope["path"].isprintable()):
                clean_path(scope)
            if scope["query_string"]:
                clean_query(scope, parameters)
            return await handle(request)

        return read

    def _carried(self) -> list[tuple[str, str]]:
        """The headers of whatever is answered. What may tell of people, or hold a secret, no cache is to keep."""
        warned = list(self._deprecation.headers.items()) if self._deprecation else []
        return [*warned, ("Cache-Control", "no-store")] if self.is_keyed or self.body_field is not None else warned

    def _parameters(self) -> frozenset[str]:
        """The names of the query parameters, those of dependencies included."""
        # The members of a query model come without a place of their own.
        places = {ParamTypes.query, None}
        fields = get_flat_params(self.dependant)
        return frozenset(field.alias for field in fields if getattr(field.field_info, "in_", None) in places)

    def _verbatim(self) -> frozenset[str]:
        """The members of the body that are read as they were sent: its shape names them."""
        shape = self.body_field and self.body_field.field_info.annotation
        return getattr(shape, "VERBATIM", frozenset())

    def _refusals(self) -> list[Name]:
        """What reading alone may answer."""
        names: list[Name] = ["malformed", "too_large", "unsupported_media_type"] if self.body_field else []
        if self.is_keyed or self.body_field:  # what is stateless an operator may have closed
            names.append("unauthorized")
        if self.is_counted:
            names += ["forbidden", "too_many_requests"]
        if self.param_convertors:
            names.append("not_found")
        if any(each.call is read_key for each in self.dependant.dependencies):
            names.append("conflict")
        return [*names, "invalid"]  # at the least for a parameter that is not known

    def _faults(self) -> list[Name]:
        """What is nobody's fault but ours."""
        return ["internal", "unavailable"] if self.is_keyed else ["internal"]

    def _usual_handler(self) -> Handler:
        """FastAPI's own, given a request whose body was read before."""
        handle = super().get_route_handler()
        field = self.body_field
        if field is None:
            return handle
        required, verbatim = field.field_info.is_required(), self._verbatim()

        async def read_and_handle(request: Request) -> Response:
            body = request.scope["body"] = await receive_body(request.scope, request.receive)
            if not body and not required:
                return await handle(ReadRequest(request, b"", None))
            return await handle(ReadRequest(request, body, parse_body(request.scope, body, verbatim)))

        return read_and_handle

    def _straight_handler(self) -> Handler | None:
        """The endpoint itself, if it needs nothing of what FastAPI could inject but a body and the request."""
        field, endpoint = self.body_field, self.endpoint
        if field is None or not self._is_plain():
            return None
        body_name, request_name = self.dependant.body_params[0].name, self.dependant.request_param_name
        verbatim = self._verbatim()

        async def read_and_call(request: Request) -> Response:
            scope = request.scope
            tree = parse_body(scope, await receive_body(scope, request.receive), verbatim)
            value, errors = field.validate(tree, {}, loc=("body",))
            if errors:
                raise RequestValidationError(errors, body=tree)
            arguments = {body_name: value}
            if request_name:
                arguments[request_name] = request
            response: Response = await endpoint(**arguments)
            return response

        return read_and_call

    def _is_plain(self) -> bool:
        needs = self.dependant
        injected = (needs.dependencies, get_flat_params(needs), needs.http_connection_param_name)
        written = (needs.response_param_name, needs.background_tasks_param_name, needs.security_scopes_param_name)
        returned = inspect.signature(self.endpoint).return_annotation
        return (
            inspect.iscoroutinefunction(self.endpoint)
            and inspect.isclass(returned)
            and issubclass(returned, Response)
            and not any((*injected, *written, self._embed_body_fields))
        )


class ReadRequest(Request):
    """A request whose body has been read: as bytes, and as a tree of JSON."""

    def __init__(self, request: Request, body: bytes, tree: Any) -> None:
        super().__init__(request.scope, request.receive)
        self._bytes = body
        self._tree = tree

    async def body(self) -> bytes:
        return self._bytes

    async def json(self) -> Any:
        return self._tree
