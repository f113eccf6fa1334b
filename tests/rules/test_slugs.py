"""A name becomes a word that can stand in a key, and no two of a panel become the same one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.facts import KEY
from app.rules.slugs import make_slugs


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Ada Park", "ada-park"),
        ("  Ada   PARK  ", "ada-park"),
        ("Zoë Müller-Ångström", "zoe-muller-angstrom"),
        ("Dr. Ada O'Neil, PhD", "dr-ada-o-neil-phd"),
        ("\N{LATIN SMALL LIGATURE FI}ona 2nd", "fiona-2nd"),
        ("a/b", "a-b"),
        ("card", "card"),
        ("李小龙", "interviewer"),
        ("—", "interviewer"),
        ("", "interviewer"),
    ],
)
def test_a_name_becomes_a_slug(name: str, slug: str) -> None:
    assert make_slugs([name]) == [slug]


def test_a_repeated_slug_is_numbered_from_two() -> None:
    assert make_slugs(["Ada Park", "Ben Ito", "ada park", "Ada Pärk"]) == [
        "ada-park",
        "ben-ito",
        "ada-park-2",
        "ada-park-3",
    ]


def test_names_that_leave_nothing_are_numbered_too() -> None:
    assert make_slugs(["李", "王", "Interviewer"]) == ["interviewer", "interviewer-2", "interviewer-3"]


def test_a_name_that_looks_like_a_number_of_another_takes_no_ones_slug() -> None:
    assert make_slugs(["Ada", "Ada 2", "Ada"]) == ["ada", "ada-2", "ada-3"]
    assert make_slugs(["Ada", "Ada", "Ada 2"]) == ["ada", "ada-2", "ada-2-2"]


def test_nobody_has_no_slug() -> None:
    assert make_slugs([]) == []


@given(st.lists(st.text(max_size=12) | st.sampled_from(["Ada", "Ada 2", "ada", ""]), max_size=8))
def test_every_slug_stands_once_and_makes_a_valid_key(names: list[str]) -> None:
    slugs = make_slugs(names)
    assert len(slugs) == len(names)
    assert len(set(slugs)) == len(slugs)
    for slug in slugs:
        assert re.fullmatch(KEY, f"thank_you/{slug}")
        assert re.fullmatch(KEY, f"thank_you/{slug}/card")
