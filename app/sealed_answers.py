"""Answers as they are kept for an `Idempotency-Key`: sealed, as they may hold a secret."""

import json
from typing import NamedTuple

from starlette.responses import Response

from app.vault import Vault


class SealedAnswer(NamedTuple):
    """What was answered."""

    status: int
    headers: list[tuple[str, str]]
    body: str


def seal_answer(vault: Vault, response: Response) -> str:
    """The response as it may lie in a database."""
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.raw_headers]
    return vault.seal(json.dumps([response.status_code, headers, bytes(response.body).decode()], ensure_ascii=False))


def open_answer(vault: Vault, sealed: str) -> SealedAnswer:
    """What was sealed. Raises Sealed where its key is lost."""
    return SealedAnswer(*json.loads(vault.unseal(sealed)))
