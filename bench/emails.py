"""Emails written by the service's own function, against Jinja2 rendering the same templates with the same values.

Twice: about facts that were read before, as they are for the next member of a panel, another tone or a second look; and
about facts that are new in every call, which no cache of ours knows.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from itertools import count, repeat
from typing import Any

import jinja2

from app.drafting import Order, draft_email, take_order, write
from app.rules.dossier import Dossier
from app.rules.drafts import Options
from app.rules.facts import Interview
from app.rules.plans import Kind
from app.rules.policy import load_policies
from bench.examples import INTERVIEW

ROUNDS = 7
INTERVIEWS = 100
AIM = 3
KINDS: tuple[Kind, ...] = ("thank_you", "check_in")
NOW = datetime.fromisoformat("2026-11-20T18:00:00-05:00")
RECIPIENT = "Priya Shah"
POLICY = load_policies()["balanced"]

Call = Callable[[], object]

_fresh = count(1)


def run() -> list[str]:
    """Three rows a kind of email: microseconds of ours and of the templates alone, and the ratio."""
    rows = ["| email | ours | the templates alone | ratio | aim |", "|---|---|---|---|---|"]
    for kind in KINDS:
        renders = [_record(_order(kind, number)) for number in range(INTERVIEWS)]
        known = [_writes(_order(kind, number)) for number in range(INTERVIEWS)]
        rows.append(_row(f"`{kind}`", repeat(known), renders, f"<= {AIM}"))
        rows.append(_row(f"`{kind}`, new facts", _batches(partial(_write_new, kind)), renders, ""))
        drafted = [_drafts(kind, number) for number in range(INTERVIEWS)]
        rows.append(_row(f"`{kind}`, planned and checked", repeat(drafted), renders, ""))
    return rows


def _batches(make: Callable[[int], Call]) -> Iterator[list[Call]]:
    """Calls about one interview each, none of them about one that was written about before."""
    return ([make(batch * INTERVIEWS + number) for number in range(INTERVIEWS)] for batch in _fresh)


def _row(name: str, ours: Iterator[list[Call]], theirs: list[Call], aim: str) -> str:
    _time(next(ours)), _time(theirs)  # both warm
    pairs = [(_time(next(ours)), _time(theirs)) for _ in range(ROUNDS)]
    ratio = statistics.median(mine / other for mine, other in pairs)
    mine, other = (statistics.median(times) for times in zip(*pairs, strict=True))
    return f"| {name} | {mine:,.0f} us | {other:,.0f} us | **{ratio:.1f}** | {aim} |"


def _time(calls: list[Call]) -> float:
    """Microseconds a call."""
    start = time.perf_counter()
    for call in calls:
        call()
    return (time.perf_counter() - start) * 1e6 / len(calls)


def _interview(number: int) -> Interview:
    return Interview.model_validate(_number(INTERVIEW, ("company", "notes", "topics", "insight"), number))


def _number(value: Any, members: tuple[str, ...], number: int, *, inside: bool = False) -> Any:
    """The same facts with a number before the last word of every text in these members."""
    if isinstance(value, dict):
        return {k: _number(v, members, number, inside=inside or k in members) for k, v in value.items()}
    if isinstance(value, list):
        return [_number(each, members, number, inside=inside) for each in value]
    return f" {number} ".join(value.rsplit(" ", 1)) if inside and isinstance(value, str) else value


def _order(kind: Kind, number: int) -> Order:
    return take_order(Dossier(_interview(number), [], POLICY), kind, RECIPIENT, Options(), NOW)


def _write_new(kind: Kind, number: int) -> Call:
    return _writes(_order(kind, number))


def _writes(order: Order) -> Call:
    return lambda: write(order)


def _drafts(kind: Kind, number: int) -> Call:
    known = Dossier(_interview(number), [], POLICY)
    return lambda: draft_email(known, kind, RECIPIENT, Options(), NOW)


def _record(order: Order) -> Call:
    """What renders the templates that an order needs, with the values that it gives them, and does nothing else."""
    with _recording() as renders:
        write(order)

    def render() -> None:
        for template, args, named in renders:
            template.render(*args, **named)

    return render


@contextmanager
def _recording() -> Iterator[list[tuple[jinja2.Template, Any, Any]]]:
    renders: list[tuple[jinja2.Template, Any, Any]] = []
    render = jinja2.Template.render

    def note(template: jinja2.Template, *args: Any, **named: Any) -> str:
        renders.append((template, args, named))
        return render(template, *args, **named)

    jinja2.Template.render = note  # type: ignore[assignment,method-assign]
    try:
        yield renders
    finally:
        jinja2.Template.render = render  # type: ignore[method-assign]
