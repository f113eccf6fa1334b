"""A broken list of words is refused when it is read."""

import pytest

from app.language.word_lists import Phrases, Set, WordLists
from app.language.words import Words


class Colours(WordLists):
    """Two lists to break."""

    dark: Set
    named: Phrases = frozenset()


def test_lists_are_read_as_sets() -> None:
    colours = Colours.parse('dark = "black blue"\nnamed = "night blue|off white"')
    assert colours.dark == {"black", "blue"}
    assert colours.named == {"night blue", "off white"}


@pytest.mark.parametrize(
    "text",
    [
        'dark = "blue blue"',
        'dark = "blue black"',
        'dark = "blue"\nnamed = "off white|night blue"',
        'dark = "blue"\nlight = "pink"',
        'named = "off white"',
        "dark = blue",
    ],
    ids=["twice", "out of order", "phrases out of order", "a stranger", "one missing", "no TOML"],
)
def test_a_broken_list_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        Colours.parse(text)


def test_a_file_of_this_package_is_loaded() -> None:
    assert "the" in Words.load("words.toml").determiners
