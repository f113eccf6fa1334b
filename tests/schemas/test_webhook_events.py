from typing import get_args

import pytest

from app.schemas.webhook_events import EVENTS, EXAMPLES, EventType


@pytest.mark.parametrize("name", get_args(EventType))
def test_every_type_has_a_shape_that_its_example_fits_to_the_member(name: EventType) -> None:
    told = EVENTS[name].model_validate(EXAMPLES[name])
    assert told.model_dump(mode="json", exclude_unset=True).keys() == {"type", "timestamp", "data"}
    assert EVENTS[name].model_validate_json(told.model_dump_json()) == told
    assert EXAMPLES[name]["type"] == name
    members = told.model_dump(exclude_unset=True)["data"]
    assert members.keys() == EXAMPLES[name]["data"].keys()


@pytest.mark.parametrize("name", get_args(EventType))
def test_every_member_of_a_shape_is_described(name: EventType) -> None:
    schema = EVENTS[name].model_json_schema()
    data = schema["$defs"][schema["properties"]["data"]["$ref"].rpartition("/")[2]]
    described = [data, schema, *data["properties"].values(), schema["properties"]["timestamp"]]
    assert all(shape["description"] for shape in described)
