"""The catalogue holds every rule, says truly who asks for it, and refuses to load when it does not."""

from collections.abc import Callable

import pytest

from app.rules.catalogue import ENTRIES, RULES, SOURCES, Entry, parse

POLICY_OF = {
    "000_7706f24cb2b206c6.txt": "classic",
    "001_ab921d0037d35c1a.txt": "decision-date",
    "002_53a019dabd2147f6.txt": "two-touch",
    "003_2ff423b63cf640a0.txt": "capstone",
    "004_eb450022f8d8a853.txt": "steady",
}

# Every rule, with the numbers of the articles that ask for it.
ASKED_FOR_BY = {
    "timing.thank_you": "000 001 002 003 004",
    "timing.wait_for_stated_date": "000 001 002 004",
    "timing.check_in.stated": "000 001 002 004",
    "timing.check_in.unstated": "000 002 004",
    "timing.final_check_in": "000",
    "timing.too_soon": "001 002 003 004",
    "timing.offer_reply": "000",
    "timing.rejection_reply": "000",
    "timing.feedback_request": "000 001",
    "timing.material_update": "001",
    "limit.messages": "000 001 002 004",
    "limit.instructions": "000 004",
    "recipient.each_interviewer": "002 004",
    "recipient.check_in": "001",
    "recipient.phone_screen": "002",
    "recipient.no_email": "000",
    "channel.email_first": "000",
    "channel.no_social_dm": "002",
    "channel.card_instead": "003",
    "channel.card_too": "004",
    "content.thanks": "000 001 002 003 004",
    "content.specific": "000 001 002 003 004",
    "content.fit": "000 002 004",
    "content.interest": "000 001 002 003 004",
    "content.next_steps": "000 002 003 004",
    "content.offer_more": "000 001 002 003",
    "content.confirm_understanding": "003",
    "content.revisit_answer": "002 003 004",
    "content.references": "003",
    "content.unasked_question": "003",
    "content.one_question": "003",
    "content.other_panelist": "002",
    "content.address_concern": "002",
    "content.interview_date": "002",
    "content.offer": "000",
    "content.offer.more_time": "000",
    "content.rejection": "000",
    "content.feedback": "001",
    "content.update": "001",
    "length.sentences": "002",
    "length.paragraphs": "001",
    "lint.generic": "000 001 002 004",
    "lint.placeholder": "002",
    "lint.too_long": "001 002",
    "lint.too_short": "002",
    "lint.too_soon": "000 001 002",
    "lint.too_many": "000 001 002",
    "lint.salary": "002",
    "lint.apology": "002",
    "lint.demand": "000 004",
    "lint.social": "002",
    "lint.question_list": "003",
    "lint.no_thanks": "000 001 002 003 004",
    "lint.no_next_step": "000 001 002 003 004",
    "lint.copied": "002",
    "lint.wrong_name": "002",
    "lint.negative_feedback": "000 001",
    "lint.spelling": "000 004",
    "lint.repeated_word": "000 004",
    "lint.punctuation": "000 004",
    "advice.ask_for_date": "001 003",
    "advice.state_intent": "003",
    "advice.digest": "002 003",
    "advice.keep_applying": "002",
    "advice.prepare_next": "002",
    "advice.update_resume": "002",
    "advice.card": "003 004",
    "advice.no_email": "000",
    "advice.not_personal": "001 003",
    "advice.move_on": "002",
    "advice.stay_in_touch": "000",
}

# The questions on which the articles differ from each other.
DISAGREED = {
    "timing.thank_you",
    "timing.check_in.stated",
    "timing.check_in.unstated",
    "timing.final_check_in",
    "timing.rejection_reply",
    "timing.feedback_request",
    "limit.messages",
    "channel.card_instead",
    "channel.card_too",
    "content.feedback",
    "advice.card",
}

SMALL = """
[sources."a.txt"]
title = "An article"
policy = "classic"

[sources."b.txt"]
title = "Another"
policy = "steady"

[rules."timing.thank_you"]
text = "Say thanks."
sources = ["a.txt", "b.txt"]
disagree = true
balanced = "today"
says = { "a.txt" = "today", "b.txt" = "tomorrow" }
"""


