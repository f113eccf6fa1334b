"""What every error looks like (RFC 9457), for the OpenAPI document; `app.errors` writes it."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import models_json_schema


class Fault(BaseModel):
    """One thing that is not as expected, and where: a `pointer`, a `parameter` or a `header`."""

    detail: str = Field(description="What was expected there.", examples=["must be after starts_at"])
    pointer: str = Field("", description="JSON pointer to the member of the body.", examples=["/interview/ends_at"])
    parameter: str = Field("", description="The parameter of the query.", examples=["limit"])
    header: str = Field("", description="The header.", examples=["Content-Type"])


class Problem(BaseModel):
    """Why there is no ordinary answer."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Unprocessable Content",
                    "status": 422,
                    "detail": "/interview/ends_at must be after starts_at, by 24 hours at most.",
                    "instance": "/v1/schedule",
                    "errors": [
                        {"detail": "must be after starts_at, by 24 hours at most", "pointer": "/interview/ends_at"}
                    ],
                }
            ]
        }
    )

    type: str = Field(description="Always `about:blank`: the status says what kind of problem it is.")
    title: str = Field(description="The status in words.")
    status: int = Field(description="The status of the answer.")
    detail: str = Field(description="What is wrong, in a sentence.")
    instance: str = Field("", description="The path that was asked for.")
    errors: list[Fault] = Field([], description="Each thing that is not as expected, where there are such.")


def problem_schemas() -> dict[str, Any]:
    """The two shapes, as components of an OpenAPI document."""
    shapes = [(Problem, "validation"), (Fault, "validation")]
    _, definitions = models_json_schema(shapes, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]  # narrower than it asks
    return dict(definitions["$defs"])
