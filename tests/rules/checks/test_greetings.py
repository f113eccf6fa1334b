"""A draft greets its own reader, and thanks nobody else."""

import pytest

from tests.rules.checks.drafts import GOOD, find, find_known, northwind, pick, somebody
from tests.rules.situations import ADA, BEN


def greet(greeting: str, name: str) -> list[str | None]:
    return pick("wrong_name", find(f"{greeting}\n\nThank you for the hour.", recipient=somebody(name)))


@pytest.mark.parametrize(
    ("greeting", "name"),
    [
        ("Hi Ada,", "Ada Park"),
        ("hi ada,", "Ada Park"),
        ("Dear Dr. Park,", "Ada Park"),
        ("Dear Ms Park,", "Dr Ada Park, PhD"),
        ("Dear Ada Park:", "Park, Ada"),
        ("Dear A. Park,", "Ada Park"),
        ("Hi Lopez,", "Ana María López"),
        ("Hi Ana Maria,", "Ana María López"),
        ("Dear Mr O'Neil,", "Shane O\N{RIGHT SINGLE QUOTATION MARK}Neil"),
        ("Dear Ms van der Berg,", "Anna van der Berg"),
        ("Hi Jean Luc,", "Jean-Luc Roy"),
        ("Dear 李先生,", "李小龙"),
        ("Dear 田中 さん,", "田中 花子"),
        ("Hi Анна,", "Анна Лебедева"),
        ("Hi Oguz,", "Oğuz Şahin"),
        ("Dear 김민수 님,", "김민수"),
        ("Hello,", "Ada Park"),
        ("Hi there,", "Ada Park"),
        ("Hi again,", "Ada Park"),
        ("Good morning, Ada,", "Ada Park"),
        ("Dear J.R. Smith,", "J. R. Smith"),
        ("Dear Hiring Team,", "Hiring Team"),
        ("Dear Sir Ian,", "Ian Roy"),
        ("Dear Ada,", ""),
    ],
)
def test_that_the_reader_is_known_in_every_form_of_the_name(greeting: str, name: str) -> None:
    assert greet(greeting, name) == []


@pytest.mark.parametrize(
    ("greeting", "name", "span"),
    [
        ("Hi Ben,", "Ada Park", "Ben"),
        ("hi ben,", "Ada Park", "ben"),
        ("Dear Dr. Lee,", "Ada Park", "Dr. Lee"),
        ("Dear Ada Lee,", "Ada Park", "Ada Lee"),
        ("Hi Pryia,", "Priya Shah", "Pryia"),
        ("Dear 王先生,", "李小龙", "王先生"),
        ("Hi Иван,", "Анна Лебедева", "Иван"),
        ("Dear 박지원,", "김민수", "박지원"),
        ("Hi all,", "Ada Park", "all"),
        ("Hi team,", "Ada Park", "team"),
        ("Dear Hiring Manager,", "Ada Park", "Hiring Manager"),
        ("Dear Sir or Madam,", "Ada Park", "Sir or Madam"),
        ("To whom it may concern,", "Ada Park", "whom it may concern"),
        ("Hi Ada and Ben,", "Ada Park", "Ada and Ben"),
    ],
)
def test_that_whoever_else_is_greeted_is_found(greeting: str, name: str, span: str) -> None:
    assert greet(greeting, name) == [span]


@pytest.mark.parametrize(
    ("greeting", "severity"), [("Hi Ben,", "error"), ("Hi all,", "warning"), ("Dear Northwind,", "warning")]
)
def test_that_another_name_stops_a_draft_and_a_group_does_not(greeting: str, severity: str) -> None:
    [finding] = [one for one in find_known(f"{greeting}\n\nThank you.") if one.rule == "lint.wrong_name"]
    assert finding.severity == severity


