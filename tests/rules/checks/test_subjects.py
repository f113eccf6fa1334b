"""The subject line names the right people, company and role, and no pay."""

import pytest

from app.rules.drafts import Finding
from tests.rules.checks.drafts import GOOD, find_known, northwind
from tests.rules.situations import ADA, BEN


def said(subject: str, **changes: object) -> list[Finding]:
    """What there is to find because of a subject."""
    return find_known(GOOD, told=northwind(**changes), subject=subject)


def test_that_the_draft_below_is_fine() -> None:
    assert find_known(GOOD) == []


@pytest.mark.parametrize(
    ("subject", "suggestion"),
    [
        ("Thank you, Ben", "Ada"),
        ("Thank You, Ben!", "Ada"),
        ("Thanks Ben - great to meet you", "Ada"),
        ("Thank you again, Ben Ito", "Ada"),
        ("Thank you: Data Engineer at Contoso", "Northwind"),
        ("Thank You For Your Time At Contoso", "Northwind"),
        ("Thank you for the interview at Globex Corporation", "Northwind"),
        ("Thank you for the Product Manager interview", "Data Engineer"),
        ("Thank You For The Product Manager Interview", "Data Engineer"),
        ("Thank you for the Backend Engineer role", "Data Engineer"),
        ("Interest in the Account Manager position", "Data Engineer"),
    ],
)
def test_that_a_wrong_name_in_the_subject_is_an_error(subject: str, suggestion: str) -> None:
    [finding] = said(subject)
    assert (finding.rule, finding.severity, finding.suggestion) == ("lint.wrong_name", "error", suggestion)
    assert finding.span is None
    assert finding.message.startswith("In the subject: ")


@pytest.mark.parametrize("subject", ["Salary question", "Salary, bonus and benefits", "Question about the pay range"])
def test_that_pay_in_the_subject_is_a_warning_said_once(subject: str) -> None:
    [finding] = said(subject)
    assert (finding.rule, finding.severity, finding.span) == ("lint.salary", "warning", None)


@pytest.mark.parametrize(
    "subject",
    [
        "Thank you, Ada",
        "Thank you, and all the best",
        "Thank you: Data Engineer at Northwind",
        "Thank you for the Data Engineer interview",
        "Thank you for the Data Engineering interview",
        "Thank you for the Senior Data Engineer role",
        "Thank you for the interview at Noon",
        "Running Kafka at Scale",
        "Thank you for the Hiring Manager interview",
        "Thank you for the Systems Design interview",
        "Thank you for the second interview",
        "Thank you for talking about the on-call rota",
        "Thank you for meeting me at 3 PM",
    ],
)
def test_that_a_subject_with_the_right_names_is_left_alone(subject: str) -> None:
    assert said(subject) == []


@pytest.mark.parametrize("topic", ["the salary benchmark", "life at Contoso", "the Product Manager interview loop"])
def test_that_a_fact_may_stand_in_the_subject(topic: str) -> None:
    told = [ADA | {"topics": [topic, "moving the nightly batch to streaming"]}, BEN]
    found = said(f"Thank you for talking about {topic}", interviewers=told)
    assert [one.rule for one in found if one.span is None] == []
