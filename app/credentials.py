"""The texts that let somebody in: secret keys and client tokens. Made here, shown once, and kept as digests."""

import hashlib
import re
import secrets
import string
import zlib
from typing import Literal, cast, get_args

Prefix = Literal["aw_live_", "aw_test_", "aw_client_"]
"""Of a key that works on what is real, of one for trying out, and of a token for a browser."""

SECRET_LENGTH = 30
CHECKSUM_LENGTH = 6

_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_SHAPE = re.compile(rf"({'|'.join(get_args(Prefix))})[0-9A-Za-z]{{{SECRET_LENGTH + CHECKSUM_LENGTH}}}")


class Malformed(ValueError):
    """Nothing that was ever made here looks like this."""


class Mistyped(ValueError):
    """The checksum does not fit: a character was lost or mistyped."""


def make_credential(prefix: Prefix) -> str:
    """A new one: the prefix, 30 random characters in base 62, and a checksum of 6."""
    text = prefix + "".join(secrets.choice(_ALPHABET) for _ in range(SECRET_LENGTH))
    return text + _checksum(text)


def read_prefix(text: str) -> Prefix:
    """What kind of credential it is; a typo is told without a look-up. Raises Malformed, Mistyped."""
    found = _SHAPE.fullmatch(text)
    if found is None:
        raise Malformed
    if _checksum(text[:-CHECKSUM_LENGTH]) != text[-CHECKSUM_LENGTH:]:
        raise Mistyped
    return cast(Prefix, found[1])


def digest(text: str) -> str:
    """What is kept of a credential: enough to know it again, and of no use to whoever reads it."""
    return hashlib.sha256(text.encode()).hexdigest()


def _checksum(text: str) -> str:
    number, digits = zlib.crc32(text.encode()), ""
    for _ in range(CHECKSUM_LENGTH):
        number, rest = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[rest] + digits
    return digits
