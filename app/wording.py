"""Faults in plain English: where each is, and what was expected there. Never what was sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST = 20
"""So many faults are told at once; a body can hold thousands."""
LONGEST = 200
"""A pointer or a parameter's name is cut after so many characters."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as expected, and where: a JSON pointer into the body, a parameter, or a header."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None
    header: str | None = None

    @property
    def sentence(self) -> str:
        """Where and what, as one sentence."""
        place = self.pointer or self.parameter or self.header or "The body"
        return f"{place} {self.detail}."


def point(*path: str | int) -> str:
    """The JSON pointer (RFC 6901) of a member: `point("events", 0, "key")` is `/events/0/key`."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)[:LONGEST]


def explain(errors: Sequence[Mapping[str, Any]], body: object = None) -> list[Fault]:
    """What pydantic found, as faults. `body` is the tree that was validated, if one was.

    An error's `loc` begins with the place that FastAPI names: body, query, path, header or cookie.
    """
    # A tuple with an item at fault counts as empty, too.
    errors = [
        error
        for error in errors
        if error["type"] != "too_short" or not any(_is_within(other["loc"], error["loc"]) for other in errors)
    ]
    faults = [_locate(error, body) for error in errors[:MOST]]
    if len(errors) > MOST:
        faults.append(Fault(f"has {len(errors) - MOST} more faults like these", pointer=""))
    return faults


def _is_within(path: Sequence[str | int], whole: Sequence[str | int]) -> bool:
    return len(path) > len(whole) and tuple(path[: len(whole)]) == tuple(whole)


def _locate(error: Mapping[str, Any], body: object) -> Fault:
    place, *path = error["loc"]
    detail = _describe(error)
    if place == "body":
        if error["type"] in ("union_tag_invalid", "union_tag_not_found"):
            path.append(error["ctx"]["discriminator"].strip("'"))
        return Fault(detail, pointer=point(*_without_tags(path, body)))
    name = str(path[0] if path else "")[:LONGEST]
    return Fault(detail, header=name) if place == "header" else Fault(detail, parameter=name)


def _without_tags(path: Sequence[str | int], node: Any) -> list[str | int]:
    """The path in the body: pydantic also names the member of a union that it chose, by its tag."""
    parts: list[str | int] = []
    for part in path:
        if isinstance(node, dict) and part not in node and node.get("type") == part:
            continue
        parts.append(part)
        node = _step(node, part)
    return parts


def _step(node: Any, part: str | int) -> Any:
    if isinstance(node, dict):
        return node.get(part)
    if isinstance(node, list) and isinstance(part, int) and part < len(node):
        return node[part]
    return None


def _describe(error: Mapping[str, Any]) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind in EXPECTED:
        return EXPECTED[kind].format(**context)
    return COUNTED[kind](context) if kind in COUNTED else "is not valid"


def _length(bound: str, key: str, unit: str, units: str) -> Callable[[Mapping[str, Any]], str]:
    def describe(context: Mapping[str, Any]) -> str:
        number = context[key]
        return f"must have {bound} {number} {unit if number == 1 else units}"

    return describe


COUNTED: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "string_too_long": _length("at most", "max_length", "character", "characters"),
    "too_short": _length("at least", "min_length", "item", "items"),
    "too_long": _length("at most", "max_length", "item", "items"),
}

EXPECTED: Mapping[str, str] = {
    "missing": "is required",
    "extra_forbidden": "is not known here",
    "string_type": "must be a string",
    "string_too_short": "must not be empty",  # no text of ours has another least length
    "string_pattern_mismatch": "must match the pattern {pattern}",
    "literal_error": "must be {expected}",
    "union_tag_not_found": "is required",
    "union_tag_invalid": "must be one of {expected_tags}",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number with fewer digits",
    "int_from_float": "must be a whole number",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dict_type": "must be an object",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "date_from_datetime_parsing": "must be a calendar date that exists, such as 2026-12-01",
    "date_parsing": "must be a calendar date that exists, such as 2026-12-01",
    "datetime_from_date_parsing": "must be a date and time that exist, such as 2026-11-20T15:00:00-05:00",
    "datetime_parsing": "must be a date and time that exist, such as 2026-11-20T15:00:00-05:00",
    "missing_sentinel_error": "may be left out, but is not this",
}
"""What was expected, by pydantic's name of the error."""
