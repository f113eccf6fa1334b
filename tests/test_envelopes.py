import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.envelopes import Mismatch, pack_email
from app.rules.drafts import Email
from app.rules.facts import Person
from app.rules.plans import Recipient

SENDER = Person(name="Ana López", email="ana.lopez@example.com")
EMAIL = Email(
    kind="thank_you",
    channel="email",
    to=(Recipient("Priya Shah", "priya.shah@northwind.example"),),
    as_of=datetime(2026, 11, 20, 19, 30, tzinfo=UTC),
    subject="Thank you for Friday",
    text="Hi Priya,\n\nThank you.\n\nBest wishes,\nAna López\n",
    html="<!doctype html>\n<p>Hi Priya,</p>\n<p>Thank you.</p>\n",
    mailto="",
    sentences=1,
    paragraphs=1,
    elements=(),
    omitted=(),
)


def _read(packed: bytes) -> EmailMessage:
    message = message_from_bytes(packed, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def _to(name: str, address: str | None) -> Email:
    return replace(EMAIL, to=(Recipient(name, address),))


def _head(packed: bytes) -> list[str]:
    """The headers as they are written, each on one line."""
    return packed.partition(b"\r\n\r\n")[0].decode().replace("\r\n ", " ").split("\r\n")


def test_a_message_opens_as_a_draft_with_all_that_it_needs() -> None:
    message = _read(pack_email(EMAIL, SENDER))
    assert message["X-Unsent"] == "1"
    assert message["Subject"] == "Thank you for Friday"
    assert str(message["From"]) == "Ana López <ana.lopez@example.com>"
    assert str(message["To"]) == "Priya Shah <priya.shah@northwind.example>"
    assert message.get_content_type() == "multipart/alternative"
    plain, html = message.iter_parts()
    assert plain.get_content().splitlines() == EMAIL.text.splitlines()
    assert html.get_content().splitlines() == EMAIL.html.splitlines()
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_the_same_email_makes_the_same_message() -> None:
    assert pack_email(EMAIL, SENDER) == pack_email(EMAIL, SENDER)


@pytest.mark.parametrize("address", [None, "", "@example.com", "ana@", "ana", "a b@c.d", "a@b@c", "a..b@c", "=?x?@b.c"])
def test_an_address_that_cannot_stand_in_a_header_is_left_out(address: str | None) -> None:
    message = _read(pack_email(_to("Priya Shah", address), SENDER.model_copy(update={"email": address})))
    assert message["To"] is None
    assert message["From"] is None
    assert message["Subject"] == EMAIL.subject


@pytest.mark.parametrize(
    "name",
    [
        "Dr. Ada Park",
        "Shah, Priya",
        'Ada "Pip" Park',
        "Back\\slash",
        "Ada <ada@evil.example>",
        "李小龙",
        "\u05e9\u05dc\u05d5\u05dd",
        "\U0001f469\u200d\U0001f4bb",
        "=?utf-8?q?Bcc?=",
        "O'Neil (HR); ops:",
        "a" * 200,
        "é" * 200,
        "word " * 40,
        "",
    ],
)
def test_a_name_reads_as_it_was_told(name: str) -> None:
    (box,) = _read(pack_email(_to(name, "a@b.example"), SENDER))["To"].addresses
    # The standard library puts a space where a long name was split.
    assert "".join(box.display_name.split()) == "".join(name.replace("=?", "= ?").split())
    assert box.addr_spec == "a@b.example"


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("a@b\u00fccher.example", "a@xn--bcher-kva.example"),
        ("a.b+c@stra\u00dfe.example", "a.b+c@xn--strae-oqa.example"),
        ("li@\u4f8b\u5b50.\u516c\u53f8", "li@xn--fsqu00a.xn--55qx5d"),
    ],
)
def test_a_domain_in_other_letters_is_written_as_every_mail_program_reads_it(address: str, written: str) -> None:
    packed = pack_email(_to("Priya", address), SENDER.model_copy(update={"email": address}))
    assert f'To: "Priya" <{written}>' in _head(packed)
    message = _read(packed)
    assert [box.addr_spec for name in ("From", "To") for box in message[name].addresses] == [written] * 2


