"""Blanks are found in whatever way they are marked; code, links, footnotes and smiles are none."""

import pytest

from app.rules.checks.placeholders import holds_blank, is_blank_name
from tests.rules.checks.drafts import find, find_known, northwind, pick, somebody


@pytest.mark.parametrize(
    "blank",
    [
        "[Name]",
        "[Your Name]",
        "[company]",
        "[insert topic here]",
        "[something clever]",
        "[TOPIC]",
        "[ ]",
        "[___]",
        "{{name}}",
        "{{ interviewer.first_name }}",
        "{name}",
        "{first_name}",
        "${company}",
        "{% if panel %}",
        "<company>",
        "<<Company Name>>",
        "<<first>>",
        "[...]",
        "|name|",
        "#name#",
        "<Job Title>",
        "«Company»",
        "XXX",
        "XX",
        "____",
        "TODO",
        "TBD",
        "INSERT COMPANY",
        "INSERT JOB TITLE HERE",
        "%NAME%",
        "%FIRST_NAME%",
        "$NAME",
        "$company_name",
        "*|FNAME|*",
        "%(name)s",
        "@firstname",
        "(your name)",
        "(insert date)",
        "(company name)",
        "insert a detail here",
        "Lorem ipsum",
        "Company Name",
        "Your Name",
        "Hiring Manager's Name",
        "ABC Company",
        "???",
    ],
)
def test_that_a_blank_is_an_error_where_it_stands(blank: str) -> None:
    text = f"Hi Ada,\n\nThank you for the talk about {blank} yesterday."
    [finding] = [finding for finding in find(text) if finding.rule == "lint.placeholder"]
    assert finding.severity == "error"
    assert finding.span
    assert finding.span.text in blank or blank in finding.span.text


@pytest.mark.parametrize(
    "greeting", ["Dear ,", "Hi !", "Hello ,", "Dear:", "Dear,", "Dear null,", "Hi undefined,", "Hi ,"]
)
def test_that_a_greeting_without_its_name_is_a_blank(greeting: str) -> None:
    assert pick("placeholder", find(f"{greeting}\n\nThank you for the hour.")) == [greeting]


@pytest.mark.parametrize("text", ["I liked the role at . It is new.", "We talked about , and that was good."])
def test_that_a_gap_before_a_mark_is_a_blank(text: str) -> None:
    assert len(pick("placeholder", find(text))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "We changed List<String> to a stream.",
        "A Map<Name, Company> and a Vec<Position> are plain.",
        "`List<Name>` and `{name}` and `[Name]` are code.",
        "The weathr [sic] was foul.",
        "I looked at array[0], rows[i] and names[name].",
        "The paper [1] and its notes [2, 3] and [12-14] helped.",
        "See [the write-up](https://example.org/a_b/[name]) for more.",
        "It stands at https://example.org/{name}/<company>/__init__.",
        "Write to <robin@example.org>.",
        "I know __init__ and snake_case_names and ___bold___ words.",
        r"The formula \frac{a}{b} and x_{i} and 2^{n} came up.",
        'The body was {"name": 1} and the set {1, 2, 3}, and an empty {} too.',
        "It made me smile :-] and :} and <3 and (: too.",
        "3 < 5 and 7 > 2, as the company knows.",
        "The <canvas> element and the <title> tag and <b>bold</b> words.",
        "An INSERT INTO statement was slow.",
        "My first TODO app was in Perl.",
        "The ticket [OPS-12] and the book [Knuth 1997] helped.",
        'You said that "[the pager] belongs to the team".',
        '"The moon is a ___" was the line.',
        "We use .NET, and C# as well.",
        "It costs $5 or $AAPL, and 5% or 10% of it.",
        "Kernel 6.1, the XXL size and the XX chromosome.",
        "___________________\nThank you for the hour.",
        "- [x] Done is done.",
        "Wait... what? (Really.)",
        "@ada told me about @dataclass.",
        "I was there, here and at home.",
        "XX and XY chromosomes came up.",
        "The {braces} in Go are fine.",
        'You said that "the moon [...] is far".',
        "The flag a|name|b and the C++ marks <<= and >>=.",
    ],
)
def test_that_code_links_and_smiles_are_no_blanks(text: str) -> None:
    assert pick("placeholder", find(text)) == []


def test_that_a_plain_hello_is_no_blank() -> None:
    for greeting in ("Hi,", "Hello!", "Hello,", "Good morning,", "Hey!"):
        assert pick("placeholder", find(f"{greeting}\n\nThank you.")) == []


def test_that_a_fact_with_brackets_is_no_blank() -> None:
    told = northwind(company="[24]7 {Name}", notes={"topics": ["the <company> tag"]})
    assert pick("placeholder", find_known("I liked [24]7 {Name} and the <company> tag.", told=told)) == []


@pytest.mark.parametrize(
    ("blank", "suggestion"),
    [
        ("[Company]", "Northwind"),
        ("{job_title}", "Data Engineer"),
        ("[Position]", "Data Engineer"),
        ("[Interviewer Name]", "Ada Park"),
        ("[Your Name]", "Robin Vale"),
        ("[Topic]", None),
    ],
)
def test_that_what_is_known_is_offered_for_the_blank(blank: str, suggestion: str | None) -> None:
    [finding] = [one for one in find_known(f"Hi Ada,\n\nThanks for {blank} today.") if one.rule == "lint.placeholder"]
    assert finding.suggestion == suggestion


def test_that_the_reader_is_offered_where_nothing_else_is_known() -> None:
    [finding] = [one for one in find("It is [Name] whom I thank.", recipient=somebody("Zoë")) if one.span]
    assert finding.suggestion == "Zoë"


def test_that_twenty_blanks_are_enough_to_make_the_point() -> None:
    assert len(pick("placeholder", find("XXX " * 500))) == 20


@pytest.mark.parametrize(
    "name",
    [
        "[Name]",
        "{{name}}",
        "{name}",
        "${company}",
        "{% x %}",
        "<Company>",
        "<job_title>",
        "<<first>>",
        "[Your Company]",
        "[insert name]",
        "TBD",
        "tbd",
        "XXX",
        "N/A",
        "Company Name",
        "your name",
        "___",
        "Hi [Company] Ltd",
        "???",
        "«Company»",
        "[Interviewer's Name]",
        "[FirstName]",
        "...",
    ],
)
def test_that_a_slot_is_no_name(name: str) -> None:
    assert is_blank_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "Nurse [Remote]",
        "Data Engineer [m/f/d]",
        "Company X",
        "ABC Corp",
        "TBD Media",
        "Job Title Analyst",
        "Northwind",
        "Null",
        "Name Cheap",
        "X",
        "Yahoo!",
        "Who Knows?",
        "<3 Media",
        "Insert Coin",
        "The Title Company",
        "Ann (she/her)",
        "[24]7",
        "李小龙",
    ],
)
def test_that_a_real_name_is_no_slot(name: str) -> None:
    assert not is_blank_name(name)


def test_that_prose_may_hold_a_blank() -> None:
    assert holds_blank("the work of [team]")
    assert not holds_blank("the work of the team [sic]")
