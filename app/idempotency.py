"""One effect for each Idempotency-Key: a request that is sent again gets the answer that was given first.

The answer is kept in the transaction of what it tells of, so that there is never one without the other. A handler
takes `once: Once` and does what it does in `once.run`.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Annotated, NamedTuple

from fastapi import Depends, Header, Request
from starlette.responses import Response

from app.auth import Gate
from app.callers import Caller
from app.errors import RETRY_AFTER, Problem
from app.sealed_answers import open_answer, seal_answer
from app.store.db import Busy, Session
from app.store.kept_answers import claim, find_answer, keep_answer
from app.store.rows import KeptAnswerRow
from app.vault import Sealed, Vault
from app.wording import Fault

HEADER = "Idempotency-Key"

WAIT_SECONDS = 5
"""How long a request waits for the one before it with the same key."""

LONGEST = 255
"""A key has at most so many characters."""


class Answered(NamedTuple):
    """What is answered, and what that tells of: whoever deletes this blots out the kept answer, too."""

    response: Response
    about: str | None = None
    """An id, or a candidate's email in lower case."""


@dataclass(frozen=True, slots=True)
class Idempotency:
    """What a request says of being sent again: its key, if it has one, and what it asks for."""

    vault: Vault
    key: str | None
    request: bytes
    """Method, path, query and body: what has to be the same."""

    def run(
        self, gate: Gate, now: datetime, effect: Callable[[Session], Answered], *, personal: bool = False
    ) -> Response:
        """The answer to what `effect` does, or the one that is kept. Raises Problem, and whatever `effect` raises.

        One that is `personal` hangs on the very key that asked, and is given to no other again.
        """
        if self.key is None:
            with gate.begin(now) as session:
                return effect(session).response
        try:
            return self._run_once(gate, self.key, now, effect, personal=personal)
        except Busy:
            fault = Fault("belongs to a request that may still be running; send it again", header=HEADER)
            raise Problem("conflict", fault.sentence, [fault], {"Retry-After": RETRY_AFTER}) from None

    def _run_once(
        self, gate: Gate, key: str, now: datetime, effect: Callable[[Session], Answered], *, personal: bool
    ) -> Response:
        with gate.begin(now, WAIT_SECONDS) as session:
            caller = gate.recall(session.connection, now)
            name, fingerprint = _name_kept(key, caller), self._fingerprint(caller, personal=personal)
            kept = claim(session, name, fingerprint, now, WAIT_SECONDS)
            if kept is None:
                answered = effect(session)
                keep_answer(session, name, seal_answer(self.vault, answered.response), answered.about)
                return answered.response
        return _replay(self.vault, kept, fingerprint)

    def recall(self, gate: Gate, now: datetime) -> Response | None:
        """The answer that is kept, if one is: for handlers that do more than `run` does. Raises Problem."""
        if self.key is None:
            return None
        with gate.peek(now) as session:
            caller = gate.recall(session.connection, now)
            kept = find_answer(session, _name_kept(self.key, caller), now)
            return kept and _replay(self.vault, kept, self._fingerprint(caller))

    def _fingerprint(self, caller: Caller, *, personal: bool = False) -> str:
        # An answer, which may hold a secret, is given again to none but those who may do and see the same.
        powers = json.dumps([sorted(caller.scopes), caller.subject, personal and caller.key.id])
        return sha256(powers.encode() + b"\0" + self.request).hexdigest()


async def read_key(
    request: Request,
    key: Annotated[
        str | None,
        Header(
            alias=HEADER,
            min_length=1,
            max_length=LONGEST,
            pattern="^[!-~]+$",
            description="Any text of yours, such as a UUID. Sent again with it within 24 hours, the same request gets "
            "the first answer again, with `Idempotency-Replayed: true`, and has no second effect.",
        ),
    ] = None,
) -> Idempotency:
    """What the header says. Raises Problem where it is given twice."""
    if len(request.headers.getlist(HEADER)) > 1:
        raise Problem.invalid(Fault("must be given once", header=HEADER))
    scope = request.scope
    # What could stand on both sides of a zero byte stands last.
    sent = b"\0".join((scope["method"].encode(), scope["path"].encode(), scope["query_string"], scope.get("body", b"")))
    return Idempotency(request.app.state.vault, key, sent)


Once = Annotated[Idempotency, Depends(read_key)]
"""Has an effect once, however often the request is sent."""


def _name_kept(key: str, caller: Caller) -> str:
    """What an answer is kept under: a digest, as a key may hold anything. Pages have names apart from servers'."""
    whose = "" if caller.token is None else json.dumps(caller.subject)
    return sha256(f"{whose}\0{key}".encode()).hexdigest()


def _replay(vault: Vault, kept: KeptAnswerRow, fingerprint: str) -> Response:
    if kept.fingerprint != fingerprint:
        raise Problem.invalid(
            Fault("was used before, for another request or with another key; take a new one", header=HEADER)
        )
    if kept.answer is None:
        raise Problem.conflict("What was answered to this Idempotency-Key told of something deleted or changed since.")
    try:
        status, headers, body = open_answer(vault, kept.answer)
    except Sealed:
        raise Problem.conflict("What was answered to this Idempotency-Key cannot be read any more.") from None
    return Response(body, status, dict(headers) | {"Idempotency-Replayed": "true"})
