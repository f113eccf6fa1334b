"""The headers of answers, as the OpenAPI document tells of them: described once, named wherever they may stand."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from app.answers import INERT
from app.routing import Route

HEADERS: Mapping[str, tuple[str, str | int]] = {
    "X-Request-ID": ("What the request is called in our log: as it was sent, or made for it.", "7d4c5b1e9f"),
    "RateLimit-Policy": ("How many requests a minute are let through, where there is a limit.", '"key";q=6000;w=60'),
    "RateLimit": ("How many of them are left, and the seconds until there are more.", '"key";r=5999;t=42'),
    "Retry-After": ("Seconds after which it makes sense to ask again.", 5),
    "WWW-Authenticate": ("How to say who asks.", "Bearer"),
    "ETag": ("The version, for `If-Match` and `If-None-Match`.", '"int_019aa2c1f4d97c3e9b0f6d1e2a4b5c01-1"'),
    "Location": ("Where to look at what was made.", "/v1/interviews/int_019aa2c1f4d97c3e9b0f6d1e2a4b5c01"),
    "Link": ("The next page of the list, where there is one.", '</v1/interviews?cursor=eyJ2IjoxfQ>; rel="next"'),
    "Content-Disposition": ("Under which name to keep the draft.", 'attachment; filename="thank-you-priya-shah.eml"'),
    "Content-Security-Policy": ("A page that loads nothing.", INERT),
    "Accept": ("What would have been read.", "application/json"),
    "Idempotency-Replayed": ("`true` where this is the first answer to an `Idempotency-Key`, once more.", "true"),
}
"""What each says, and an example."""

LOCATED = {
    "create_interview": "201",
    "put_interview": "201",
    "create_endpoint": "201",
    "ping_endpoint": "202",
    "retry_delivery": "202",
}
"""Of the operations that answer a `Location`, with which status."""

_VERSIONED = "#/components/schemas/InterviewOut"


def tell_headers(document: dict[str, Any], routes: Iterable[Route]) -> None:
    """Let every answer of an OpenAPI document name the headers that it may carry."""
    document["components"]["headers"] = {name: _describe(*told) for name, told in HEADERS.items()}
    for route in routes:
        for method in route.methods or ():
            operation = document["paths"][route.path_format][method.lower()]
            for status, response in operation["responses"].items():
                names = _choose(operation, status, response, counted=route.is_counted)
                response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _describe(sentence: str, example: str | int) -> dict[str, Any]:
    kind = "integer" if isinstance(example, int) else "string"
    return {"description": sentence, "schema": {"type": kind}, "example": example}


def _choose(operation: dict[str, Any], status: str, response: dict[str, Any], *, counted: bool) -> Iterator[str]:
    taken = {parameter["name"] for parameter in operation.get("parameters", ())}
    shape = response.get("content", {}).get("application/json", {}).get("schema", {}).get("$ref")
    is_good = status.startswith("2")
    yield "X-Request-ID"
    if counted:
        yield from ("RateLimit-Policy", "RateLimit")
    if status in {"429", "503"} or (status == "409" and "Idempotency-Key" in taken):
        yield "Retry-After"
    if status == "401":
        yield "WWW-Authenticate"
    if status == "304" or (is_good and shape == _VERSIONED):
        yield "ETag"
    if LOCATED.get(operation["operationId"]) == status:
        yield "Location"
    if status == "415":
        yield "Accept"
    if "message/rfc822" in response.get("content", {}):
        yield from ("Content-Disposition", "Content-Security-Policy")
    if is_good and "cursor" in taken:
        yield "Link"
    if is_good and "Idempotency-Key" in taken:
        yield "Idempotency-Replayed"
