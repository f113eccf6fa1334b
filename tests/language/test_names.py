"""People are greeted and called as they would wish."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.language.names import greet_name, possessive, short_name


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Priya Shah", "Priya"),
        ("  Ada   Park ", "Ada"),
        ("Priya", "Priya"),
        ("Dr Ada Park", "Ada"),
        ("Prof. Dr. Ada Park", "Ada"),
        ("Dr. med. Hans Groß", "Hans"),
        ("Prof. Dr. rer. nat. habil. Ute Park", "Ute"),
        ("Dr. phil. h.c. Ute Park", "Ute"),
        ("Dr.-Ing. Hans Groß", "Hans"),
        ("Dipl.-Inf. Ute Park", "Ute"),
        ("Dr. med. Park", "Dr. med. Park"),
        ("Phil Park", "Phil"),
        ("Dr Park", "Dr Park"),
        ("Mr. Smith", "Mr. Smith"),
        ("Frau Dr. Müller", "Frau Dr. Müller"),
        ("Mme Dupont", "Mme Dupont"),
        ("Dra. Ana López", "Ana"),
        ("Sir Ian McKellen", "Ian"),
        ("Sir Ian", "Sir Ian"),
        ("van der Berg", "van der Berg"),
        ("Van der Berg", "Van der Berg"),
        ("Jan van der Berg", "Jan"),
        ("Ms. van der Berg", "Ms. van der Berg"),
        ("Di Smith", "Di"),
        ("Al Smith", "Al"),
        ("Bin Li", "Bin"),
        ("Li Wei", "Li"),
        ("Ma Long", "Ma"),
        ("Long Ma", "Long"),
        ("Ana María López", "Ana"),
        ("Jean-Luc Picard", "Jean-Luc"),
        ("O'Neil", "O'Neil"),
        ("J. R. Smith", "J. R. Smith"),
        ("J.R. Smith", "J.R. Smith"),
        ("J R Smith", "J R Smith"),
        ("JR Smith", "JR"),
        ("John R. Smith", "John"),
        ("Dr. J. Smith", "Dr. Smith"),
        ("Shah, Priya", "Priya"),
        ("Park, Dr Ada", "Ada"),
        ("Smith, Hope", "Hope"),
        ("Principal Skinner", "Principal Skinner"),
        ("Sister Ruth Doyle", "Sister Ruth"),
        ("Judge Judy", "Judge Judy"),
        ("Major Tom", "Major Tom"),
        ("Lt. Col. Tom Ray", "Tom"),
        ("Ma. Teresa Cruz", "Ma. Teresa"),
        ("Abd al-Rahman", "Abd al-Rahman"),
        ("Mc Donald", "Mc Donald"),
        ("Priya Shah, PhD", "Priya"),
        ("Ada Park, Head of Data", "Ada"),
        ("Ada Park, CTO", "Ada"),
        ("Ada Park Jr.", "Ada"),
        ("Ada Park (she/her)", "Ada"),
        ("李小龙", "李小龙"),
        ("王 小明", "王 小明"),
        ("김 민준", "김 민준"),
        ("Иван Петров", "Иван"),
        ("أحمد علي", "أحمد"),
        ("Dr", "Dr"),
        ("Dr. PhD", "Dr. PhD"),
        ("PhD", "PhD"),
        (",", ","),
    ],
)
def test_somebody_is_called_by_the_first_name_past_a_title(name: str, short: str) -> None:
    assert short_name(name) == short
    assert greet_name(name, None, "warm") == short


def test_a_formal_greeting_names_the_whole_person() -> None:
    assert greet_name("Dr  Ada Park", None, "formal") == "Dr Ada Park"
    assert greet_name("Shah, Priya", None, "formal") == "Priya Shah"
    assert greet_name("Priya Shah, PhD", None, "formal") == "Priya Shah, PhD"


@pytest.mark.parametrize("tone", ["warm", "formal"])
def test_somebody_without_a_name_is_greeted_by_the_post(tone: str) -> None:
    assert greet_name("the hiring manager", None, tone) == "hiring manager"  # type: ignore[arg-type]  # both tones
    assert short_name("the hiring manager") == "the hiring manager"


@pytest.mark.parametrize("tone", ["warm", "formal"])
def test_a_salutation_is_used_as_it_was_typed(tone: str) -> None:
    assert greet_name("Ada Park", " Professor Park ", tone) == "Professor Park"  # type: ignore[arg-type]  # both tones
    assert greet_name("Park", "  ", tone) == "Park"  # type: ignore[arg-type]  # both tones


@pytest.mark.parametrize(
    ("name", "owner"), [("Priya", "Priya's"), ("James", "James's"), ("Jess", "Jess's"), ("McDonald's", "McDonald's")]
)
def test_a_name_owns_with_an_apostrophe_and_s(name: str, owner: str) -> None:
    assert possessive(name) == owner


@given(st.text(max_size=200))
def test_no_name_is_lost_or_gets_space_around_it(name: str) -> None:
    short = short_name(name)
    assert short == short.strip()
    assert bool(short) == bool(name.strip())
