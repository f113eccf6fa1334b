import json
import shutil
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from app.webhooks.signing import BadSecret, headers_of, make_secret, read_secret, sign

# Emoji, right-to-left with its marks, a number that no double holds, an escaped and a missing null, a lone line break.
AWKWARD = [
    '{"data":{"name":"👩🏽‍💻 Zoë","note":"\u202e\u05e9\u05dc\u05d5\u05dd\u200f \u0627\u0644"}}',
    '{"data":{"big":100000000000000000000,"less":-0.0,"e":1e-7}}',
    '{"data":{"nothing":null,"nul":"\\u0000","list":[null,null]}}',
    '{"data": {"a":\r\n "\u2028\u2029\ufeff"} }',
]

JAVASCRIPT = """
const {createHmac, timingSafeEqual} = require('crypto');
const chunks = [];
process.stdin.on('data', chunk => chunks.push(chunk)).on('end', () => {
  const [secret, id, timestamp, signatures] = process.argv.slice(1);
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const wanted = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(Buffer.concat(chunks)).digest();
  const good = signatures.split(' ').some(signature => {
    const [version, text] = signature.split(',');
    const given = Buffer.from(text, 'base64');
    return version === 'v1' && given.length === wanted.length && timingSafeEqual(given, wanted);
  });
  process.exit(good ? 0 : 1);
});
"""

Verify = Callable[[str, dict[str, str], bytes], bool]


def verify_with_python(secret: str, headers: dict[str, str], body: bytes) -> bool:
    try:
        assert Webhook(secret).verify(body, headers) == json.loads(body)
    except WebhookVerificationError:
        return False
    return True


def verify_with_openssl(secret: str, headers: dict[str, str], body: bytes) -> bool:
    key = b64decode(secret.removeprefix("whsec_")).hex()
    command = ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{key}", "-binary"]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = subprocess.run(command, input=signed, capture_output=True, check=True).stdout
    return "v1," + b64encode(mac).decode() in headers["webhook-signature"].split(" ")


def verify_with_javascript(secret: str, headers: dict[str, str], body: bytes) -> bool:
    command = ["node", "-e", JAVASCRIPT, secret, *headers.values()]
    return subprocess.run(command, input=body, check=False).returncode == 0


VERIFIERS: list[Verify] = [
    verify_with_python,
    verify_with_openssl,
    *([verify_with_javascript] if shutil.which("node") else []),  # where it is present
]


@pytest.mark.parametrize("verify", VERIFIERS)
@pytest.mark.parametrize("text", AWKWARD)
def test_an_awkward_payload_verifies_over_the_same_bytes_everywhere(verify: Verify, text: str) -> None:
    """Row 35 of the faults."""
    secret, body = make_secret(), text.encode()
    headers = headers_of([read_secret(secret)], "msg_1", datetime.now(UTC), body)
    assert verify(secret, headers, body)
    assert not verify(secret, headers, body.replace(b"a", b"b", 1))
    assert not verify(make_secret(), headers, body)


@pytest.mark.parametrize("verify", VERIFIERS)
def test_each_of_several_secrets_verifies_while_they_overlap(verify: Verify) -> None:
    secrets = [make_secret(), make_secret(), make_secret()]
    headers = headers_of([read_secret(secret) for secret in secrets], "msg_1", datetime.now(UTC), b"{}")
    assert len(headers["webhook-signature"].split(" ")) == 3
    assert all(verify(secret, headers, b"{}") for secret in secrets)


def test_the_signature_is_that_of_the_standard_s_own_example() -> None:
    key = read_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signature = sign([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_timestamp_is_that_of_the_moment_in_whichever_zone_it_is_told() -> None:
    here = datetime(2026, 11, 20, 9, 30, 0, 999999, tzinfo=timezone(timedelta(hours=-8)))
    headers = headers_of([b"k" * 24], "msg_1", here, b"{}")
    assert headers == headers_of([b"k" * 24], "msg_1", here.astimezone(UTC), b"{}")
    assert headers["webhook-timestamp"] == str(int(datetime(2026, 11, 20, 17, 30, tzinfo=UTC).timestamp()))


def test_a_new_secret_holds_32_random_bytes() -> None:
    assert len(read_secret(make_secret())) == 32
    assert make_secret() != make_secret()


@pytest.mark.parametrize("length", [24, 25, 32, 64])
def test_a_secret_may_be_brought_along(length: int) -> None:
    assert read_secret("whsec_" + b64encode(b"\xff" * length).decode()) == b"\xff" * length


@pytest.mark.parametrize(
    "text",
    [
        "",
        "whsec_",
        "whsec_" + b64encode(b"k" * 23).decode(),
        "whsec_" + b64encode(b"k" * 65).decode(),
        b64encode(b"k" * 32).decode(),
        "whsec_" + "-_" * 20,
        "whsec_" + "é" * 40,
        "whsec_" + "A" * 41,
        "whsec_ " + b64encode(b"k" * 32).decode(),
        "whsec_" + b64encode(b"k" * 32).decode() + "\n",
    ],
)
def test_what_is_no_secret_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(BadSecret) as caught:
        read_secret(text)
    assert text in {"", "whsec_"} or text not in str(caught.value)
