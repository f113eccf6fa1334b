"""Secrets at rest: sealed with the operator's key, or with one that is made and kept beside an embedded database."""

import os
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from app.settings import KEY_BYTES, PREFIX, Settings, SettingsError

REMEMBERED = 10_000
"""The same few secrets sign one message after the other, and opening one takes longer than signing with it."""


class Sealed(Exception):
    """None of our keys opens it: the one that sealed it was taken out of the settings too early."""

    def __init__(self) -> None:
        super().__init__("sealed with a key that is not among ours")


class Vault:
    """Seals texts with the first of its keys, and opens what any of them sealed."""

    def __init__(self, keys: Sequence[str]) -> None:
        """`keys`: each 32 bytes in url-safe base64, the newest first."""
        self._keys = MultiFernet([Fernet(key) for key in keys])
        self.open = lru_cache(REMEMBERED)(self.unseal)

    def seal(self, text: str) -> str:
        """The text as it may lie in a database."""
        return self._keys.encrypt(text.encode()).decode()

    def reseal(self, sealed: str) -> str:
        """The same text, sealed with the newest key. Raises Sealed."""
        return self.seal(self.open(sealed))

    def unseal(self, sealed: str) -> str:
        """The text that was sealed; unlike with `open`, it is not remembered. Raises Sealed."""
        try:
            return self._keys.decrypt(sealed).decode()
        except InvalidToken:
            raise Sealed from None


def open_vault(settings: Settings) -> Vault:
    """The vault of a service with these settings. Raises SettingsError where its key is missing."""
    if keys := [key.strip() for key in settings.secret_key.split(",") if key.strip()]:
        return Vault(keys)
    if not settings.embedded:
        raise SettingsError(
            f"{PREFIX}SECRET_KEY is needed with PostgreSQL: 32 random bytes in url-safe base64, the same for every "
            "process. Make one: openssl rand -base64 32 | tr '+/' '-_'"
        )
    path = _beside(settings.database_url)
    try:
        return Vault([_keep_key(path)])
    except ValueError:
        raise SettingsError(f"{path} holds no key: put back the one that was there, or remove the file.") from None


def _beside(database_url: str) -> Path:
    """Where the key of an SQLite database is: `var/afterword.db` has `var/afterword.key`."""
    return Path(database_url.removeprefix("sqlite:///").partition("?")[0]).with_suffix(".key")


def _keep_key(path: Path) -> str:
    """The key in the file, which is made if it is not there: whole, for nobody else's eyes, by one process alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)))
        try:
            path.hardlink_to(draft)  # unlike a rename, it fails where another process was faster
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
