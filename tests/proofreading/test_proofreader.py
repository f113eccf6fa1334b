"""What is called misspelled, with the real library."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.proofreading import LONGEST, LibraryFailed, Proofreader, TooLong, load_proofreader
from app.proofreading.proofreader import MOST
from app.proofreading.speller import Lint, Speller
from app.rules.catalogue import RULES

CURLY = "\N{RIGHT SINGLE QUOTATION MARK}"
LETTER = """Hi Preeya,

Thank you for the tour of the lab on Friday. I recieved the slides that you sent, and I have read them twice. It was
good to see how the team works.

Best wishes,
Anna Lopezz
"""


@pytest.fixture(scope="session")
def proofreader() -> Proofreader:
    loaded = load_proofreader()
    assert loaded is not None, "the extra is in the lock files, so it is installed here"
    return loaded


def misspelled(proofreader: Proofreader, text: str, *known: str) -> list[str]:
    return [finding.span.text for finding in proofreader.proofread(text, known) if finding.span]


def test_a_misspelled_word_is_found_where_it_stands(proofreader: Proofreader) -> None:
    (finding,) = proofreader.proofread(LETTER)
    assert finding.rule == "lint.spelling"
    assert finding.severity == "warning"
    assert finding.message == "“recieved” looks misspelled; did you mean “received”?"
    assert finding.suggestion == "received"
    assert finding.sources == RULES["lint.spelling"].sources
    assert finding.span is not None
    assert finding.span.start == LETTER.index("recieved")
    assert LETTER[finding.span.start : finding.span.end] == finding.span.text == "recieved"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("thier", "their"),
        ("Recieving", "Receiving"),
        ("teh", "the"),
        ("alot", "a lot"),
        ("eachother", "each other"),
        ("dont", "don't"),
        (f"could{CURLY}nt", f"couldn{CURLY}t"),
        ("could'nt", "couldn't"),
        ("gald", "glad"),
        ("organisaton", "organisation"),
        ("organizaton", "organization"),
        ("behavoir", "behavior"),
        ("colourr", "colour"),
        ("definately", "definitely"),
        ("febuary", "February"),
    ],
)
def test_what_was_meant_is_suggested_in_the_writers_own_case_and_english(
    proofreader: Proofreader, wrong: str, right: str
) -> None:
    sentence = f"{wrong} is what I wrote." if wrong[0].isupper() else f"I wrote {wrong} there."
    assert [finding.suggestion for finding in proofreader.proofread(sentence)] == [right]


@pytest.mark.parametrize(
    "text",
    [
        "See https://exmaple.org/recieve and www.recieve.org, or write to recieve@exmaple.org.",
        "I ran `recieve --thier` and set recieve_thier, recieveThier, recieve2, #recieve and /usr/recieve.",
        "We use RECIEV and GRPCX, as the QSXZ says.",
        "I asked Recieve and Thiers about it.",
        "Organise or organize the colour and the color of the licence, the license, the programme and the program.",
        "We said recieve2: приветик, こんにちは, שלוםם, नमस्तेे.",
        f"It's the boss's, the team{CURLY}s and the class{CURLY}; I'd say they'll, we've and shouldn't.",
        "A timeframe, a lakehouse and a typesafe whiteboarding of the upsell flow.",
    ],
)
def test_addresses_code_acronyms_names_and_either_english_are_left_alone(proofreader: Proofreader, text: str) -> None:
    assert misspelled(proofreader, text) == []


def test_words_of_the_interview_are_right_in_any_case_and_as_possessives(proofreader: Proofreader) -> None:
    text = "Recieve's tour was long, recieve-first and good; recieves' and RECIEVE's too."
    assert misspelled(proofreader, "I liked recieve best.") == ["recieve"]
    assert misspelled(proofreader, text, "Recieve GmbH", "recieves") == []
    assert misspelled(proofreader, f"I liked recieve{CURLY}s lab.", "the RECIEVE's lab") == []


def test_names_of_the_greeting_and_the_signature_are_right_in_the_body_too(proofreader: Proofreader) -> None:
    assert misspelled(proofreader, "Dear Recieve,\n\nRecieve was kind.\n\nBest wishes,\nSeperate Thier\n") == []
    assert misspelled(proofreader, "Dear Ada,\n\nRecieve was kind.\n\nBest wishes,\nBen Ito\n") == ["Recieve"]


def test_a_name_that_opens_a_sentence_is_not_taken_for_a_word(proofreader: Proofreader) -> None:
    for name in ("Priya", "Xiomara", "Anneke", "Okonkwo", "Mateusz", "Siobhan"):
        assert misspelled(proofreader, f"{name} was kind. {name}'s lab too.") == []


def test_spans_count_code_points_whatever_stands_before(proofreader: Proofreader) -> None:
    before = "👩‍👩‍👧 naïve café e\u0301 שלום \N{MATHEMATICAL BOLD CAPITAL A} 𠮷 — I "
    (finding,) = proofreader.proofread(before + "recieve it.")
    assert finding.span is not None
    assert finding.span.start == len(before)


@settings(deadline=None)
@given(st.text(max_size=60), st.lists(st.sampled_from(["recieve", "thier", "Seperate", "ok", ".", "\n\n"]), max_size=8))
def test_every_span_says_what_stands_there(anything: str, words: list[str]) -> None:
    loaded = load_proofreader()
    assert loaded is not None
    text = f"{anything} {' '.join(words)} {anything}"
    for finding in loaded.proofread(text, [anything]):
        assert finding.span is not None
        assert text[finding.span.start : finding.span.end] == finding.span.text


def test_a_text_of_the_greatest_length_is_read_and_a_longer_one_refused(proofreader: Proofreader) -> None:
    longest = "a recieve " * (LONGEST // 10)
    assert len(proofreader.proofread(longest)) == LONGEST // 10
    with pytest.raises(TooLong, match="8001 characters"):
        proofreader.proofread(longest + "a")


@pytest.mark.parametrize(
    "part", ["a", " ", "\n", "`", "'", "[", "a'", "a-", "é", "👩‍👩‍👧", "\0", "\ud800", "e\u0301", "http://"]
)
def test_a_text_of_one_thing_has_no_findings(proofreader: Proofreader, part: str) -> None:
    assert proofreader.proofread((part * LONGEST)[:LONGEST]) == ()


def unknown_words(size: int) -> Iterator[str]:
    random = Random(7)  # noqa: S311  # the same words in every run
    return ("".join(random.choices("bcdfghjklmnpqrstvwxz", k=9)) for _ in range(size))


def test_only_so_many_unknown_words_are_looked_at_and_the_answer_says_so(proofreader: Proofreader) -> None:
    just = proofreader.proofread(" ".join(unknown_words(MOST)))
    assert just == ()
    *_, last = proofreader.proofread(" ".join(unknown_words(MOST + 1)))
    assert last.span is None
    assert last.severity == "hint"
    assert f"only the first {MOST} were looked at" in last.message


def test_many_threads_find_what_one_finds(proofreader: Proofreader) -> None:
    texts = [f"I recieve {word} and thier seperat {word[::-1]}." for word in unknown_words(40)]
    loaded = load_proofreader.__wrapped__()
    assert loaded is not None
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(loaded.proofread, texts * 8))
    assert found == [proofreader.proofread(text) for text in texts] * 8
    assert all(misspelled(proofreader, text) == ["recieve", "thier", "seperat"] for text in texts)


class PanicException(BaseException):
    """What a panic of the library looks like from here."""


class Broken:
    """A library that fails at one word."""

    def __init__(self, fault: BaseException) -> None:
        self.fault = fault

    def is_likely_english(self, text: str) -> bool:
        if text == "recieve":
            raise self.fault
        return True

    def lint(self, text: str, *, language: str) -> list[Lint]:
        raise AssertionError(text, language)


@pytest.mark.parametrize("fault", [PanicException("recieve"), RuntimeError("Already borrowed")])
def test_a_fault_of_the_library_is_told_without_the_text(fault: BaseException) -> None:
    broken = Proofreader(lambda: Speller(Broken(fault)))
    with pytest.raises(LibraryFailed) as failed:
        broken.proofread("I recieve it.")
    assert str(failed.value) == type(fault).__name__
    assert broken.proofread("I have it.") == ()


@pytest.mark.parametrize("fault", [PanicException("no memory"), AttributeError("no such dialect")])
def test_a_library_that_cannot_be_made_ready_fails_at_every_text(fault: BaseException) -> None:
    def make() -> Speller:
        raise fault

    broken = Proofreader(make)
    faults = []
    for _ in range(2):
        with pytest.raises(LibraryFailed) as failed:
            broken.proofread("I have it.")
        faults.append(failed.value)
    assert [str(fault) for fault in faults] == [type(fault).__name__] * 2
    assert faults[0] is not faults[1], "one that is raised again and again would hold text after text"


def test_an_interrupt_is_not_taken_for_a_panic() -> None:
    with pytest.raises(KeyboardInterrupt):
        Proofreader(lambda: Speller(Broken(KeyboardInterrupt()))).proofread("I recieve it.")


def test_without_the_library_there_is_no_proofreader() -> None:
    script = "import sys; sys.modules['harper'] = None\nfrom app.proofreading import load_proofreader\n"
    done = subprocess.run(
        [sys.executable, "-c", script + "print(load_proofreader())"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "None\n"


def test_a_library_that_is_broken_is_not_taken_for_a_missing_one() -> None:
    script = "import sys; sys.modules['harper._harper'] = None\nfrom app.proofreading import load_proofreader\n"
    done = subprocess.run(
        [sys.executable, "-c", script + "load_proofreader()"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "harper._harper" in done.stderr
