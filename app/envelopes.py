"""An email as a message that a mail program opens as a draft: the bytes of an `.eml` file (RFC 5322).

The headers are written here: what the standard library makes of a long or an odd name can be read as something else.
All is read back before it leaves and compared with what was meant: a value that turns into a header of its own, or into
another recipient, would be worse than no answer.
"""

import re
from base64 import b64encode
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from typing import NamedTuple, Protocol

from email_validator import EmailNotValidError, validate_email

from app.rules.drafts import Email

PIECE = 45
"""So many bytes make an encoded word of at most 75 characters (RFC 2047)."""

_PLAIN = re.compile(r"[ -~]{0,60}")
_QUOTABLE = re.compile(r"[ !#-\[\]-~]{0,60}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_ATOMS = r"[!#-'*+\-/-9=?A-Z^-~]+(?:\.[!#-'*+\-/-9=?A-Z^-~]+)*"
_ADDRESS = re.compile(f"{_ATOMS}@{_ATOMS}")


class Mismatch(Exception):
    """A message that does not read as it was meant."""


class Somebody(Protocol):
    """Anybody with a name, and an address where it is known."""

    @property
    def name(self) -> str: ...

    @property
    def email(self) -> str | None: ...


class Mailbox(NamedTuple):
    """A name, maybe an empty one, and an address."""

    name: str
    address: str


class Contents(NamedTuple):
    """What a message says: the names of its headers in order, whom it is from and for, and its bodies."""

    headers: list[str]
    people: dict[str, tuple[Mailbox, ...]]
    subject: str
    text: str
    html: str


def pack_email(email: Email, sender: Somebody) -> bytes:
    """The message from `sender`, unsent, as text and as HTML, its lines ended by CRLF. Raises Mismatch.

    It is ASCII throughout. Whoever has no address, or one that ASCII cannot write, is left out of its headers.
    """
    named = {"From": _mailboxes(sender), "To": _mailboxes(*email.to)}
    people = {name: found for name, found in named.items() if found}
    headers = ["X-Unsent", *people, "Subject", "MIME-Version", "Content-Type"]
    meant = Contents(headers, people, _flatten(email.subject), email.text, email.html)
    packed = _write(meant)
    if _squeeze(_read(packed)) != _squeeze(meant):
        raise Mismatch("A message does not read as it was meant")
    return packed


def _mailboxes(*people: Somebody) -> tuple[Mailbox, ...]:
    found = ((_flatten(who.name), _spell(who.email or "")) for who in people)
    return tuple(Mailbox(name, address) for name, address in found if address)


def _spell(address: str) -> str | None:
    """An address as every mail program can read it: its domain in IDNA. None where that is not possible.

    What stands before the @ has no such form: raw letters there read as something else (RFC 6532 is rarely understood).
    """
    if not address.isascii():
        try:
            found = validate_email(address, check_deliverability=False, globally_deliverable=False)
        except EmailNotValidError:
            return None
        address = found.ascii_email or ""
    return address if "=?" not in address and _ADDRESS.fullmatch(address) else None


def _flatten(text: str) -> str:
    """A value as one line in which no encoded word begins: decoded twice, it could become another header."""
    return " ".join(_CONTROL.sub(" ", text).split()).replace("=?", "= ?")


def _write(meant: Contents) -> bytes:
    people = [(name, _write_people(found)) for name, found in meant.people.items()]
    subject = meant.subject if _PLAIN.fullmatch(meant.subject) else _encode(meant.subject)
    head = "".join(f"{name}: {value}\r\n" for name, value in [("X-Unsent", "1"), *people, ("Subject", subject)])
    body = EmailMessage(policy=SMTP)
    body.set_content(meant.text, cte="quoted-printable")
    body.add_alternative(meant.html, subtype="html", cte="quoted-printable")
    body.set_boundary("=_either")  # which cannot stand in quoted-printable
    return head.encode("ascii") + body.as_bytes()


def _write_people(people: tuple[Mailbox, ...]) -> str:
    return ", ".join(f"{_write_name(each.name)} <{each.address}>" for each in people)


def _write_name(name: str) -> str:
    return f'"{name}"' if _QUOTABLE.fullmatch(name) else _encode(name)


def _encode(text: str) -> str:
    """A text as encoded words (RFC 2047), one a line."""
    return "\r\n ".join(f"=?utf-8?b?{b64encode(piece).decode()}?=" for piece in _split(text))


def _split(text: str) -> Iterator[bytes]:
    """A text in UTF-8, in pieces of whole characters."""
    piece = b""
    for character in text:
        encoded = character.encode()
        if len(piece) + len(encoded) > PIECE:
            yield piece
            piece = b""
        piece += encoded
    yield piece


def _read(packed: bytes) -> Contents:
    """What a mail program would see."""
    message = message_from_bytes(packed, policy=default)
    people = {
        name: tuple(Mailbox(each.display_name, each.addr_spec) for each in message[name].addresses)
        for name in ("From", "To")
        if name in message
    }
    text, html = (part.get_content().replace("\r\n", "\n") for part in message.iter_parts())
    return Contents(message.keys(), people, message["Subject"], text, html)


def _squeeze(contents: Contents) -> tuple[object, ...]:
    """What is to be equal. Names without spaces: the standard library reads one where a long name is split."""
    people = {
        name: [("".join(each.name.split()), each.address) for each in found] for name, found in contents.people.items()
    }
    return contents.headers, people, contents.subject, contents.text.rstrip("\n"), contents.html.rstrip("\n")
