"""A draft names the right company and the right role."""

import pytest

from app.rules.checks.findings import MOST
from tests.rules.checks.drafts import find, find_known, northwind, pick, somebody
from tests.rules.situations import ADA


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


@pytest.mark.parametrize("topic", ["your work at Globex", "the product manager role", "the role at Globex"])
def test_that_a_fact_in_the_subject_is_never_blamed(topic: str) -> None:
    told = northwind(job_title="Nurse", interviewers=[ADA | {"topics": [topic]}])
    subject = f"Thank you for talking about {topic}"
    assert pick("wrong_name", find_known("Hi Ada,\n\nThank you.", told=told, subject=subject)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Working with Python is fun.",
        "I am a member of IEEE.",
        "I'm part of Women in Data.",
        "My role as a nurse taught me calm.",
        "Your role as a manager sounds hard.",
        "I like how people at Amazon Web Services partner with you.",
        "The product manager role you mentioned as a partner sounds good.",
        "Working at Contoso taught me patience.",
        "I'd like to join Slack huddles.",
        "The support role of the cache was new to me.",
    ],
)
def test_that_talk_of_other_work_is_left_alone(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("I would love the role at Contoso.", "error"),
        ("I want to join Contoso.", "error"),
        ("Your opening at Contoso suits me.", "warning"),
        ("The interview with Contoso was fun.", "warning"),
        ("Working at Contoso would be a step.", "warning"),
        ("The Account Manager role suits me.", "error"),
        ("Is the Account Manager role on your floor?", "warning"),
        ("The account manager role suits me.", "warning"),
        ("The Marketing role suits me.", "warning"),
    ],
)
def test_that_only_the_plainest_words_stop_a_draft(text: str, severity: str) -> None:
    [finding] = [one for one in find_known(f"Hi Ada,\n\n{text}") if one.rule == "lint.wrong_name"]
    assert finding.severity == severity


@pytest.mark.parametrize(
    "text", ["I want the role at Xa. ", "I want the Sales Manager role. ", "It was fun. Thank you, Ben. "]
)
def test_that_a_name_that_is_wrong_everywhere_is_not_said_everywhere(text: str) -> None:
    assert len(pick("wrong_name", find_known(f"Hi Ada,\n\n{text * 500}"))) == MOST
