import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import pytest

from app.vault import Vault
from app.webhooks.keyring import MOST_SECRETS, TooManySecrets, keep_first, read_secrets, rotate
from app.webhooks.signing import make_secret, read_secret

NOW = datetime(2026, 12, 2, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)
VAULT = Vault([urlsafe_b64encode(bytes(32)).decode()])


def test_the_first_secret_signs_without_an_end_and_lies_sealed() -> None:
    secret = make_secret()
    kept = keep_first(VAULT, secret)
    assert read_secrets(VAULT, kept, NOW) == read_secrets(VAULT, kept, NOW + 10_000 * HOUR) == (read_secret(secret),)
    assert secret not in kept
    assert [each["until"] for each in json.loads(kept)] == [None]


def test_the_newest_secret_stands_first_and_those_before_end() -> None:
    texts = [make_secret() for _ in range(3)]
    first, second, third = map(read_secret, texts)
    kept = keep_first(VAULT, texts[0])
    kept = rotate(VAULT, kept, texts[1], NOW, NOW + HOUR)
    kept = rotate(VAULT, kept, texts[2], NOW, NOW + 2 * HOUR)
    assert read_secrets(VAULT, kept, NOW) == (third, second, first)
    assert read_secrets(VAULT, kept, NOW + HOUR - MICROSECOND) == (third, second, first)
    assert read_secrets(VAULT, kept, NOW + HOUR) == (third, second)
    assert read_secrets(VAULT, kept, NOW + 2 * HOUR) == (third,)


def test_an_earlier_end_holds_for_all_that_were_valid() -> None:
    kept = keep_first(VAULT, make_secret())
    for hours in (3, 2):
        kept = rotate(VAULT, kept, make_secret(), NOW, NOW + hours * HOUR)
    assert len(read_secrets(VAULT, kept, NOW + 2 * HOUR - MICROSECOND)) == 3
    assert len(read_secrets(VAULT, kept, NOW + 2 * HOUR)) == 1


def test_what_is_over_is_dropped() -> None:
    kept = rotate(VAULT, keep_first(VAULT, make_secret()), make_secret(), NOW, NOW + HOUR)
    later = rotate(VAULT, kept, make_secret(), NOW + HOUR, NOW + 2 * HOUR)
    assert len(json.loads(later)) == 2
    assert len(json.loads(rotate(VAULT, later, make_secret(), NOW + HOUR, NOW + HOUR))) == 1


def test_there_is_room_for_so_many_and_always_for_one_that_ends_the_others() -> None:
    kept = keep_first(VAULT, make_secret())
    for _ in range(MOST_SECRETS - 1):
        kept = rotate(VAULT, kept, make_secret(), NOW, NOW + HOUR)
    assert len(read_secrets(VAULT, kept, NOW)) == MOST_SECRETS
    with pytest.raises(TooManySecrets):
        rotate(VAULT, kept, make_secret(), NOW, NOW + HOUR)
    secret = make_secret()
    assert read_secrets(VAULT, rotate(VAULT, kept, secret, NOW, NOW), NOW) == (read_secret(secret),)


def test_a_secret_is_rotated_though_the_one_before_can_be_opened_no_more() -> None:
    lost = Vault([urlsafe_b64encode(bytes(31) + b"x").decode()])
    secret = make_secret()
    kept = rotate(VAULT, keep_first(lost, make_secret()), secret, NOW, NOW)
    assert read_secrets(VAULT, kept, NOW) == (read_secret(secret),)
