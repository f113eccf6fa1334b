"""Signatures after Standard Webhooks, v1: HMAC-SHA256 over id, timestamp and the very bytes of the body."""

import hmac
import secrets as randomness
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from datetime import datetime

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
"""Bytes of a secret that a caller may bring."""


class BadSecret(ValueError):
    """Not `whsec_` and the standard base64 of 24 to 64 bytes."""


def make_secret() -> str:
    """A new secret: `whsec_` and the base64 of 32 random bytes."""
    return PREFIX + b64encode(randomness.token_bytes(32)).decode()


def read_secret(text: str) -> bytes:
    """The 24 to 64 bytes of the key that a secret's text stands for, or BadSecret."""
    try:
        key = b64decode(text.removeprefix(PREFIX).encode("ascii"), validate=True)
    except (NotBase64, UnicodeEncodeError):
        key = b""
    if not text.startswith(PREFIX) or not SHORTEST <= len(key) <= LONGEST:
        raise BadSecret(f"a secret is {PREFIX} followed by the base64 of {SHORTEST} to {LONGEST} bytes")
    return key


def sign(secrets: Sequence[bytes], message_id: str, timestamp: int, body: bytes) -> str:
    """One `v1,` signature a secret, in the order given, with single spaces between; timestamp in Unix seconds."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return " ".join("v1," + b64encode(hmac.digest(secret, signed, "sha256")).decode() for secret in secrets)


def headers_of(secrets: Sequence[bytes], message_id: str, now: datetime, body: bytes) -> dict[str, str]:
    """The three headers by which a receiver knows the message, its moment and us; now is aware."""
    timestamp = int(now.timestamp())
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secrets, message_id, timestamp, body),
    }
