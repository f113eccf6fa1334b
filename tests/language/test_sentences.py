"""Sentences are counted as a reader would count them, and a letter's three parts are told apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.language.sentences import Stretch, read_letter, split_paragraphs, split_sentences

LETTERS = st.text(st.sampled_from([*"aBI .,!?\n\r\t-'\"()[]1。é李", "\N{NO-BREAK SPACE}", "\u2028"]), max_size=80)


def sentences(text: str) -> list[str]:
    return [sentence.text for sentence in split_sentences(text)]


def parts(text: str) -> tuple[str | None, str, str | None]:
    letter = read_letter(text)
    return letter.greeting and letter.greeting.text, letter.body.text, letter.closing and letter.closing.text


@pytest.mark.parametrize(
    "text",
    [
        "I liked e.g. the on-call rota.",
        "Dr. Park and Prof. Lee showed it.",
        "We moved to v2.1 and then to 3.5 at once.",
        "The U.S. market and the U.K. Office are two things.",
        "I worked for Contoso Inc. and left.",
        "I worked at Contoso Inc.",
        "It stands at https://example.com/a.b?c=d!e and nowhere else.",
        "Write to robin.vale@example.org. or not",
        "Thank you for the hour on C++.",
        "I would like C++. and C#. as well",
        "It was long... but good.",
        "You did what?!",
        "J. R. Smith told me.",
        'You asked "Why?" and waited.',
        "You said (yes, really!) that it works.",
        "At 5 p.m. Friday it rained.",
        "See fig. 3 or no. 5.",
        "We met Mr. O'Neil, Ms. Ng and Mrs. Day.",
        "A Ph.D. is no must.",
        "wrapped by hand\nover two lines.",
        "   ",
    ],
)
def test_that_these_hold_one_sentence_at_most(text: str) -> None:
    assert len(split_sentences(text)) <= 1, sentences(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I know C++. We use it.", ["I know C++.", "We use it."]),
        ("I worked at Contoso Inc. I left.", ["I worked at Contoso Inc.", "I left."]),
        ("I live in the U.S. It is big.", ["I live in the U.S.", "It is big."]),
        ("We met at 5 p.m. Thank you.", ["We met at 5 p.m.", "Thank you."]),
        ("Really?! Yes.", ["Really?!", "Yes."]),
        ("Well... Yes.", ["Well...", "Yes."]),
        ('"Why?" That was it.', ['"Why?"', "That was it."]),
        ("(It held.) We slept.", ["(It held.)", "We slept."]),
        ("I go. you stay.", ["I go.", "you stay."]),
        ("Done! Thank you", ["Done!", "Thank you"]),
        ("One\n\nTwo", ["One", "Two"]),
        ("One\r\n\r\nTwo\r\n", ["One", "Two"]),
        ("Two things:\n- one\n- two", ["Two things:", "- one", "- two"]),
        ("1. Why?\n2. How?", ["1. Why?", "2. How?"]),
        ("It was plan B. The rest held.", ["It was plan B.", "The rest held."]),
        ("I liked Series B. It's big.", ["I liked Series B.", "It's big."]),
        ("It was plan B. That's it.", ["It was plan B.", "That's it."]),
        ("I was at Acme Inc. There\u2019s more.", ["I was at Acme Inc.", "There\u2019s more."]),
        ("In 2026. We met.", ["In 2026.", "We met."]),
        ("谢谢你。再见！", ["谢谢你。", "再见！"]),  # noqa: RUF001 - full-width stops are the case
    ],
)
def test_that_sentences_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_that_spans_count_code_points() -> None:
    assert split_sentences("👋🏽 Hi. Zoë") == [Stretch(0, 6, "👋🏽 Hi."), Stretch(7, 10, "Zoë")]


def test_that_paragraphs_stand_between_blank_lines() -> None:
    text = "\r\n  one\r\ntwo \r\n \t \r\n\r\nthree\r\n"
    assert [paragraph.text for paragraph in split_paragraphs(text)] == ["one\r\ntwo", "three"]


@pytest.mark.parametrize(
    ("text", "greeting", "body"),
    [
        ("Hi Priya,\n\nThank you.", "Hi Priya,", "Thank you."),
        ("Hi Priya, thank you.", "Hi Priya,", "thank you."),
        ("Dear Dr. Park,\r\nThank you.", "Dear Dr. Park,", "Thank you."),
        ("Dear Dr. Park: Thank you.", "Dear Dr. Park:", "Thank you."),
        ("Hi Priya. Thank you, all.", "Hi Priya.", "Thank you, all."),
        ("Hi Priya - it was good.", "Hi Priya -", "it was good."),
        ("hi priya,\nthank you.", "hi priya,", "thank you."),
        ("Hi Priya\nThank you.", "Hi Priya", "Thank you."),
        ("Hello! Thank you.", "Hello!", "Thank you."),
        ("Good morning, Priya, thank you.", "Good morning, Priya,", "thank you."),
        ("Hi, I'm Sam, and I liked it.", "Hi,", "I'm Sam, and I liked it."),
        ("Priya,\nThank you.", "Priya,", "Thank you."),
        ("Ms van der Berg,\nThank you.", "Ms van der Berg,", "Thank you."),
        ("Dear ,\nThank you.", "Dear ,", "Thank you."),
        ("To whom it may concern:\nThank you.", "To whom it may concern:", "Thank you."),
        ("Dear 李明，\nThank you.", "Dear 李明，", "Thank you."),  # noqa: RUF001 - a full-width comma is the case
        ("Hi Ada Park, PhD,\nThank you.", "Hi Ada Park, PhD,", "Thank you."),
        ("Hi Ada Park, Ph.D.,\nThank you.", "Hi Ada Park, Ph.D.,", "Thank you."),
        ('Hi Bob "Bobby" Lee,\nThank you.', 'Hi Bob "Bobby" Lee,', "Thank you."),
        ("Dear Priya Shah (Head of Data),\nThank you.", "Dear Priya Shah (Head of Data),", "Thank you."),
        ("Dear the hiring manager,\nThank you.", "Dear the hiring manager,", "Thank you."),
        ("Good morning Priya,\nThank you.", "Good morning Priya,", "Thank you."),
        ("Sehr geehrte Frau Shah,\nThank you.", "Sehr geehrte Frau Shah,", "Thank you."),
        ("Thank you, Priya.", None, "Thank you, Priya."),
        ("Thanks for the talk, it was good.", None, "Thanks for the talk, it was good."),
        ("Hi there is a lot that I liked in the office, you know.", None, None),
        ("Hidden costs, as you said, are real.", None, None),
        ("", None, ""),
    ],
)
def test_that_a_greeting_is_told_from_the_body(text: str, greeting: str | None, body: str | None) -> None:
    assert parts(text) == (greeting, text if body is None else body, None)


@pytest.mark.parametrize(
    "closing",
    [
        "Best,\nSam",
        "Best, Sam",
        "Kind regards\nSam Lee",
        "Warmly,\r\nSam",
        "Thanks!\nSam",
        "Many thanks and kind regards,\nSam",
        "Yours sincerely,\n\nSam Lee\n+1 555 0100\nhttps://example.org/sam",
        "Un abrazo,\nAna María",
        "Love,\nPaloma",
        "Best,\nSam\n\nP.S. The pen that I left on your desk was never mine, so keep it.",
        "Sam",
        "- Sam",
        "Will Price\n+1 555 0100",
        "Anna van der Berg",
        "李明",
    ],
)
def test_that_a_closing_is_told_from_the_body(closing: str) -> None:
    for above in ("Thank you.\n\n", "Hi Ada,\n\nThank you. It was good.\n"):
        assert parts(above + closing)[2] == closing


@pytest.mark.parametrize(
    "body",
    [
        "Best of all was the office.",
        "Thank you for the hour.",
        "Thanks,\nand I hope to hear how it goes on from here with the rest of the team.",
        "One more thing:\nKafka",
        "Regards to the whole team that I met.",
        "I liked it.\nWhat comes next?",
    ],
)
def test_that_nothing_else_is_a_closing(body: str) -> None:
    assert parts(f"Hi Ada,\n\n{body}") == ("Hi Ada,", body, None)


@given(LETTERS)
def test_that_every_span_is_a_true_slice(text: str) -> None:
    letter = read_letter(text)
    stretches = [
        *split_sentences(text),
        *split_paragraphs(text),
        letter.body,
        *filter(None, (letter.greeting, letter.closing)),
    ]
    for start, end, inner in stretches:
        assert text[start:end] == inner == inner.strip()


@given(LETTERS)
def test_that_sentences_hold_every_word_once_and_in_order(text: str) -> None:
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


@given(LETTERS)
def test_that_the_parts_of_a_letter_stand_in_order_and_hold_everything(text: str) -> None:
    together = "".join(part for part in parts(text) if part)
    assert "".join(together.split()) == "".join(text.split())


@pytest.mark.parametrize(
    "unit", ["a", " ", ".", ". ", "\n", "\r\n", "e.g.", "e.g. ", "?", "Hi ", "Best,\n", "- a\n", "[", '"']
)
def test_that_a_long_text_is_read_whole(unit: str) -> None:
    text = unit * (20_000 // len(unit))
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())
