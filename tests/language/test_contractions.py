"""Warm wording becomes formal without a change of meaning."""

import pytest

from app.language.contractions import expand


@pytest.mark.parametrize(
    ("warm", "formal"),
    [
        ("I'm glad", "I am glad"),
        ("I\u2019m glad", "I am glad"),
        ("I'd like to, and I've tried; I'll wait", "I would like to, and I have tried; I will wait"),
        ("I can't and won't", "I cannot and will not"),
        ("Can't we?", "Cannot we?"),
        ("Don't worry", "Do not worry"),
        ("it's what's there, that's all", "it is what is there, that is all"),
        ("It's been good", "It has been good"),
        ("you're, they're, we're", "you are, they are, we are"),
        ("you've, we've", "you have, we have"),
        ("Let's talk", "Let us talk"),
        ("didn't, wasn't, haven't, isn't, couldn't", "did not, was not, have not, is not, could not"),
        ("we'd, you'd better", "we would, you had better"),
        ("there's, there'll", "there is, there will"),
        ("Shan't", "Shall not"),
    ],
)
def test_a_contraction_is_written_out(warm: str, formal: str) -> None:
    assert expand(warm) == formal


@pytest.mark.parametrize(
    "text",
    ["Priya's team", "the team's rota", "{{ name }}'s team", "James's", "nine o'clock", "the '90s", "a cant", ""],
)
def test_what_is_no_contraction_stays(text: str) -> None:
    assert expand(text) == text


def test_nothing_is_left_to_write_out_twice() -> None:
    once = expand("I'm sure it's what you'd've said, isn't it?")
    assert expand(once) == once