def advice(holds: Callable[[Entry], bool]) -> list[str]:
    return [id for id, entry in ENTRIES.items() if id.startswith("advice.") and not holds(entry)]


def test_every_rule_is_there_and_none_is_invented() -> None:
    assert list(ENTRIES) == list(ASKED_FOR_BY)


def test_every_rule_names_the_articles_that_ask_for_it() -> None:
    assert {id: " ".join(file[:3] for file in entry.sources) for id, entry in ENTRIES.items()} == ASKED_FOR_BY


def test_a_plan_cites_each_rule_with_its_entrys_text_and_sources() -> None:
    cited = [(key, rule.id, rule.text, rule.sources) for key, rule in RULES.items()]
    assert cited == [(key, entry.id, entry.text, entry.sources) for key, entry in ENTRIES.items()]


def test_each_of_the_five_articles_stands_behind_its_policy() -> None:
    assert {source.file: source.policy for source in SOURCES.values()} == POLICY_OF
    assert list(SOURCES) == list(POLICY_OF)


def test_the_articles_disagree_on_these_questions_and_no_other() -> None:
    assert {id for id, entry in ENTRIES.items() if entry.disagree} == DISAGREED


def test_every_entry_that_disagrees_says_what_balanced_does_and_what_differs() -> None:
    for id in DISAGREED:
        assert ENTRIES[id].balanced, id
        assert len(set(ENTRIES[id].says.values())) > 1, id


def test_every_text_ends_in_a_full_stop_and_only_advice_has_a_second_sentence() -> None:
    assert [id for id, rule in RULES.items() if not rule.text.endswith(".")] == []
    assert [id for id, rule in RULES.items() if ". " in rule.text and not id.startswith("advice.")] == []


def test_advice_speaks_to_the_candidate_in_at_most_two_sentences() -> None:
    assert advice(lambda entry: "you" in entry.text.lower()) == []
    assert advice(lambda entry: entry.text.count(". ") <= 1) == []


def test_an_entry_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        ENTRIES["timing.thank_you"].text = "Later."  # type: ignore[misc]


def test_a_small_catalogue_is_read_as_it_stands() -> None:
    entry = parse(SMALL).rules["timing.thank_you"]
    assert (entry.text, entry.sources, entry.disagree) == ("Say thanks.", ("a.txt", "b.txt"), True)
    assert (entry.balanced, entry.says) == ("today", {"a.txt": "today", "b.txt": "tomorrow"})


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ('sources = ["a.txt", "b.txt"]', 'sources = ["c.txt"]', "names c.txt, which is not among the sources"),
        ('"b.txt" = "tomorrow"', '"c.txt" = "tomorrow"', "names c.txt, which is not among the sources"),
        ('sources = ["a.txt", "b.txt"]', 'sources = ["b.txt", "a.txt"]', "in order, each once"),
        ('sources = ["a.txt", "b.txt"]', 'sources = ["a.txt", "a.txt"]', "in order, each once"),
        ('sources = ["a.txt", "b.txt"]', "sources = []", "at least 1 item"),
        ('balanced = "today"', "", "must say what balanced does"),
        ("disagree = true", "disagree = false", "must say what balanced does"),
        ("disagree = true", 'disagree = "yes"', "valid boolean"),
        (', "b.txt" = "tomorrow" }', " }", "at least two sources"),
        ('text = "Say thanks."', 'text = "Say\\nthanks."', "should match pattern"),
        ("timing.thank_you", "manners.thank_you", "should match pattern"),
        ('text = "Say thanks."', 'text = "Say thanks."\nhint = "x"', "Extra inputs are not permitted"),
        ('policy = "steady"', 'policy = "steady"\nyear = 2024', "Extra inputs are not permitted"),
        ("[rules.", '[notes]\nx = "y"\n\n[rules.', "Extra inputs are not permitted"),
    ],
)
def test_a_broken_catalogue_is_refused_with_the_reason(before: str, after: str, complaint: str) -> None:
    assert before in SMALL
    with pytest.raises(ValueError, match=complaint):
        parse(SMALL.replace(before, after))
