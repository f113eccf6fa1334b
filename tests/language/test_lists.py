"""Lists are said as people say them."""

import pytest

from app.language.lists import join


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (["a", "b", "c", "d", "e"], "a, b and c"),
        (["research and design", "tests"], "research and design, and tests"),
        (["research and design", "tests", "rotas"], "research and design, tests, and rotas"),
        (["tests, docs, etc.", "rotas"], "tests, docs, etc.; and rotas"),
        (["tests, docs, etc.", "rotas", "Kafka"], "tests, docs, etc.; rotas; and Kafka"),
    ],
)
def test_at_most_three_are_named_and_joined_so_that_each_can_be_told(items: list[str], said: str) -> None:
    assert join(items) == said
