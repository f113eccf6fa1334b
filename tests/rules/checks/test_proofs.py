"""Doubled words and slips of punctuation are found, and what is meant is left alone."""

import pytest

from tests.rules.checks.drafts import find, find_known, northwind, pick


@pytest.mark.parametrize(
    ("text", "span", "suggestion"),
    [
        ("I liked the the rota.", "the the", "the"),
        ("It was for me to\nto decide.", "to\nto", "to"),
        ("The The rota held.", "The The", "The"),
        ("We met at at noon.", "at at", "at"),
    ],
)
def test_that_a_doubled_word_is_found(text: str, span: str, suggestion: str) -> None:
    [finding] = [one for one in find(text) if one.rule == "lint.repeated_word"]
    assert finding.span
    assert (finding.span.text, finding.suggestion) == (span, suggestion)


@pytest.mark.parametrize(
    "text",
    [
        "I had had no idea that that many held.",
        "I would be very very glad.",
        "It was in New York New York.",
        "We saw Duran Duran and Walla Walla.",
        "I went home.\n\nHome is far.",
        "It is is-land time.",
        "I counted 4 4 and 5 5.",
        "The pre the-the post.",
        "Was it you? You said so.",
    ],
)
def test_that_a_word_may_stand_twice_by_right(text: str) -> None:
    assert pick("repeated_word", find(text)) == []


def test_that_a_fact_may_hold_a_doubled_word() -> None:
    told = northwind(notes={"topics": ["the the problem"]})
    assert pick("repeated_word", find_known("I liked the the problem.", told=told)) == []


@pytest.mark.parametrize(
    ("text", "span", "suggestion"),
    [
        ("I liked it , and you.", " ,", ","),
        ("We met on Thursday ,and it rained.", " ,", ","),
        ("Is it so ?", " ?", "?"),
        ("It was fun .", " .", "."),
        ("It was fun!!", "!!", "!"),
        ("Really??", "??", "?"),
        ("It was fun..", "..", "."),
        ("It was long..... but good.", ".....", "..."),
        ("I liked it,, and you.", ",,", ","),
        ("I liked it,and you.", ",", ", "),
        ("It was fun.Thank you.", ".", ". "),
        ("I think i know.", "i", "I"),
        ("Yes, i'd like it.", "i", "I"),
        ("It was  fun.", "  ", " "),
        ("It was fun. thank you.", "thank", "Thank"),
        ("It was fun.\n\nthank you.", "thank", "Thank"),
        ("It was fun. Thank you", "you", "you."),
        ("It was fun,", "fun,", "fun."),
        ("It was fun\n\nThank you.", "fun", "fun."),
    ],
)
def test_that_a_slip_is_found_and_mended(text: str, span: str, suggestion: str) -> None:
    [finding] = [
        one for one in find(f"Hi Ada,\n\n{text}\n\nBest,\nRobin", "offer_reply") if one.rule == "lint.punctuation"
    ]
    assert finding.span
    assert (finding.span.text, finding.suggestion) == (span, suggestion)


@pytest.mark.parametrize(
    "text",
    [
        "We use .NET, Node.js and C++.",
        "Well... yes. It was long... but good.",
        "Two things:\n- one\n- two",
        "It stands at https://example.org/a,b",
        "Write to robin@example.org",
        "It was fun :)",
        "It was fun \N{SLIGHTLY SMILING FACE}",
        'You said "why not?" and left.',
        "You said \N{LEFT DOUBLE QUOTATION MARK}why not.\N{RIGHT DOUBLE QUOTATION MARK}",
        "What?! Yes.",
        "It costs 4,000.5 at v2.1, i.e. little, e.g. a coffee, etc.",
        "It ends.  Two spaces after a stop are a habit.",
        "One thing: gRPC. iPhone users like it. npm too.",
        "I looked into ../src and ./build, and a range of 1..5 too.",
        "I met Mr. O'Neil at 5 p.m., and Dr. Park.",
        "Roman i) and (i) and i.e. and i/o are fine.",
        "\tIndented it is.\r\nAnd wrapped.",
    ],
)
def test_that_what_is_meant_is_left_alone(text: str) -> None:
    assert pick("punctuation", find(f"Hi Ada,\n\n{text}\n\nBest,\nRobin", "offer_reply")) == []


def test_that_a_body_may_start_small_after_the_greeting() -> None:
    assert pick("punctuation", find("Hi Ada, thank you for it.")) == []
    assert pick("punctuation", find("Hi Ada,\n\nthank you for it.")) == []
    assert pick("punctuation", find("thank you for it.")) == ["thank"]


def test_that_greeting_and_signature_are_no_sentences() -> None:
    assert pick("punctuation", find("Hi Ada\n\nThank you.\n\nbest wishes\nRobin\n+1 555  0100")) == []


def test_that_a_space_too_many_is_only_a_hint() -> None:
    assert {one.severity for one in find("It was  fun.") if one.rule == "lint.punctuation"} == {"hint"}


def test_that_a_fact_opens_a_sentence_as_it_is_written() -> None:
    told = northwind(notes={"topics": ["kafka", "why not??"]})
    assert pick("punctuation", find_known("It was fun. kafka was, too. So was why not??", told=told)) == []


@pytest.mark.parametrize("opening", ["(", '"', "\N{LEFT DOUBLE QUOTATION MARK}", "('"])
def test_that_a_small_start_behind_a_mark_can_be_mended_by_pasting(opening: str) -> None:
    text = f"It was fun. {opening}most of it) was."
    [finding] = [one for one in find(text) if one.rule == "lint.punctuation"]
    assert finding.span
    assert (finding.span.text, finding.suggestion) == ("most", "Most")
    assert text[finding.span.start : finding.span.end] == "most"


def test_that_a_byte_order_mark_is_space() -> None:
    assert pick("punctuation", find("\N{ZERO WIDTH NO-BREAK SPACE}Ada,\n\nthank you for it.")) == []
    marked = "\N{ZERO WIDTH NO-BREAK SPACE}Hi Ada,\n\nIt was was fun."
    [finding] = [one for one in find(marked) if one.rule == "lint.repeated_word"]
    assert finding.span
    assert marked[finding.span.start : finding.span.end] == "was was"
