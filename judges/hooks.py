"""What JSON Schema cannot say of our data, told to Schemathesis, so that what it makes up is not refused at the door.

Without this hardly a request of its own would get past the zone, the country or the year, to what lies behind.
"""

import json
import os
import re
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

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

    Half of the ids stand for what was stored before, which nobody deletes; nor is a key revoked that judges. Other
    requests have another `Idempotency-Key` and another `external_id`, and half of them no condition.
    """
    digest = sha256(repr((case.formatted_path, case.query, case.headers, case.body)).encode()).hexdigest()
    half = digest < "8"
    for name, value in (case.path_parameters or {}).items():
        if case.method == "DELETE" and value in KEPT:
            case.path_parameters[name] = "nobody"
        elif half and case.method != "DELETE" and ID.fullmatch(str(value)) and not _is_step(case):
            case.path_parameters[name] = STORED.get(name, value)
    if re.fullmatch("[!-~]{1,255}", case.headers.get("Idempotency-Key", "")):
        case.headers["Idempotency-Key"] = digest
    if case.operation.label == "POST /v1/interviews" and _holds_good_id(case.body):
        case.body = case.body | {"external_id": digest}
    if half:
        case.headers.pop("If-Match", None)
        case.headers.pop("If-None-Match", None)


def _holds_good_id(body: Any) -> bool:
    """Whether it holds an `external_id` that is one: what is wrong has to be sent as it is."""
    told = body.get("external_id") if isinstance(body, dict) else None
    return isinstance(told, str) and 0 < len(told) <= LONGEST_ID


def _is_step(case: schemathesis.Case) -> bool:
    """Whether it follows upon another, on the same thing."""
    return case.meta is not None and case.meta.phase.name.value == "stateful"
