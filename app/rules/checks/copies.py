"""Members of a panel talk to each other: two drafts that share most of their words give each other away."""

import re
from collections.abc import Iterator

from app.language.sentences import read_letter
from app.rules.checks.findings import find
from app.rules.checks.masking import to_plain
from app.rules.checks.reading import Reading
from app.rules.drafts import Finding

RUN = 5
MOST_SHARED = 0.5
_NEARLY_ALL = 0.9
_MOST = 0.7

_WORD = re.compile(r"\w[\w']*")


def check_copied(reading: Reading) -> Iterator[Finding]:
    """More than half of the runs of five words of the shorter draft stand in the other one too."""
    if not reading.draft.other_drafts:
        return
    own = _runs(reading.letter.body.text)
    shared = max(_share(own, _runs(read_letter(other).body.text)) for other in reading.draft.other_drafts)
    if shared > MOST_SHARED:
        yield find(
            "lint.copied",
            "warning",
            f"{_amount(shared)} of this ({round(shared * 100)} %) stands in another draft too, and interviewers compare"
            " notes. Give this reader what only the two of you talked about.",
        )


def _runs(text: str) -> set[tuple[str, ...]]:
    words = _WORD.findall(to_plain(text))
    return set(zip(*(words[n:] for n in range(RUN)), strict=False))


def _share(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> float:
    shorter = min(len(one), len(other))
    return len(one & other) / shorter if shorter else 0.0


def _amount(shared: float) -> str:
    if shared > _NEARLY_ALL:
        return "Nearly all"
    return "Most" if shared > _MOST else "More than half"
