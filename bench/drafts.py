"""How many drafts are checked in a second, and how long the slowest rule takes on texts that are made to be slow."""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import count

from app.proofreading import LONGEST, load_proofreader
from app.rules.checks import CHECKS, check
from app.rules.checks.reading import Reading
from app.rules.drafts import Draft
from app.rules.facts import Interview
from bench.examples import INTERVIEW

ROUNDS = 300
USUAL, SLOWEST = 2.0, 50.0
"""How many milliseconds the rules may take for a usual draft, and anything on any text."""
SIZE = 20_000
"""How many characters a draft may have."""

DRAFT = """Hi Priya,

Thank you for the conversation on Friday about moving the nightly batch to streaming. Your point that most bugs hide at
the seams has stayed with me. It reminded me of the migration that I led, where we kept both pipelines running for a
month. What you said about on-call made me want to see the rota. I would be glad to share the runbook number {}. The
role sounds even better after our talk. What are the next steps, and when do you expect to decide?

Best wishes,
Ana
"""

HOSTILE = {
    "`a` x 20,000": "a",
    "spaces": " ",
    "new lines": "\n",
    "words of one letter": "a ",
    "`Hi `": "Hi ",
    "full stops": ". ",
    "brackets": "[",
    "braces": "{ ",
    "question marks": "a? ",
    "capital words": "Ada Park ",
    "lines of names": "Ada\n",
    "sign-offs": "Best,\n",
    "`thank you `": "thank you ",
    "addresses": "http://a.b/@",
}


def run() -> list[str]:
    """The two tables: usual drafts, then hostile ones."""
    return [*_usual(), "", *_hostile()]


def _usual() -> list[str]:
    rows = ["| draft | checked | median | limit | of the limit |", "|---|---|---|---|---|"]
    rows.append(_row("usual, without proofreading", _drafts(DRAFT), check, USUAL))
    proofreader = load_proofreader()
    if proofreader is None:
        return [*rows, "| usual, with proofreading | not installed | | | |"]
    proofreader.proofread("warm")

    def check_all(draft: Draft) -> object:
        return check(draft), proofreader.proofread(draft.text, ["Priya", "Ana"])

    rows.append(_row("usual, with proofreading", _drafts(DRAFT), check_all, SLOWEST))
    rows.append(
        _row("usual, with proofreading and four words that nobody knows", _drafts(DRAFT, unknown=4), check_all, SLOWEST)
    )
    return rows


def _row(name: str, drafts: Iterator[Draft], look: Callable[[Draft], object], limit: float) -> str:
    look(next(drafts))  # warm
    median = statistics.median(_time(look, next(drafts)) for _ in range(ROUNDS))
    return f"| {name} | {1000 / median:,.0f}/s | {median:.2f} ms | {limit:.0f} ms | {median / limit:.2f} |"


def _hostile() -> list[str]:
    rows = ["| hostile text | slowest rule | its time | of the limit |", "|---|---|---|---|"]
    texts = {name: [(part * SIZE)[:SIZE]] * 3 for name, part in HOSTILE.items()}
    texts["words that nobody knows"] = [_make_up_words(SIZE // 10) for _ in range(3)]
    for name, tries in texts.items():
        drafts = [_draft(text) for text in tries]
        spent, slowest = max((min(_time(look, draft) for draft in drafts), rule) for rule, look in _looks())
        rows.append(f"| {name} | {slowest} | {spent:.1f} ms | {spent / SLOWEST:.2f} |")
    return rows


def _make_up_words(many: int) -> str:
    return " ".join("".join(random.choices("bcdfghjklmnpqrstvwxz", k=9)) for _ in range(many))


def _looks() -> Iterator[tuple[str, Callable[[Draft], object]]]:
    """Every rule by a name, each reading the draft by itself."""
    for number, look in enumerate(CHECKS, start=1):
        yield f"`{look.__qualname__.split('.')[0]}` ({number})", lambda draft, look=look: list(look(Reading(draft)))  # type: ignore[misc]
    if proofreader := load_proofreader():
        yield "`lint.spelling`", lambda draft: proofreader.proofread(draft.text[:LONGEST])


def _drafts(text: str, unknown: int = 0) -> Iterator[Draft]:
    """No two alike, each with so many words that no other draft has."""
    return (_draft(text.format(f"{number} {_make_up_words(unknown)}".rstrip())) for number in count())


def _draft(text: str) -> Draft:
    interview = Interview.model_validate(INTERVIEW)
    return Draft(
        kind="thank_you",
        text=text,
        interview=interview,
        recipient=interview.interviewers[0],
        other_drafts=(text[::-1],),
    )


def _time(look: Callable[[Draft], object], draft: Draft) -> float:
    """Milliseconds of one look."""
    start = time.perf_counter()
    look(draft)
    return (time.perf_counter() - start) * 1e3
