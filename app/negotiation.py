"""In which form an answer is wanted: `?format=` says so, else `Accept`; and how coded (RFC 9110, section 12.5)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import Depends, Query, Request

from app.errors import Problem

Form = Literal["json", "text", "html", "eml"]
Asked = Literal["json", "text", "html", "eml", "application/json", "text/plain", "text/html", "message/rfc822"]

MEDIA_TYPES: Mapping[Form, str] = {
    "json": "application/json",
    "text": "text/plain",
    "html": "text/html",
    "eml": "message/rfc822",
}
"""What is offered; of two that are wanted as much, the first is answered."""

_FORMS: Mapping[str, Form] = {name: form for form, media in MEDIA_TYPES.items() for name in (form, media)}

_QUOTED = r'"(?:[^"\\]|\\.)*+"?'
_ITEM = re.compile(rf'(?:[^",]|{_QUOTED})++')
_PART = re.compile(rf'(?:[^";]|{_QUOTED})++')
_WEIGHT = re.compile(r"0?\.[0-9]+|0\.?|1(\.0*)?", re.ASCII)


class Range(NamedTuple):
    """One media range of an `Accept`: what it means, how exactly it says so, and how much that is wanted (0 to 1)."""

    media: str
    exactness: int
    weight: float


async def choose_form(
    request: Request,
    asked: Annotated[
        Asked | None, Query(alias="format", description="The form of the answer, whatever `Accept` says.")
    ] = None,
) -> Form:
    """The form in which the caller wants the answer. Raises Problem where nothing that is offered will do."""
    return _FORMS[asked] if asked else choose(", ".join(request.headers.getlist("accept")))


def choose(accept: str) -> Form:
    """The form that an `Accept` wants most; an empty one takes anything. Raises Problem."""
    ranges = list(_read(accept.strip(" \t,") or "*/*"))
    weights = {form: _weigh(media, ranges) for form, media in MEDIA_TYPES.items()}
    best = max(weights, key=weights.__getitem__)
    if not weights[best]:
        raise Problem.not_acceptable(MEDIA_TYPES.values())
    return best


def prefers_gzip(accept_encoding: str) -> bool:
    """Whether an `Accept-Encoding` takes gzip, and wants nothing else that we have more."""
    weights = {name: weight for name, _, weight in _weigh_items(accept_encoding)}
    gzip = weights.get("gzip", weights.get("x-gzip", weights.get("*", 0)))
    return gzip > 0 and gzip >= weights.get("identity", 0)


def _weigh(media: str, ranges: Iterable[Range]) -> float:
    """How much a media type is wanted: what the most exact of the ranges that mean it says."""
    meant = (media, f"{media.partition('/')[0]}/*", "*/*")
    found = [(each.exactness, each.weight) for each in ranges if each.media in meant]
    return max(found)[1] if found else 0


def _read(accept: str) -> Iterator[Range]:
    """The ranges of an `Accept`. One that cannot be read, or asks for more than a type, means nothing that we have."""
    for media, parameters, weight in _weigh_items(accept):
        charset = parameters.pop("charset", "").strip('"')
        if charset in {"", "utf-8"} and not any(parameters):
            yield Range(media, 2 - media.count("*") + len(charset), weight)


def _weigh_items(header: str) -> Iterator[tuple[str, dict[str, str], float]]:
    """What a header names, in lower case, its parameters, and how much it is wanted (0 to 1).

    A weight that cannot be read is as good as none, so that a slip in it refuses nothing: as in Apache's httpd.
    """
    for item in _ITEM.findall(header):
        name, *parameters = (part.strip().lower() for part in _PART.findall(item) or [""])
        named = dict(parameter.partition("=")[::2] for parameter in parameters)
        weight = named.pop("q", "1")
        yield name, named, float(weight) if _WEIGHT.fullmatch(weight) else 1


ChosenForm = Annotated[Form, Depends(choose_form)]
"""What a handler asks for when its answer is offered in several forms."""


def other_forms() -> dict[int | str, dict[str, Any]]:
    """What is offered beside JSON, for an operation's `responses` in the OpenAPI document."""
    shape = {"schema": {"type": "string"}}
    return {200: {"content": {media: dict(shape) for form, media in MEDIA_TYPES.items() if form != "json"}}}