@pytest.mark.parametrize(
    "address",
    ["\u00fc@x.example", "jos\u00e9@ejemplo.es", "\u674e@\u4f8b\u5b50.\u516c\u53f8", "a@\u00ad", "a@\u2603\ufe0f.x"],
)
def test_an_address_that_ascii_cannot_write_is_left_out(address: str) -> None:
    message = _read(pack_email(_to("Priya", address), SENDER.model_copy(update={"email": address})))
    assert message["To"] is None
    assert message["From"] is None
    assert message["Subject"] == EMAIL.subject


@pytest.mark.parametrize(
    "value",
    [
        "=?utf-8?q?a=0D=0ABcc:_evil@example.com?=",
        "=?utf-8?b?YQ0KQmNjOiBl?=",
        "=?=?utf-8?q?a?=",
        "a\r\nBcc: evil@example.com",
        "a\nBcc: evil@example.com",
        "a\x00b\x85c",
        "Bcc: evil@example.com",
    ],
)
def test_no_value_becomes_a_header_of_its_own_nor_an_encoded_word(value: str) -> None:
    packed = pack_email(replace(_to(value, "a@b.example"), subject=value), Person(name=value, email="c@d.example"))
    names = [line.partition(":")[0] for line in _head(packed)]
    assert names == ["X-Unsent", "From", "To", "Subject", "MIME-Version", "Content-Type"]
    read = _read(packed)["Subject"]
    assert "=?" not in read
    assert re.sub(r"\s", "", read.replace("= ?", "=?")) == re.sub(r"[\s\x00\x85]", "", value)


@pytest.mark.parametrize(
    "email", [replace(EMAIL, text="Hi Priya,\rThank you."), replace(EMAIL, html="<p>Hi Priya,\rThank you.</p>")]
)
def test_a_message_that_reads_otherwise_never_leaves(email: Email) -> None:
    """A carriage return alone would be read as the end of a line; no text that we accept holds one."""
    with pytest.raises(Mismatch):
        pack_email(email, SENDER)


ODD = [
    "=?utf-8?q?a=0D=0ABcc:_x?=",
    "=?",
    "?=",
    "Bcc: x",
    "<a@b>",
    "(x)",
    "a" * 100,
    "é",
    "李",
    "\U0001f469\u200d\U0001f4bb",
]
NASTY = st.sampled_from([*ODD, *"\"\\,;@'.:=_ ", "\u202f", "\u200b", "\u2028", "\xad", "\ufeff"])
LINES = st.text(st.characters(exclude_categories=["Cs"]), max_size=250) | st.lists(
    NASTY | st.text(max_size=5), max_size=12
).map("".join)
BODIES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=500) | st.lists(
    NASTY | st.sampled_from(["\n", ".", "\n.\n", "\nFrom x", " \n", "\t", "--=_either", "a" * 2000]), max_size=30
).map("".join)
PARTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=64)
ADDRESSES = (
    st.none()
    | st.builds("{}@{}".format, PARTS, PARTS)
    | st.builds("{}@{}.example".format, st.sampled_from(["a", "\u00fc"]), PARTS)
    | st.sampled_from(
        [
            "jos\u00e9@ejemplo.es",
            "a@b\u00fccher.example",
            "o'neil+jobs@example.com",
            "@example.com",
            "a@",
            "=?x?@b",
            "a=?b@c",
        ]
    )
)


@given(
    names=st.tuples(LINES, LINES), addresses=st.tuples(ADDRESSES, ADDRESSES), subject=LINES, text=BODIES, html=BODIES
)
def test_whatever_is_packed_reads_as_it_was_meant(
    names: tuple[str, str], addresses: tuple[str | None, str | None], subject: str, text: str, html: str
) -> None:
    email = replace(_to(names[0], addresses[0]), subject=subject, text=text, html=html)
    packed = pack_email(email, Person(name=names[1], email=addresses[1]))  # raises Mismatch where it does not
    assert packed.isascii()
    assert max(map(len, packed.split(b"\r\n"))) <= 998
    bare = packed.replace(b"\r\n", b"")
    assert b"\n" not in bare
    assert b"\r" not in bare
    assert _read(packed).get_all("Bcc", []) == []
