"""A draft greets its own reader, and names the right company and the right role."""

import pytest
from pydantic import ValidationError

from app.rules.checks.vocabulary import VOCABULARY, fold
from tests.rules.checks.drafts import find, find_known, northwind, pick, somebody
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


def said(text: str, **changes: object) -> list[str | None]:
    return pick("wrong_name", find_known(f"Hi Ada,\n\n{text}", told=northwind(**changes)))


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("I would love the role at Contoso.", "Contoso"),
        ("The position at Globex Corporation sounds right.", "Globex Corporation"),
        ("I want to join Contoso.", "Contoso"),
        ("Working at Southgate Analytics would suit me.", "Southgate Analytics"),
        ("Thank you for the interview with Globex yesterday.", "Globex"),
        ("The Backend Engineer role suits me.", "Backend Engineer"),
        ("I liked the backend engineer position.", "backend engineer"),
        ("My interest in the Product Manager role has grown.", "Product Manager"),
        ("Thank you for the interview for the Account Manager opening.", "Account Manager"),
        ("I want the role of Marketing Analyst.", "Marketing Analyst"),
    ],
)
def test_that_another_company_or_role_is_found(text: str, span: str) -> None:
    assert said(text) == [span]


@pytest.mark.parametrize(
    "text",
    [
        "I would love the role at Northwind.",
        "I would love the Data Engineer role at Northwind.",
        "The Senior Data Engineer role suits me.",
        "The engineer role suits me.",
        "The Data Engineering position suits me.",
        "The DE role suits me.",
        "The role at your company suits me.",
        "In my previous role at Contoso I ran a cluster.",
        "I worked at Contoso for six years.",
        "My role at Contoso is much the same.",
        "I have another offer for the Backend Engineer role at Contoso.",
        "Ben showed me the board.",
        "The exciting new role suits me.",
        "I want to join the Data Platform team.",
        "We met at Zoom on Friday.",
        "The interview at Friday noon was fun.",
        "I look forward to the second interview with Ben.",
    ],
)
def test_that_the_right_names_and_an_earlier_life_are_left_alone(text: str) -> None:
    assert said(text) == []


def test_that_short_and_long_forms_of_the_right_names_are_left_alone() -> None:
    changes = {
        "company": "International Business Machines Corp.",
        "job_title": "Site Reliability Engineer, Payments (m/f/d)",
    }
    assert (
        said(
            "The SRE role at IBM suits me, and so does the Reliability Engineer role at International Business.",
            **changes,
        )
        == []
    )


def test_that_the_right_name_stands_in_the_finding() -> None:
    [finding] = [
        one for one in find_known("Hi Ada,\n\nI would love the role at Contoso.") if one.rule == "lint.wrong_name"
    ]
    assert (finding.severity, finding.suggestion) == ("error", "Northwind")


def test_that_the_subject_is_read_too() -> None:
    found = find_known("Hi Ada,\n\nThank you.", subject="The Backend Engineer role at Contoso")
    assert pick("wrong_name", found) == [None, None]


def test_that_without_an_interview_no_company_or_role_is_wrong() -> None:
    assert pick("wrong_name", find("Hi Ada,\n\nThe Backend Engineer role at Contoso.", recipient=somebody("Ada"))) == []


def test_that_names_are_folded() -> None:
    assert fold("Ana-María  LÓPEZ, Ph.D.") == ("ana", "maria", "lopez", "phd")
    assert fold("C++ and C#") == ("c++", "and", "c#")
    assert fold("O\N{RIGHT SINGLE QUOTATION MARK}Neil") == fold("O'Neil") == ("oneil",)


def test_that_the_words_are_in_small_letters() -> None:
    changed = VOCABULARY.model_dump() | {"titles": "Dr mr"}
    with pytest.raises(ValidationError, match="small letters: Dr"):
        type(VOCABULARY).model_validate(changed)


def test_that_a_second_interviewer_stays_out_of_the_first_ones_letter() -> None:
    assert pick("wrong_name", find_known(f"Hi {BEN['name']},\n\nThank you.")) == ["Ben Ito"]
