"""How much is found, and how much of it rightly, in sentences that were labelled by hand beforehand."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from app.proofreading import load_proofreader

SAMPLE: dict[str, list[dict[str, Any]]] = tomllib.loads(Path(__file__).with_name("sample.toml").read_text("utf-8"))
RECALL, PRECISION = 0.8, 0.94


def find_all(sentences: list[dict[str, Any]]) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """What was found and what is wrong, as pairs of a sentence and a word."""
    proofreader = load_proofreader()
    assert proofreader is not None
    found = {
        (sentence["text"], finding.span.text)
        for sentence in sentences
        for finding in proofreader.proofread(sentence["text"], sentence.get("known", ()))
        if finding.span
    }
    return found, {(sentence["text"], word) for sentence in sentences for word in sentence.get("wrong", ())}


@pytest.mark.parametrize("part", ["tuned", "held_out"])
def test_most_misspelled_words_are_found_and_hardly_any_other(part: str) -> None:
    found, wrong = find_all(SAMPLE[part])
    assert len(found & wrong) / len(wrong) >= RECALL, wrong - found
    assert len(found & wrong) / len(found) >= PRECISION, found - wrong


@pytest.mark.parametrize("part", ["tuned", "held_out"])
def test_the_sample_is_half_clean_and_large_enough(part: str) -> None:
    clean = [sentence for sentence in SAMPLE[part] if "wrong" not in sentence]
    assert len(SAMPLE[part]) - len(clean) >= 30
    assert len(clean) >= 30
    assert all(word in sentence["text"] for sentence in SAMPLE[part] for word in sentence.get("wrong", ()))
