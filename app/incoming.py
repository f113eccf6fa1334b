"""What comes over the wire: a path, a query and a body, each cleaned or refused before anything else sees it."""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from unicodedata import normalize
from urllib.parse import parse_qsl, urlencode

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from app.errors import Problem
from app.reading import FORBIDDEN, is_clean, read_json
from app.wording import LONGEST, MOST, Fault

BODY_LIMIT = 256 * 1024
"""The longest body, in bytes."""

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"

_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^";\s]*)', re.IGNORECASE)


async def receive_body(scope: Scope, receive: Receive) -> bytes:
    """The body, counted as it arrives. Raises Problem when it is too large or encoded."""
    headers = dict(scope["headers"])
    if b"content-encoding" in headers:
        fault = Fault("must be left out: only bodies that are not compressed are read", header="Content-Encoding")
        raise Problem.unsupported_media_type(fault, {"Accept-Encoding": "identity"})
    announced = headers.get(b"content-length", b"0")[:18]
    _limit(int(announced) if announced.isdigit() else 0)
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        _limit(len(body))
        more = message.get("more_body", False)
    return bytes(body)


def _limit(size: int) -> None:
    if size > BODY_LIMIT:
        raise Problem.too_large(f"The body must be at most {BODY_LIMIT} bytes long.")


def parse_body(scope: Scope, body: bytes, verbatim: frozenset[str]) -> Any:
    """The tree in a body that is there and says that it is JSON; its `verbatim` members as they were sent."""
    if body:
        accepted = (JSON, MERGE_PATCH) if scope["method"] == "PATCH" else (JSON,)
        sent = dict(scope["headers"]).get(b"content-type", b"").decode("latin-1")
        if sent != JSON:
            _check_type(sent, accepted)
    return read_json(body, verbatim)


def _check_type(sent: str, accepted: Sequence[str]) -> None:
    """Raise Problem for a Content-Type that is none of those accepted, or says that the body is not in UTF-8."""
    expected = " or ".join(accepted)
    if sent.partition(";")[0].strip().lower() not in accepted:
        detail = f"must be {expected}"
    elif any(charset.lower() not in {"utf-8", "utf8"} for charset in _CHARSET.findall(sent)):
        detail = "must name no charset but utf-8, or none"
    else:
        return
    fault = Fault(f"{detail}; with curl, add -H 'Content-Type: {JSON}'", header="Content-Type")
    raise Problem.unsupported_media_type(fault, {"Accept": expected})


def clean_path(scope: Scope) -> None:
    """Normalise what a path says in other letters than ASCII; nothing stands at an address that cannot be written."""
    # The server puts U+FFFD where the bytes were no UTF-8.
    if "\ufffd" in scope["path"] or not is_clean(scope["path"]):
        raise Problem.not_found()
    scope["path_params"] = {name: normalize("NFC", value) for name, value in scope["path_params"].items()}


def clean_query(scope: Scope, known: frozenset[str]) -> None:
    """Normalise the query. Raises Problem for parameters that are unknown, given twice, or hold what no text may."""
    pairs = parse_qsl(
        scope["query_string"].decode(errors="surrogateescape"), keep_blank_values=True, errors="surrogateescape"
    )
    faults = list(_faults_of(pairs, known))
    if faults:
        raise Problem.invalid(*faults[:MOST])
    scope["query_string"] = urlencode([(name, normalize("NFC", value)) for name, value in pairs]).encode()


def _faults_of(pairs: Sequence[tuple[str, str]], known: frozenset[str]) -> Iterator[Fault]:
    seen: set[str] = set()
    for name, value in pairs:
        shown = FORBIDDEN.sub("\ufffd", name)[:LONGEST]
        if name not in known:
            yield Fault(f"is not known here; {_listed(known)}", parameter=shown)
        elif name in seen:
            yield Fault("must be given once", parameter=shown)
        elif not is_clean(value):
            yield Fault("must hold UTF-8 without control characters or bidirectional overrides", parameter=shown)
        seen.add(name)


def _listed(known: frozenset[str]) -> str:
    return f"there are {', '.join(sorted(known))}" if known else "there are no parameters"
