"""The OpenAPI document: complete, described, and with examples that are what they are examples of."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from app.main import create_app
from app.negotiation import MEDIA_TYPES
from app.settings import Settings

APP = create_app(Settings(_env_file=None))
DOCUMENT: dict[str, Any] = APP.openapi()
OPERATIONS = [
    pytest.param(operation, id=operation["operationId"])
    for item in DOCUMENT["paths"].values()
    for operation in item.values()
]


def find_faults(schema: dict[str, Any], example: Any) -> list[str]:
    whole = {**schema, "components": DOCUMENT["components"]}
    return [error.message for error in OAS31Validator(whole).iter_errors(example)]


def contents(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What an operation takes and what it usually answers."""
    yield from operation.get("requestBody", {}).get("content", {}).values()
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            yield from response.get("content", {}).values()


def test_the_document_is_valid_openapi_3_1() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    validate(DOCUMENT)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_has_a_tag_a_summary_and_a_description(operation: dict[str, Any]) -> None:
    known = {tag["name"] for tag in DOCUMENT["tags"]}
    assert set(operation["tags"]) <= known
    assert operation["summary"]
    assert operation["description"].endswith(".")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_shows_real_examples(operation: dict[str, Any]) -> None:
    shown = list(contents(operation))
    assert shown or "204" in operation["responses"]
    for content in shown:
        assert find_faults(content["schema"], content["example"]) == []
    for parameter in operation.get("parameters", ()):
        assert parameter["in"] != "path" or parameter["example"]


def test_an_email_is_shown_in_every_form_that_is_offered() -> None:
    found = {each["operationId"]: each for item in DOCUMENT["paths"].values() for each in item.values()}
    for name in ("render_email", "render_stored_email", "get_follow_up_email"):
        answered = found[name]["responses"]
        assert list(answered["200"]["content"]) == list(MEDIA_TYPES.values())
        shown = {media: content["example"] for media, content in answered["200"]["content"].items()}
        email = shown["application/json"]
        assert shown["text/plain"] == email["text"]
        assert shown["text/html"] == email["html"]
        assert shown["message/rfc822"].startswith("X-Unsent: 1\r\n")
        assert {"404", "406", "422"} <= answered.keys()
        assert "format" in {parameter["name"] for parameter in found[name]["parameters"]}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_tells_its_problems(operation: dict[str, Any]) -> None:
    problems = {
        content["schema"]["$ref"]
        for status, response in operation["responses"].items()
        if not status.startswith(("2", "3"))
        for media, content in response["content"].items()
        if media == "application/problem+json"
    }
    assert problems == {"#/components/schemas/Problem"}


def test_an_operation_is_named_as_its_function() -> None:
    functions = {
        (route.path_format, method.lower()): route.endpoint.__name__
        for route in APP.routes
        if isinstance(route, APIRoute) and route.include_in_schema
        for method in route.methods or ()
    }
    names = {
        (path, method): operation["operationId"]
        for path, item in DOCUMENT["paths"].items()
        for method, operation in item.items()
    }
    assert names == functions
    assert len(set(names.values())) == len(names)


def test_every_member_of_an_interview_an_event_and_a_plan_is_described() -> None:
    silent = [
        f"{name}.{member}"
        for name, schema in DOCUMENT["components"]["schemas"].items()
        for member, shape in schema.get("properties", {}).items()
        if "description" not in shape
        and member != "type"
        and schema["properties"].keys().isdisjoint({"rule", "stated"})
    ]
    assert silent == []
