"""Verbs have their forms, and a sentence is told by its verb."""

import pytest

from app.language.verbs import PAST, Verbs, gerund, is_sentence, third_person
from app.language.words import read_words


@pytest.mark.parametrize(
    ("base", "third", "past"),
    [
        ("review", "reviews", "reviewed"),
        ("carry", "carries", "carried"),
        ("deploy", "deploys", "deployed"),
        ("fix", "fixes", "fixed"),
        ("go", "goes", "went"),
        ("have", "has", "had"),
        ("do", "does", "did"),
        ("ship", "ships", "shipped"),
        ("drop", "drops", "dropped"),
        ("move", "moves", "moved"),
        ("teach", "teaches", "taught"),
    ],
)
def test_a_verb_has_its_forms(base: str, third: str, past: str) -> None:
    assert third_person(base) == third
    assert PAST[base] == past


@pytest.mark.parametrize(
    "text",
    [
        "we ship daily",
        "you've moved",
        "your team ships daily",
        "the team needs to ship faster",
        "the team wants more tests",
        "the platform has grown",
        "Kafka is a log",
        "the way you ship is new",
        "Priya's on call",
    ],
)
def test_a_sentence_is_told_by_its_verb(text: str) -> None:
    assert is_sentence(read_words(text))


@pytest.mark.parametrize(
    "text", ["the rota", "the way you ship", "the plans to move", "the tool that runs", "we", "need"]
)
def test_a_thing_is_no_sentence(text: str) -> None:
    assert not is_sentence(read_words(text))


@pytest.mark.parametrize("text", ["most bugs hide early", "teams ship features", "the team ships features"])
def test_where_a_sentence_is_likely_less_is_enough(text: str) -> None:
    assert is_sentence(read_words(text), lenient=True)


@pytest.mark.parametrize(
    ("member", "words"),
    [
        ("regular", "accept teach"),
        ("also_nouns", "accept"),
        ("doubled", "dance"),
        ("intransitive", "dance"),
        ("before_to", "dance"),
        ("also_adjectives", "danced"),
        ("irregular", "go went gone|be was been"),
        ("irregular", "go went"),
    ],
)
def test_a_verb_of_two_kinds_and_a_stranger_are_refused(member: str, words: str) -> None:
    text = dict.fromkeys(Verbs.model_fields, "") | {
        "irregular": "go went gone|teach taught taught",
        "regular": "accept",
    }
    Verbs.model_validate(text)
    with pytest.raises(ValueError, match=r"two kinds|not among|out of order|not enough values"):
        Verbs.model_validate(text | {member: words})


@pytest.mark.parametrize(
    ("base", "doing"),
    [("reduce", "reducing"), ("run", "running"), ("oversee", "overseeing"), ("be", "being"), ("carry", "carrying")],
)
def test_a_verb_is_written_as_doing(base: str, doing: str) -> None:
    assert gerund(base) == doing
