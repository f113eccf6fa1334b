"""What a draft has to hold: thanks, and a look ahead."""

import tomllib
from collections.abc import Callable, Iterator
from importlib import resources
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.rules.checks.findings import find
from app.rules.checks.phrases import compile_any
from app.rules.checks.reading import Reading
from app.rules.drafts import Finding
from app.rules.plans import Channel, Kind


class Part(BaseModel):
    """One table of `parts.toml`: what a draft has to hold, and the phrases that hold it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str
    message: Annotated[str, Field(pattern=r"^[A-Z].*[.?]$")]
    kinds: frozenset[Kind]
    not_on: frozenset[Channel] = frozenset()
    patterns: tuple[str, ...]


PARTS = {
    name: Part(**table)
    for name, table in tomllib.loads(
        resources.files("app.rules.checks").joinpath("parts.toml").read_text(encoding="utf-8")
    ).items()
}


def miss(name: str) -> Callable[[Reading], Iterator[Finding]]:
    """The check that a part is there, somewhere between the greeting and the sign-off; facts count as well.

    A card has room for thanks and little else: it needs no look ahead.
    """
    part = PARTS[name]
    pattern = compile_any(part.patterns)

    def check_part(reading: Reading) -> Iterator[Finding]:
        body = reading.letter.body
        is_asked = reading.draft.kind in part.kinds and reading.draft.channel not in part.not_on
        if is_asked and not pattern.search(reading.lowered, body.start, body.end):
            yield find(part.rule, "warning", part.message)

    return check_part
