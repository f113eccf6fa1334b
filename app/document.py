"""What the OpenAPI document says beyond what FastAPI knows: examples, descriptions, headers, what a token may do."""

from collections.abc import Iterable
from typing import Any

from starlette.routing import BaseRoute

from app.auth import CLIENT_TOKEN
from app.headers import tell_headers
from app.routers.webhook_events import HEADERS
from app.routing import Route
from app.samples import ANSWERS, BODIES, IDS
from app.schemas.webhook_events import EXAMPLES, EventType


def complete(document: dict[str, Any], routes: Iterable[BaseRoute]) -> None:
    """Add to FastAPI's own document of these routes whatever it lacks."""
    shown = [route for route in routes if isinstance(route, Route) and route.include_in_schema]
    _describe(document["components"]["schemas"])
    _admit_tokens(document, shown)
    tell_headers(document, shown)
    _illustrate(document)


def _illustrate(document: dict[str, Any]) -> None:
    for path in document["paths"].values():
        for operation in path.values():
            _illustrate_operation(operation, operation["operationId"])
    for event_type, webhook in document["webhooks"].items():
        _illustrate_webhook(webhook["post"], event_type)


def _describe(schemas: dict[str, Any]) -> None:
    """Let what comes out be described as what goes in: `RejectedOut` as `RejectedIn`, `FollowUpOut` as `FollowUp`."""
    for name, schema in schemas.items():
        base = name.removesuffix("Out")
        told = schemas.get(f"{base}In", schemas.get(base, {})).get("properties", {})
        for member, shape in schema.get("properties", {}).items():
            if description := told.get(member, {}).get("description"):
                shape.setdefault("description", description)


def _admit_tokens(document: dict[str, Any], routes: Iterable[Route]) -> None:
    """Say where a client token will do instead of a key, and which action it needs."""
    document["components"]["securitySchemes"]["client_token"] = CLIENT_TOKEN.model_dump(
        mode="json", exclude_none=True, by_alias=True
    )
    for route in routes:
        if route.doorkeeper and route.doorkeeper.action:
            action = route.doorkeeper.action
            for method in route.methods or ():
                security = document["paths"][route.path_format][method.lower()]["security"]
                security.append({"client_token": [] if action == "any" else [action]})


def _illustrate_webhook(operation: dict[str, Any], event_type: EventType) -> None:
    operation["requestBody"]["content"]["application/json"]["example"] = EXAMPLES[event_type]
    for parameter in operation["parameters"]:
        parameter["example"] = HEADERS[parameter["name"]]


def _illustrate_operation(operation: dict[str, Any], name: str) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            parameter["example"] = IDS[parameter["name"]]
    if "requestBody" in operation:
        for content in operation["requestBody"]["content"].values():
            content["example"] = BODIES[name]
    for status, response in operation["responses"].items():
        if status.startswith("2") and "content" in response:
            for media, content in response["content"].items():
                content["example"] = ANSWERS[name][media]
