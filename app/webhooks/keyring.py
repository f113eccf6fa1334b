"""The secrets of an endpoint as its row keeps them: JSON, each sealed, with the end of its time, the newest first."""

import json
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from app.vault import REMEMBERED, Sealed, Vault
from app.webhooks.signing import read_secret

MOST_SECRETS = 10
"""How many may be valid at once: each of them adds a signature to every attempt."""


class KeptSecret(NamedTuple):
    """One secret, sealed; without an end it signs until it is replaced."""

    sealed: str
    until: datetime | None

    def is_valid(self, now: datetime) -> bool:
        """Whether it signs what is sent now."""
        return self.until is None or now < self.until


class SecretInUse(ValueError):
    """A secret that is to be the next one signs already."""

    def __init__(self) -> None:
        super().__init__("must not be one that is still valid")


class TooManySecrets(Exception):
    """So many secrets are valid still that another one has no room."""

    def __init__(self) -> None:
        super().__init__(f"{MOST_SECRETS} secrets are still valid; rotate with a smaller overlap_seconds")


def keep_first(vault: Vault, secret: str) -> str:
    """A new endpoint's secret, as its row keeps it."""
    return _dump([KeptSecret(vault.seal(secret), None)])


def read_secrets(vault: Vault, kept: str, now: datetime) -> tuple[bytes, ...]:
    """The keys that sign what is sent now, the newest first; one that cannot be opened any more is passed over.

    Raises Sealed where none can.
    """
    valid = [each for each in _load(kept) if each.is_valid(now)]
    keys = tuple(_read_key(text) for each in valid if (text := _open(vault, each.sealed)))
    if not keys:
        raise Sealed
    return keys


def rotate(vault: Vault, kept: str, secret: str, now: datetime, until: datetime) -> str:
    """The same row with another secret before those that were valid, which end at `until` if not before.

    Raises TooManySecrets.
    """
    before = [each._replace(until=min(each.until or until, until)) for each in _load(kept)]
    valid = [each for each in before if each.is_valid(now)]
    if len(valid) >= MOST_SECRETS:
        raise TooManySecrets
    return _dump([KeptSecret(vault.seal(secret), None), *valid])


def reseal(vault: Vault, kept: str) -> str:
    """The same row, every secret sealed with the newest key. Raises Sealed."""
    return _dump([each._replace(sealed=vault.reseal(each.sealed)) for each in _load(kept)])


def _open(vault: Vault, sealed: str) -> str | None:
    try:
        return vault.open(sealed)
    except Sealed:
        return None


_read_key = lru_cache(REMEMBERED)(read_secret)


@lru_cache(REMEMBERED)
def _load(kept: str) -> tuple[KeptSecret, ...]:
    return tuple(
        KeptSecret(each["sealed"], each["until"] and datetime.fromisoformat(each["until"])) for each in json.loads(kept)
    )


def _dump(secrets: Iterable[KeptSecret]) -> str:
    return json.dumps([{"sealed": sealed, "until": until and until.isoformat()} for sealed, until in secrets])
