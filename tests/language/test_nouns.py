"""Nouns that are known to want an article get it; any other stays as it is."""

import pytest

from app.language.nouns import add_article, add_the, name_role


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("offer from Contoso", "an offer from Contoso"),
        ("new offer", "a new offer"),
        ("Contoso offer", "a Contoso offer"),
        ("an offer", "an offer"),
        ("my offer", "my offer"),
        ("two offers", "two offers"),
        ("10 year offer", "10 year offer"),
        ("Priya's offer", "Priya's offer"),
        ("I'm on offer", "I'm on offer"),
        ("offers", "offers"),
        ("luck", "luck"),
        ("", ""),
    ],
)
def test_a_counted_noun_gets_its_article(text: str, written: str) -> None:
    assert add_article(text, {"offer"}) == written


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("nurse", "a nurse"),
        ("a nurse", "a nurse"),
        ("an engineer", "an engineer"),
        ("certified nurse in Ghent", "a certified nurse in Ghent"),
        ("the nurse", None),
        ("nursing", None),
        ("a", None),
    ],
)
def test_a_role_is_named_with_its_article(text: str, role: str | None) -> None:
    assert name_role(text) == role


def test_what_there_is_only_one_of_gets_the() -> None:
    assert add_the("importance of tests") == "the importance of tests"
    assert add_the("the importance of tests") == "the importance of tests"
    assert add_the("importance") == "importance"
