"""What stands in a resume without its subject becomes a sentence of the writer."""

import pytest

from app.language.shapes import Fact, read_fit


@pytest.mark.parametrize(
    ("typed", "fact"),
    [
        ("Eight years of building data pipelines.", Fact("eight years of building data pipelines", "thing")),
        ("My work on payment ledgers", Fact("my work on payment ledgers", "thing")),
        ("Experience with Kafka", Fact("experience with Kafka", "thing")),
        ("Automated testing experience", Fact("automated testing experience", "thing")),
        ("PhD in statistics", Fact("a PhD in statistics", "thing")),
        ("Building ledgers for ten years.", Fact("building ledgers for ten years", "doing")),
        ("how I scaled Kafka", Fact("how I scaled Kafka", "clause")),
        ("I run Kafka for 40 teams.", Fact("I run Kafka for 40 teams.", "sentence")),
        ("i run kafka for 40 teams", Fact("I run Kafka for 40 teams.", "sentence")),
        ("my team runs Kafka for 40 teams", Fact("My team runs Kafka for 40 teams.", "sentence")),
        ("My last team moved from Jenkins to Go", Fact("My last team moved from Jenkins to Go.", "sentence")),
        ("The last three years were all payments", Fact("The last three years were all payments.", "sentence")),
        ("Was one of your customers", Fact("I was one of your customers.", "sentence")),
        ("Enjoy mentoring juniors", Fact("I enjoy mentoring juniors.", "sentence")),
        ("Python (10 yrs), Go (4 yrs)", Fact("Python (10 yrs), Go (4 yrs)", "thing")),
        ("Registered nurse with ten years in ICU", Fact("I am a registered nurse with ten years in ICU.", "sentence")),
        ("Because I have done this before", Fact("I have done this before.", "sentence")),
        ("that I have run Kafka for years", Fact("I have run Kafka for years.", "sentence")),
        ("Led a team of five", Fact("I led a team of five.", "sentence")),
        ("Reduced latency from 2s to 200ms", Fact("I reduced latency from 2s to 200ms.", "sentence")),
        ("Worked on ledgers at Contoso Inc.", Fact("I worked on ledgers at Contoso Inc.", "sentence")),
        ("Run Kafka for 40 teams", Fact("I run Kafka for 40 teams.", "sentence")),
        ("Have run Kafka for ten years", Fact("I have run Kafka for ten years.", "sentence")),
        ("Currently leading a team of six", Fact("I am currently leading a team of six.", "sentence")),
        ("Experienced in Kafka", Fact("I am experienced in Kafka.", "sentence")),
        ("Led a team. Shipped weekly.", Fact("I led a team. I shipped weekly.", "sentence")),
        ("Ten years of Go. I ran Kafka.", Fact("ten years of Go; I ran Kafka", "unsure")),
    ],
)
def test_why_somebody_fits_stands_as_a_fact_or_as_sentences(typed: str, fact: Fact) -> None:
    assert read_fit(typed) == fact


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("certified nurse", "I am a certified nurse."),
        ("a nurse", "I am a nurse."),
        ("Registered nurse, ICU", "I am a registered nurse, ICU."),
        ("former Director at Acme", "I am a former Director at Acme."),
        ("Senior Software Engineer at Acme", "I am a Senior Software Engineer at Acme."),
        ("team player", "I am a team player."),
        ("RN", "I am an RN."),
        ("quick learner and team player", "I am a quick learner and team player."),
        ("I'm a nurse", "I'm a nurse."),
        ("bilingual", "I am bilingual."),
        ("very reliable and curious", "I am very reliable and curious."),
        ("fluent in German", "I am fluent in German."),
        ("is bilingual", "I am bilingual."),
        ("speaks Spanish", "I speak Spanish."),
        ("Leads a team", "I lead a team."),
        ("Builds pipelines", "I build pipelines."),
        ("works with Kafka daily", "I work with Kafka daily."),
        ("has run Kafka", "I have run Kafka."),
        ("used to work at Acme", "I used to work at Acme."),
        ("used to long shifts", "I am used to long shifts."),
        ("carried a $2M quota at Square", "I carried a $2M quota at Square."),
        ("audited financial statements", "I audited financial statements."),
        ("cared for 30 patients", "I cared for 30 patients."),
        ("nursed at UZ Ghent", "I nursed at UZ Ghent."),
        ("re-engineered the billing flow", "I re-engineered the billing flow."),
        ("drew the plans for three hospitals", "I drew the plans for three hospitals."),
        ("spoke at PyCon", "I spoke at PyCon."),
        ("rolled out SSO", "I rolled out SSO."),
        ("promoted to lead", "I was promoted to lead."),
        ("PMP certified", "I am PMP certified."),
        ("detail oriented team player", "I am a detail oriented team player."),
        ("Certified Scrum Master", "I am a certified Scrum Master."),
        ("Being a former customer", "I am a former customer."),
        ("having led a 24/7 rotation", "I have led a 24/7 rotation."),
        ("trained nurse", "I am a trained nurse."),
        ("trained nurses", "I trained nurses."),
        ("devoted to teaching", "I am devoted to teaching."),
        ("responsible for P&L", "I am responsible for P&L."),
        ("I love data!!!", "I love data."),
    ],
)
def test_who_somebody_is_and_does_gets_its_subject(typed: str, sentence: str) -> None:
    assert read_fit(typed) == Fact(sentence, "sentence")


@pytest.mark.parametrize("typed", ["ex-Google", "PhD", "BSc Computer Science, MIT"])
def test_what_cannot_be_told_is_unsure(typed: str) -> None:
    assert read_fit(typed) == Fact(typed, "unsure")


def test_a_pointer_to_a_resume_says_nothing() -> None:
    assert read_fit("see resume") is None


@pytest.mark.parametrize("typed", ["distributed systems work", "advanced SQL", "need for speed"])
def test_what_ends_in_ed_is_not_always_a_verb(typed: str) -> None:
    assert read_fit(typed) == Fact(typed, "thing")


@pytest.mark.parametrize("typed", ["Kafka", "teacher training", "offers from two teams", "expert knowledge of SQL"])
def test_what_tells_nothing_of_somebody_stays_a_thing(typed: str) -> None:
    assert read_fit(typed) == Fact(typed, "thing")
