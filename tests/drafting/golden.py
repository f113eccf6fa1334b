"""The emails that are kept to be read: one interview at every stage, under every policy, as each kind of email.

`python -m tests.drafting.golden` writes `tests/golden` anew; read what it changes aloud before you commit it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any, get_args

from app.drafting import draft_email
from app.examples import INTERVIEW
from app.rules.dossier import Dossier
from app.rules.drafts import Email, Intent, Options
from app.rules.facts import Change, Event, Interview, SituationChanged, Stage
from app.rules.plans import Kind
from app.rules.policy import load_policies

FOLDER = Path(__file__).parent.parent / "golden"
POLICIES = load_policies()
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = {"respond_by": "2026-11-30", "occurred_at": "2026-11-23T10:00:00-05:00"}
BARE: dict[str, Any] = {
    "fit": None,
    "contribution": None,
    "understanding": None,
    "revisit": [],
    "concerns": [],
    "questions": [],
}

VARIANTS: dict[Kind, dict[str, dict[str, Any]]] = {
    "thank_you": {
        "": {},
        ".formal": {"tone": "formal"},
        ".short": {"length": "short"},
        ".card": {"channel": "card"},
    },
    "check_in": {"": {}, ".formal": {"tone": "formal"}, ".phone": {"channel": "phone"}},
    "final_check_in": {"": {}, ".phone": {"channel": "phone"}},
    "offer_reply": {f".{intent}": {"intent": intent} for intent in get_args(Intent)}
    | {".more_time.until": {"intent": "more_time", "until": "2026-12-11"}, ".formal": {"tone": "formal"}},
    "rejection_reply": {"": {}, ".with_feedback": {"with_feedback": True}},
    "feedback_request": {"": {}},
    "situation_update": {f".{change}": {} for change in get_args(Change)},
}


def golden() -> dict[str, str]:
    """Every text that differs from those before it, by the name of its file."""
    found: dict[str, str] = {}
    for kind, variants in VARIANTS.items():
        for n, (variant, options) in enumerate(variants.items()):
            # The first variant at every stage under every policy, the others once.
            rounds = product(get_args(Stage), POLICIES) if n == 0 else [("panel", "balanced")]
            for (stage, policy), bare in product(rounds, (False, True)):
                text = "\n".join(_write(kind, variant, options, told(stage, policy, bare=bare)))
                if text not in found.values():
                    found[f"{kind}{variant}.{stage}.{policy}{'.bare' if bare else ''}.txt"] = text
    return found


def told(stage: Stage, policy: str, *, bare: bool = False) -> Interview:
    """The interview of the documents at another stage; bare, with one topic each and nothing else noted down."""
    people: list[dict[str, Any]] = INTERVIEW["interviewers"]
    present = {"phone_screen": people[2:], "first_round": people[:1]}.get(stage, people)
    given = INTERVIEW | {"stage": stage, "policy": policy, "interviewers": present}
    if bare:
        present = [who | {"insight": None} for who in present]
        notes = INTERVIEW["notes"] | BARE | {"references": [], "topics": []}
        given |= {"interviewers": present, "notes": notes, "decision_by": None}
    return Interview.model_validate(given)


def _write(kind: Kind, variant: str, options: dict[str, Any], interview: Interview) -> Iterator[str]:
    names = [who.name for who in interview.interviewers] if kind == "thank_you" else [None]
    for name in names:
        events = list(_events(kind, variant))
        chosen = Options.model_validate(options)
        yield _show(draft_email(Dossier(interview, events, POLICIES[interview.policy]), kind, name, chosen, NOW))


def _events(kind: Kind, variant: str) -> Iterator[Event]:
    if kind == "situation_update":
        change = variant.removeprefix(".")
        detail = "I am moving to Boston in the new year" if change == "other" else None
        yield SituationChanged.model_validate(LATER | {"change": change, "detail": detail})


def _show(email: Email) -> str:
    return f"To: {email.to[0].name}\nSubject: {email.subject}\n\n{email.text}"


def write() -> None:
    """Write the files anew."""
    FOLDER.mkdir(exist_ok=True)
    for file in FOLDER.glob("*.txt"):
        file.unlink()
    for name, text in golden().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
