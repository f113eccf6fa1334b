"""The marks and words of sentences.toml are all there."""

import pytest

from app.language.sentence_words import SentenceWords


def test_marks_that_are_missing_are_refused() -> None:
    with pytest.raises(ValueError, match="marks"):
        SentenceWords.parse("[sentences]\n[letters]")
