from typing import get_args

import pytest

from app.credentials import Malformed, Mistyped, Prefix, digest, make_credential, read_prefix


@pytest.mark.parametrize("prefix", get_args(Prefix))
def test_a_credential_says_what_it_is(prefix: Prefix) -> None:
    text = make_credential(prefix)
    assert read_prefix(text) == prefix
    assert len(text) == len(prefix) + 36
    assert text.removeprefix(prefix).isalnum()


def test_no_two_are_the_same() -> None:
    assert len({make_credential("aw_live_") for _ in range(1000)}) == 1000


@pytest.mark.parametrize("prefix", get_args(Prefix))
def test_a_typo_is_told_without_a_look_up(prefix: Prefix) -> None:
    text = make_credential(prefix)
    for position in range(len(prefix), len(text)):
        other = "a" if text[position] != "a" else "b"
        with pytest.raises(Mistyped):
            read_prefix(text[:position] + other + text[position + 1 :])


def test_of_another_kind_it_is_mistyped() -> None:
    with pytest.raises(Mistyped):
        read_prefix(make_credential("aw_live_").replace("live", "test"))


@pytest.mark.parametrize(
    "text",
    ["", "x", "aw_live_", "aw_prod_" + "0" * 36, "aw_live_" + "0" * 35 + "é", "aw_live_" + "0" * 36 + "\n", "\x00"],
)
def test_what_does_not_look_like_one_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        read_prefix(text)


def test_what_is_kept_of_it_is_no_part_of_it() -> None:
    text = make_credential("aw_live_")
    assert len(digest(text)) == 64
    assert digest(text) == digest(text) != digest(make_credential("aw_live_"))
