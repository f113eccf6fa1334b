"""The words that tell people, companies and roles apart."""

import pytest
from pydantic import ValidationError

from app.rules.checks.vocabulary import VOCABULARY, fold


def test_that_names_are_folded() -> None:
    assert fold("Ana-María  LÓPEZ, Ph.D.") == ("ana", "maria", "lopez", "phd")
    assert fold("C++ and C#") == ("c++", "and", "c#")
    assert fold("O\N{RIGHT SINGLE QUOTATION MARK}Neil") == fold("O'Neil") == ("oneil",)


def test_that_the_words_are_in_small_letters() -> None:
    changed = VOCABULARY.model_dump() | {"titles": "Dr mr"}
    with pytest.raises(ValidationError, match="small letters: Dr"):
        type(VOCABULARY).model_validate(changed)