@pytest.mark.parametrize(
    ("greeting", "suggestion"), [("Hi Ben,", "Ada"), ("Dear Mr. Ito,", "Ada Park"), ("Hi all,", "Ada")]
)
def test_that_the_right_name_is_offered(greeting: str, suggestion: str) -> None:
    [finding] = [one for one in find_known(f"{greeting}\n\nThank you.") if one.rule == "lint.wrong_name"]
    assert finding.suggestion == suggestion


def test_that_a_salutation_counts_as_a_name() -> None:
    told = northwind(interviewers=[ADA | {"salutation": "Professor Ng"}])
    assert pick("wrong_name", find_known("Dear Professor Ng,\n\nThank you.", told=told)) == []


def test_that_without_a_recipient_anybody_of_the_interview_may_be_greeted() -> None:
    told = northwind(contact={"name": "Cleo Roy"})
    for name in ("Ada", "Ben Ito", "Ms Roy"):
        assert pick("wrong_name", find(f"Hi {name},\n\nThank you.", interview=told)) == []
    assert pick("wrong_name", find("Hi Zoë,\n\nThank you.", interview=told)) == ["Zoë"]


def test_that_another_interviewer_is_not_thanked_in_passing() -> None:
    text = "Hi Ada,\n\nThe rota looked fair. Thank you again, {}."
    assert pick("wrong_name", find_known(text.format("Ben"))) == ["Ben"]
    assert pick("wrong_name", find_known(text.format("Ada"))) == []
    assert pick("wrong_name", find_known("Hi Ada,\n\nPlease thank Ben for me, and what Ben said.")) == []


def test_that_a_second_interviewer_stays_out_of_the_first_ones_letter() -> None:
    assert pick("wrong_name", find_known(f"Hi {BEN['name']},\n\nThank you.")) == ["Ben Ito"]


def test_that_nobody_is_named_without_being_asked() -> None:
    assert find(GOOD, recipient=somebody("Ada Park")) == []


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("Shah, Priya", "Priya"),
        ("Anna van der Berg", "Anna"),
        ("van der Berg", "van der Berg"),
        ("J. R. Smith", "J. R. Smith"),
        ("Dr. Ana Roy, PhD", "Ana"),
    ],
)
def test_that_the_name_that_our_own_letters_use_is_offered(name: str, suggestion: str) -> None:
    [finding] = [
        one for one in find("Hi Zed,\n\nThank you.", recipient=somebody(name)) if one.rule == "lint.wrong_name"
    ]
    assert finding.suggestion == suggestion


def test_that_a_salutation_is_offered_as_it_was_typed() -> None:
    told = northwind(interviewers=[ADA | {"salutation": "Professor Ng"}])
    [finding] = [one for one in find_known("Hi Zed,\n\nHm.", told=told) if one.rule == "lint.wrong_name"]
    assert finding.suggestion == "Professor Ng"


def test_that_a_name_that_looks_like_a_degree_is_a_name() -> None:
    assert greet("Dear Ms Ma,", "Ada Park") == ["Ms Ma"]
    assert greet("Dear Ms Ma,", "Yan Ma") == []


def test_that_another_interviewer_is_thanked_by_the_first_name_wherever_it_stands() -> None:
    told = northwind(interviewers=[ADA, {"name": "Shah, Priya"}])
    assert pick("wrong_name", find_known("Hi Ada,\n\nThank you again, Priya.", told=told)) == ["Priya"]


@pytest.mark.parametrize("salutation", ["Hola", "Bonjour", "Ciao", "Hallo", "Ol\N{LATIN SMALL LETTER A WITH ACUTE}"])
def test_that_a_greeting_in_another_language_keeps_its_salutation(salutation: str) -> None:
    text = f"{salutation} Tom\N{LATIN SMALL LETTER A WITH ACUTE}s,\n\nThank you."
    [finding] = [one for one in find_known(text) if one.rule == "lint.wrong_name"]
    assert finding.span
    assert (finding.span.text, finding.suggestion) == ("Tom\N{LATIN SMALL LETTER A WITH ACUTE}s", "Ada")
    assert pick("wrong_name", find_known(f"{salutation} Ada,\n\nThank you.")) == []
