"""What a draft has to hold: thanks, and a look ahead or a question."""

import tomllib
from collections.abc import Callable, Iterator
from importlib import resources
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.rules.checks.findings import find
from app.rules.checks.questions import find_asked
from app.rules.checks.reading import Reading
from app.rules.checks.unwelcome import compile_any
from app.rules.drafts import Finding
from app.rules.plans import Channel, Kind


class Part(BaseModel):
    """One table of `parts.toml`: what a draft has to hold, and the phrases that hold it."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    rule: str
    message: Annotated[str, Field(pattern=r"^[A-Z].*[.?]$")]
    kinds: frozenset[Kind]
    not_on: frozenset[Channel] = frozenset()
    asking: bool = False
    """Whether any question to the reader holds it too."""
    patterns: tuple[str, ...]


PARTS = {
    name: Part(**table)
    for name, table in tomllib.loads(
        resources.files("app.rules.checks").joinpath("parts.toml").read_text(encoding="utf-8")
    ).items()
}


def miss(name: str) -> Callable[[Reading], Iterator[Finding]]:
    """The check that a part is there, somewhere between the greeting and the sign-off, and not in a known fact.

    A card has room for thanks and little else: it needs no look ahead.
    """
    part = PARTS[name]
    pattern = compile_any(part.patterns)

    def check_part(reading: Reading) -> Iterator[Finding]:
        if reading.draft.kind not in part.kinds or reading.draft.channel in part.not_on:
            return
        body = reading.letter.body
        is_held = pattern.search(reading.plain, body.start, body.end) or (part.asking and any(find_asked(reading)))
        if not is_held:
            yield find(part.rule, "warning", part.message)

    return check_part
