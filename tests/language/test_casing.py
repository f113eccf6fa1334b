"""A capital stays where a name has it, and goes where only the beginning of a line had it."""

import pytest

from app.language.casing import capitalise, end_stop, finish, lower_first, write_capitals


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("Kafka", "Kafka"),
        ("C++", "C++"),
        ("C", "C"),
        ("C# and .NET", "C# and .NET"),
        ("Node.js", "Node.js"),
        ("A/B testing", "A/B testing"),
        ("CI/CD", "CI/CD"),
        ("Data Contracts Between Teams", "data contracts between teams"),
        ("Machine Learning", "machine learning"),
        ("Platform Engineering", "platform engineering"),
        ("Data Mesh", "Data Mesh"),
        ("Team Topologies", "Team Topologies"),
        ("Domain-Driven Design", "Domain-Driven Design"),
        ("Checkout flow", "checkout flow"),
        ("Amazon Web Services", "Amazon Web Services"),
        ("Power BI dashboards", "Power BI dashboards"),
        ("New York office", "New York office"),
        ("London office", "London office"),
        ("The London office", "the London office"),
        ("Your Berlin team", "your Berlin team"),
        ("German market", "German market"),
        ("Monday stand-ups", "Monday stand-ups"),
        ("March outage", "March outage"),
        ("Northwind's roadmap", "Northwind's roadmap"),
        ("Today's outage", "today's outage"),
        ("Conway's law", "Conway's law"),
        ("O'Reilly books", "O'Reilly books"),
        ("Let's Encrypt", "Let's Encrypt"),
        ("Ledger design", "ledger design"),
        ("Observability tooling", "observability tooling"),
        ("Cross-team reviews", "cross-team reviews"),
        ("Work-life balance", "work-life balance"),
        ("Kubernetes clusters", "Kubernetes clusters"),
        ("Go services", "Go services"),
        ("Boeing", "Boeing"),
        ("Tailscale", "Tailscale"),
        ("GraphQL federation", "GraphQL federation"),
        ("IT support", "IT support"),
        ("US expansion", "US expansion"),
        ("Strong SQL", "strong SQL"),
        ("Q3 launch", "Q3 launch"),
        ("I/O latency", "I/O latency"),
        ("A faster pipeline", "a faster pipeline"),
        ("Onboarding", "onboarding"),
        ("Hiring plan for next year", "hiring plan for next year"),
        ("Portland, Oregon, USA", "Portland, Oregon, USA"),
        ("List<String>", "List<String>"),
        ("Émile's team", "Émile's team"),
        ("Will's team", "Will's team"),
        ("Rose's", "Rose's"),
        ("Grant's team", "Grant's team"),
        ("Drew's talk", "Drew's talk"),
        ("Mark\u2019s team", "Mark\u2019s team"),
        ("Everyone's pager", "everyone's pager"),
        ("People's growth", "people's growth"),
        ("Team's rota", "team's rota"),
        ("It's a log", "it's a log"),
        ("What's next", "what's next"),
        ("Hope House", "Hope House"),
        ("Rose Garden project", "Rose Garden project"),
        ("Will Smith's team", "Will Smith's team"),
        ("Hope for the future", "hope for the future"),
        ("May release", "May release"),
        ("May", "May"),
        ("May 2027 launch", "May 2027 launch"),
        ("May I ask", "may I ask"),
        ("May the team", "may the team"),
        ("Article in Nature", "article in Nature"),
        ("Life at Northwind", "life at Northwind"),
        ("Return on Investment", "return on investment"),
    ],
)
def test_a_first_letter_is_small_inside_a_sentence_unless_a_name_begins(typed: str, text: str) -> None:
    assert lower_first(typed) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("my team", "My team"),
        ("iPhone apps", "iPhone apps"),
        ("dbt runs", "dbt runs"),
        ("k8s runs", "k8s runs"),
        ("example.com is ours", "example.com is ours"),
        ('"yes" it is', '"Yes" it is'),
        ("ßa", "ßa"),
        ("10 years", "10 years"),
    ],
)
def test_a_sentence_begins_with_a_capital_unless_its_word_has_its_own_way(text: str, written: str) -> None:
    assert capitalise(text) == written


@pytest.mark.parametrize(
    ("text", "ended"),
    [
        ("I use C++", "I use C++."),
        ("at Contoso Inc.", "at Contoso Inc."),
        ("Why?", "Why?"),
        ('say "yes?"', 'say "yes?"'),
        ('say "yes"', 'say "yes".'),
        ("(That is all.)", "(That is all.)"),
        ("tests (docs, etc.)", "tests (docs, etc.)."),
        ("and then;", "and then."),
        ("wait…", "wait…"),
    ],
)
def test_a_stop_ends_a_sentence_once(text: str, ended: str) -> None:
    assert end_stop(text) == ended


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("i use kafka", "I use Kafka"),
        ("i'm on aws.", "I'm on AWS."),
        ("ci/cd, sql", "CI/CD, SQL"),
        ("KAFKA", "KAFKA"),
        ("it is hi-fi", "it is hi-fi"),
    ],
)
def test_capitals_that_no_one_disputes_are_written(typed: str, text: str) -> None:
    assert write_capitals(typed) == text


def test_sentences_are_finished_with_a_capital_and_a_stop() -> None:
    assert finish("i did. it took a week") == "I did. it took a week."
    assert finish("why?") == "Why?"
