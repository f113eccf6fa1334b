"""What JSON Schema cannot say of our data, told to Schemathesis, so that what it makes up is not refused at the door.

Without this hardly a request of its own would get past the zone, the country or the year, to what lies behind.
"""

import json
import os
import re
from collections.abc import Collection
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from http import HTTPStatus
from typing import Any

import httpx
import schemathesis
from hypothesis import strategies as st

SOME: dict[str, list[str]] = {
    "timezone": ["America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Pacific/Apia", "UTC"],
    "country": ["US", "DE", "NP", "BR"],
    "policy": ["balanced", "classic", "decision-date", "two-touch", "capstone", "steady"],
}
"""Members that name one of many things, and some of these."""

STORED: dict[str, str] = json.loads(os.environ["STORED"])
"""The ids of what was stored before, by the names of the parameters in addresses."""
KEPT = {*STORED.values(), *os.environ["JUDGED_KEYS"].split()}
ADDRESS, HEADERS, SPARES = json.loads(os.environ["SPARES"])
"""Where, and as whom, to store what may be deleted, and what that is, by the names of the parameters in addresses."""
LONGEST_ID = 200
ID = re.compile("[a-z]+_[0-9a-f]{32}")

offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(datetime(1991, 1, 1), datetime(2100, 1, 1), timezones=offsets)  # noqa: DTZ001 - the zones are drawn
schemathesis.openapi.format("date-time", instants.map(datetime.isoformat))
schemathesis.openapi.format("date", instants.map(lambda instant: instant.date().isoformat()))


@schemathesis.hook
def before_load_schema(_: schemathesis.HookContext, document: dict[str, Any]) -> None:
    """Name some zones, countries and policies wherever one is asked for."""
    for name, schema in document["components"]["schemas"].items():
        if name.endswith(("In", "Patch")):
            for member in SOME.keys() & schema.get("properties", {}).keys():
                _name(schema["properties"][member], SOME[member])


def _name(schema: dict[str, Any], values: list[str]) -> None:
    for each in schema.get("anyOf", [schema]):
        if each.get("type") == "string":
            each["enum"] = values


@schemathesis.hook
def before_call(_: schemathesis.HookContext, case: schemathesis.Case, __: dict[str, Any]) -> None:
    """Let what is asked for be there, and not everything a repetition.

    Half of the ids stand for what was stored before. Who would delete that, or the key that judges, and half of those
    who would delete anything, get something to delete that is stored for them. Other requests have another
    `Idempotency-Key` and another `external_id`, and half of them no condition.
    """
    digest = sha256(repr((case.formatted_path, case.query, case.headers, case.body)).encode()).hexdigest()
    half = digest < "8"
    if case.method == "DELETE":
        named = case.path_parameters or {}
        if named.keys() <= SPARES.keys() and (not KEPT.isdisjoint(named.values()) or (half and not _is_step(case))):
            case.path_parameters = _store_spare(named)
    else:
        for name, value in (case.path_parameters or {}).items():
            if half and ID.fullmatch(str(value)) and not _is_step(case):
                case.path_parameters[name] = STORED.get(name, value)
    if re.fullmatch("[!-~]{1,255}", case.headers.get("Idempotency-Key", "")):
        case.headers["Idempotency-Key"] = digest
    if case.operation.label == "POST /v1/interviews" and _holds_good_id(case.body):
        case.body = case.body | {"external_id": digest}
    if half:
        case.headers.pop("If-Match", None)
        case.headers.pop("If-None-Match", None)


def _store_spare(names: Collection[str]) -> dict[str, str]:
    """Something new of this kind: the parameters that name it."""
    spare: dict[str, str] = {}
    for name in (each for each in SPARES if each in names):  # what belongs to another comes after that
        path, body = SPARES[name]
        answer = httpx.post(ADDRESS + path.format_map(spare), json=body, headers=HEADERS)
        if answer.status_code == HTTPStatus.CONFLICT:  # there are as many as there may be
            spare[name] = _find_spare(path)
        else:
            stored = answer.raise_for_status().json()
            spare[name] = stored["candidate"]["email"] if name == "email" else stored["id"]
    return spare


def _find_spare(path: str) -> str:
    """The id of something in this list that was not there from the beginning."""
    listed = httpx.get(ADDRESS + path, headers=HEADERS).raise_for_status().json()["data"]
    return next(each["id"] for each in listed if each["id"] not in KEPT)


def _holds_good_id(body: Any) -> bool:
    """Whether it holds an `external_id` that is one: what is wrong has to be sent as it is."""
    told = body.get("external_id") if isinstance(body, dict) else None
    return isinstance(told, str) and 0 < len(told) <= LONGEST_ID


def _is_step(case: schemathesis.Case) -> bool:
    """Whether it follows upon another, on the same thing."""
    return case.meta is not None and case.meta.phase.name.value == "stateful"
