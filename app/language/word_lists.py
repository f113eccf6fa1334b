"""Lists of words in TOML: each in order, no word twice. A broken list stops the start."""

import re
import tomllib
from collections.abc import Sequence
from importlib.resources import files
from itertools import pairwise
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict


def check_order(words: Sequence[str]) -> Sequence[str]:
    """The words; ValueError where one stands twice or out of order."""
    for before, word in pairwise(words):
        if before >= word:
            raise ValueError(f"stands twice or out of order: {word}")
    return words


def split_phrases(text: str) -> list[str]:
    """What stands between line ends and "|"."""
    return [phrase for phrase in re.split(r"[|\n]", text) if phrase]


Set = Annotated[frozenset[str], BeforeValidator(lambda text: frozenset(check_order(text.split())))]
Phrases = Annotated[frozenset[str], BeforeValidator(lambda text: frozenset(check_order(split_phrases(text))))]


class WordLists(BaseModel):
    """The lists of one file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The lists that a TOML text holds; ValueError where it is broken."""
        return cls.model_validate(tomllib.loads(text))

    @classmethod
    def load(cls, name: str) -> Self:
        """The lists of a file of this package."""
        return cls.parse((files("app.language") / name).read_text("utf-8"))
