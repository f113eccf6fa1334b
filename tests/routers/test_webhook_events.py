from typing import get_args

from httpx import AsyncClient

from app.main import create_app
from app.schemas.webhook_events import EVENTS, EventType
from app.settings import Settings
from tests.northwind import problem, read

EVENT_TYPES = "/v1/webhook-events"


async def test_every_type_of_event_is_listed_with_one_sentence(client: AsyncClient) -> None:
    listed = (await read(client, EVENT_TYPES))["data"]
    assert [each["type"] for each in listed] == list(get_args(EventType))
    for each in listed:
        assert each["description"].endswith(".")
        assert "\n" not in each["description"]


async def test_every_type_of_event_has_a_sample(client: AsyncClient) -> None:
    for name, shape in EVENTS.items():
        sample = await read(client, f"{EVENT_TYPES}/{name}/example")
        assert sample["type"] == name
        assert shape.model_validate(sample).model_dump(mode="json", exclude_unset=True) == sample


async def test_there_is_no_sample_of_an_event_that_there_is_not(client: AsyncClient) -> None:
    for name in ("pong", "follow_up", "%00", "../ping"):
        problem(await client.get(f"{EVENT_TYPES}/{name}/example"), 404)


def test_the_document_describes_every_webhook() -> None:
    webhooks = create_app(Settings(_env_file=None)).openapi()["webhooks"]
    assert list(webhooks) == list(get_args(EventType))
    for name, item in webhooks.items():
        operation = item["post"]
        assert operation["description"].endswith(".")
        content = operation["requestBody"]["content"]["application/json"]
        assert content["example"]["type"] == name
        assert content["schema"] == {"$ref": f"#/components/schemas/{EVENTS[name].__name__}"}
        headers = {each["name"]: each for each in operation["parameters"] if each["in"] == "header"}
        assert headers.keys() == {"webhook-id", "webhook-timestamp", "webhook-signature", "traceparent"}
        assert {name for name, each in headers.items() if not each["required"]} == {"traceparent"}
        assert all(each["description"] and each["example"] for each in headers.values())
        assert operation["responses"].keys() == {"204", "410", "default"}
