"""The words that tell people, companies and roles apart: the file `names.toml`, read once, at import."""

import re
import tomllib
import unicodedata
from functools import lru_cache
from importlib import resources
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from app.language.names import AROUND


def _split(value: object) -> object:
    return frozenset(value.split()) if isinstance(value, str) else value


def _small(words: frozenset[str]) -> frozenset[str]:
    if loud := {word for word in words if word != word.lower()}:
        raise ValueError(f"must be in small letters: {', '.join(sorted(loud))}")
    return words


Words = Annotated[frozenset[str], BeforeValidator(_split), AfterValidator(_small)]
"""Words with spaces between them."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CompanyWords(_Frozen):
    """What tells the name of a company."""

    suffixes: Words
    named_at: tuple[str, ...]
    joined: tuple[str, ...]
    ends: str
    hinted_at: tuple[str, ...]
    elsewhere: Words
    not_companies: Words


class RoleWords(_Frozen):
    """What tells the name of a role."""

    nouns: Words
    fields: Words
    ranks: Words
    after: str


class Vocabulary(_Frozen):
    """The whole file."""

    titles: Words
    suffixes: Words
    groups: Words
    offices: Words
    fillers: Words
    salutations: Words
    company: CompanyWords
    role: RoleWords


VOCABULARY = Vocabulary(
    **tomllib.loads(resources.files("app.rules.checks").joinpath("names.toml").read_text(encoding="utf-8"))
)

_APOSTROPHES = str.maketrans("", "", "'.\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}")
_WORD = re.compile(r"[^\W_]+(?:[+#]+(?!\w))?")


@lru_cache(maxsize=4096)
def fold(text: str) -> tuple[str, ...]:
    """The words of a name without accents, capitals, points and apostrophes, so that López is Lopez."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_APOSTROPHES))
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return tuple(_WORD.findall(unicodedata.normalize("NFC", bare)))


TITLES = VOCABULARY.titles.union(*map(fold, AROUND.titles))
SUFFIXES = VOCABULARY.suffixes.union(*map(fold, AROUND.suffixes))
"""What stands before and behind the names of people, folded."""
