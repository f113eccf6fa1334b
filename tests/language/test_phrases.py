"""What is no sentence of its own gets the shape that its frame asks for."""

import pytest

from app.language.shapes import Fact, read_topic


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("the on-call rota", "the on-call rota"),
        ("The on-call rota.", "the on-call rota"),
        (".NET", ".NET"),
        ("aws", "AWS"),
        ("data contracts between teams", "data contracts between teams"),
        ("Data contracts between teams.", "data contracts between teams"),
        ("iPhone app", "iPhone app"),
        ("2024 roadmap", "2024 roadmap"),
        ("pricing strategy", "pricing strategy"),
        ("tests, docs, etc.", "tests, docs, etc."),
        ("scaling, hiring, on-call", "scaling, hiring and on-call"),
        ("v2.1", "v2.1"),
        ("the U.S. launch", "the U.S. launch"),
        ("the launch in the U.S.", "the launch in the U.S."),
        ("the way you deploy", "the way you deploy"),
        ("the tool that runs on Kafka", "the tool that runs on Kafka"),
        ("that outage in March", "that outage in March"),
        ('the "you build it, you run it" idea', 'the "you build it, you run it" idea'),
        ("李小龙的书", "李小龙的书"),
        ("May release", "May release"),
        ("importance of documentation", "the importance of documentation"),
        ("Importance of Documentation", "the importance of documentation"),
        ("role of the manager", "the role of the manager"),
        ("importance", "importance"),
        ("lots of tests", "lots of tests"),
        ("IT", "IT"),
        ("Let's Encrypt", "Let's Encrypt"),
        ("onboarding; mentoring", "onboarding and mentoring"),
        ("React;Vue;Angular", "React, Vue and Angular"),
        ("WE TALKED ABOUT KAFKA", "Kafka"),
        ("KAFKA MIGRATION", "Kafka migration"),
        ("LACK OF MANAGEMENT EXPERIENCE", "the lack of management experience"),
        ("Series B", "Series B"),
        ("Plan B", "Plan B"),
        ("scaling :)", "scaling"),
        ("\U0001f680 launch plans", "launch plans"),
    ],
)
def test_a_topic_may_be_a_thing(typed: str, text: str) -> None:
    assert read_topic(typed) == Fact(text, "thing")


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("moving the nightly batch to streaming", "moving the nightly batch to streaming"),
        ("Moving The Nightly Batch To Streaming", "moving the nightly batch to streaming"),
        ("Scaling the pipeline.", "scaling the pipeline"),
        ("hiring engineers in Poland", "hiring engineers in Poland"),
        ("Running Kafka at scale", "running Kafka at scale"),
        ("not blaming people after incidents", "not blaming people after incidents"),
        ("gradually moving to streaming", "gradually moving to streaming"),
        ("Moving teams every six months", "moving teams every six months"),
        ("Growing up in Ghent", "growing up in Ghent"),
        ("Working with Contoso Inc.", "working with Contoso Inc."),
        ("moving to v2.", "moving to v2"),
        ("to reduce churn by 10%", "reducing churn by 10%"),
        ("to run Kafka at scale", "running Kafka at scale"),
    ],
)
def test_a_topic_may_tell_of_doing_something(typed: str, text: str) -> None:
    assert read_topic(typed) == Fact(text, "doing")


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("how you review incidents", "how you review incidents"),
        ("How you review incidents.", "how you review incidents"),
        ("How do you review incidents?", "how you review incidents"),
        ("how do you review incidents", "how you review incidents"),
        ("How does the platform team review incidents?", "how the platform team reviews incidents"),
        ("Why did you choose Rust over Go?", "why you chose Rust over Go"),
        ("why you chose Rust over Go", "why you chose Rust over Go"),
        ("What's the roadmap?", "what the roadmap is"),
        ("What is the roadmap for next year?", "what the roadmap is for next year"),
        ("What happens when Kafka is down?", "what happens when Kafka is down"),
        ("who owns the pager", "who owns the pager"),
        ("Which team will I join?", "which team I will join"),
        ("Is the team remote?", "whether the team is remote"),
        ("Does Northwind use Kafka?", "whether Northwind uses Kafka"),
        ("Can you tell me how you measure success?", "how you measure success"),
        ("May I ask how you ship?", "how you ship"),
        ("whether to split the monolith", "whether to split the monolith"),
        ("HOW YOU SCALE", "how you scale"),
    ],
)
def test_a_topic_may_be_a_clause_and_a_question_becomes_one(typed: str, text: str) -> None:
    assert read_topic(typed) == Fact(text, "clause")


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("that every team owns its pager", "every team owns its pager"),
        ("That every team owns its pager.", "every team owns its pager"),
        ("You mentioned that every team owns its pager", "every team owns its pager"),
        ("I think tests are documentation", "tests are documentation"),
        ("The fact that you ship daily", "you ship daily"),
    ],
)
def test_a_topic_may_be_a_point_that_was_made(typed: str, text: str) -> None:
    assert read_topic(typed) == Fact(text, "that")


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("That my CV is thin", "my CV is thin"),
        ("You said that I lack Rust", "I lack Rust"),
        ("you mentioned that you need me", "you need me"),
    ],
)
def test_a_point_about_the_writer_is_never_told_as_a_point_of_somebody_else(typed: str, text: str) -> None:
    assert read_topic(typed) == Fact(text, "unsure")


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("Your team ships daily", "your team ships daily"),
        ("Your team ships daily.", "your team ships daily"),
        ("Let's talk about pay", "let's talk about pay"),
        ("Shape Up", "Shape Up"),
        ("That is hard.", "that is hard"),
        ("Kafka is hard", "Kafka is hard"),
        ("I'm keen on Kafka", "I'm keen on Kafka"),
        ("i think tests matter", "I think tests matter"),
        ("she said tests are slow", "she said tests are slow"),
        ("Tom said the team is growing", "Tom said the team is growing"),
        ("Move fast and break things", "move fast and break things"),
        ("We talked about scaling. Then we discussed hiring.", "scaling; then we discussed hiring"),
        ("Scaling. Hiring. On-call", "scaling, hiring and on-call"),
        ("If you plan to open an office", "if you plan to open an office"),
    ],
)
def test_a_topic_that_is_a_sentence_is_left_to_frames_that_take_all(typed: str, text: str) -> None:
    assert read_topic(typed) == Fact(text, "unsure")
