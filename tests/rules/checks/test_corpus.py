"""How many of the flaws of a labelled corpus the checks find, and how many of their findings are flaws.

Nothing was tuned on the drafts of `held_out.toml`.
"""

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from app.rules.checks import check
from app.rules.drafts import Draft
from app.rules.facts import Interview, Person

CORPUS = Path(__file__).parent / "corpus"
LEAST_RECALL, LEAST_PRECISION = 0.9, 0.95
LEAST_RECALL_OF_LINES, LEAST_LINES = 0.85, 60
LEAST_DRAFTS = 150


def read(name: str) -> list[dict[str, Any]]:
    return list(tomllib.loads((CORPUS / f"{name}.toml").read_text(encoding="utf-8"))["draft"])


def as_draft(entry: dict[str, Any]) -> Draft:
    """A draft as an entry of the corpus tells it; the recipient comes as the interviewer of that name."""
    told = Interview.model_validate(entry["interview"]) if "interview" in entry else None
    named = Person.model_validate(entry["recipient"]) if "recipient" in entry else None
    known = {who.name: who for who in told.interviewers} if told else {}
    return Draft(
        kind=entry["kind"],
        text=entry["text"],
        subject=entry.get("subject"),
        recipient=known.get(named.name, named) if named else None,
        interview=told,
        other_drafts=tuple(entry.get("other_drafts", ())),
    )


def count(name: str) -> Counter[str]:
    """How often a draft has a flaw that is found, one that is missed, and a finding that is none."""
    counted: Counter[str] = Counter()
    for entry in read(name):
        found, expected = {finding.rule for finding in check(as_draft(entry))}, set(entry["expected"])
        counted["right"] += len(found & expected)
        counted["missed"] += len(expected - found)
        counted["wrong"] += len(found - expected)
    return counted


@pytest.mark.parametrize("name", ["tuning", "held_out"])
def test_that_the_checks_find_most_flaws_and_little_else(name: str) -> None:
    counted = count(name)
    recall = counted["right"] / (counted["right"] + counted["missed"])
    precision = counted["right"] / (counted["right"] + counted["wrong"])
    assert recall >= LEAST_RECALL, f"recall {recall:.3f} {counted}"
    assert precision >= LEAST_PRECISION, f"precision {precision:.3f} {counted}"


def test_that_the_corpus_is_large_enough_and_a_third_of_it_is_held_out() -> None:
    tuned, held_out = read("tuning"), read("held_out")
    assert len(tuned) + len(held_out) >= LEAST_DRAFTS
    assert len(held_out) * 3 >= len(tuned) + len(held_out)
    ids = [entry["id"] for entry in (*tuned, *held_out)]
    assert len(set(ids)) == len(ids)


def read_lines() -> list[dict[str, Any]]:
    return list(tomllib.loads((CORPUS / "lines.toml").read_text(encoding="utf-8"))["table"])


def test_that_most_guilty_lines_are_found_and_innocent_ones_left_alone() -> None:
    tables = read_lines()
    rules = {table["rule"] for table in tables}
    counted: Counter[str] = Counter()
    for table in tables:
        for text in (*table["guilty"], *table["innocent"]):
            found = {one.rule for one in check(Draft(kind=table["kind"], text=text))} & rules
            expected = {table["rule"]} if text in table["guilty"] else set()
            counted["right"] += len(found & expected)
            counted["missed"] += len(expected - found)
            counted["wrong"] += len(found - expected)
    assert counted["right"] / (counted["right"] + counted["missed"]) >= LEAST_RECALL_OF_LINES, counted
    assert counted["right"] / (counted["right"] + counted["wrong"]) >= LEAST_PRECISION, counted


@pytest.mark.parametrize("side", ["guilty", "innocent"])
def test_that_there_are_lines_enough(side: str) -> None:
    lines = [text for table in read_lines() for text in table[side]]
    assert len(set(lines)) == len(lines) >= LEAST_LINES
