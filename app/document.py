"""What the OpenAPI document says beyond what FastAPI knows: examples, descriptions, headers, what a token may do."""

from collections.abc import Iterable
from typing import Any

from starlette.routing import BaseRoute

from app.auth import CLIENT_TOKEN, Doorkeeper
from app.headers import tell_headers
from app.routers.webhook_events import HEADERS
from app.routing import Route
from app.samples import ANSWERS, BODIES, IDS
from app.schemas.webhook_events import EXAMPLES, EventType


def complete(document: dict[str, Any], routes: Iterable[BaseRoute], *, closed: bool) -> None:
    """Add to FastAPI's own document of these routes whatever it lacks; `closed`: what is stateless needs a key, too."""
    shown = [route for route in routes if isinstance(route, Route) and route.include_in_schema]
    _describe(document["components"]["schemas"])
    _admit(document, shown, closed=closed)
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


def _admit(document: dict[str, Any], routes: Iterable[Route], *, closed: bool) -> None:
    """Say of every operation which scope a key needs for it, and which action a client token that will do, too.

    Where what is stateless is `closed`, either will do for that, whatever it may do.
    """
    document["components"]["securitySchemes"]["client_token"] = CLIENT_TOKEN.model_dump(
        mode="json", exclude_none=True, by_alias=True
    )
    for route in routes:
        doorkeeper = route.doorkeeper
        if doorkeeper is None and closed and route.body_field:
            doorkeeper = Doorkeeper(action="any")
        if doorkeeper is not None:
            for method in route.methods or ():
                _admit_to(document["paths"][route.path_format][method.lower()], doorkeeper)


def _admit_to(operation: dict[str, Any], doorkeeper: Doorkeeper) -> None:
    operation["security"] = [{"key": []}]
    needs = "Needs a key"
    # In extensions: tools that know the scopes of OAuth alone take any others for a mistake.
    if doorkeeper.scope:
        operation["x-scope"] = doorkeeper.scope
        needs += f" with the scope `{doorkeeper.scope}`"
    if doorkeeper.action:
        operation["security"].append({"client_token": []})
        needs += ", or a client token"
    if doorkeeper.action and doorkeeper.action != "any":
        operation["x-action"] = doorkeeper.action
        needs += f" with the action `{doorkeeper.action}`"
    operation["description"] += f"\n\n{needs}."


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
