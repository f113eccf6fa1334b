import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from app.errors import MEDIA_TYPE
from app.main import TAGS, create_app
from app.routing import Route
from app.settings import Settings


@pytest.fixture(scope="module")
def application() -> FastAPI:
    return create_app(Settings(database_url="sqlite:///unused.db", _env_file=None))


@pytest.fixture(scope="module")
def document(application: FastAPI) -> Any:
    return application.openapi()


def _operations(document: Any) -> Iterator[tuple[str, Any]]:
    for address, path in document["paths"].items():
        for method, operation in path.items():
            yield f"{method} {address}", operation


def test_the_document_is_the_same_however_often_it_is_asked_for(application: FastAPI, document: Any) -> None:
    assert application.openapi() == document
    assert document["openapi"].startswith("3.1")
    assert document["info"]["license"]["identifier"] == "MIT"
    assert document["info"]["description"]


def test_every_operation_is_named_as_its_function_and_told_in_words(application: FastAPI, document: Any) -> None:
    functions = {route.name for route in application.routes if isinstance(route, Route)}
    for name, operation in _operations(document):
        assert operation["operationId"] in functions, name
        assert operation["summary"], name
        assert operation["description"], name
        assert set(operation["tags"]) <= {tag["name"] for tag in TAGS}, name


def test_every_error_is_a_problem_document(document: Any) -> None:
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    for name, operation in _operations(document):
        assert "500" in operation["responses"], name
        assert "default" not in operation["responses"], name  # it would allow whatever is not described
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert response["content"].keys() == {MEDIA_TYPE}, (name, status)
                assert response["content"][MEDIA_TYPE]["schema"] == problem["schema"], (name, status)
    assert document["components"]["schemas"].keys() >= {"Problem", "Fault"}
    assert "HTTPValidationError" not in json.dumps(document)


def test_every_reference_leads_somewhere(document: Any) -> None:
    text = json.dumps(document)
    for name in {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}:
        assert name in document["components"]["schemas"]


def test_every_operation_shows_an_example_of_what_it_takes_and_answers(document: Any) -> None:
    for name, operation in _operations(document):
        contents = [
            content
            for part in (operation.get("requestBody", {}), *operation["responses"].values())
            for media_type, content in part.get("content", {}).items()
            if media_type != MEDIA_TYPE
        ]
        assert all("example" in content for content in contents), name


def test_an_example_keeps_its_nulls(document: Any) -> None:
    answer = document["paths"]["/v1/schedule"]["post"]["responses"]["200"]["content"]["application/json"]
    assert all(step["id"] is None for step in answer["example"]["follow_ups"])


def test_every_tag_is_described(document: Any) -> None:
    assert all(tag["description"] for tag in document["tags"])
