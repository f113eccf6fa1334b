"""How one message would stand among the others: when its window opens, and how many would then be unanswered."""

from datetime import datetime

from app.rules.addressing import find_step
from app.rules.cancelling import COUNTED, last_answer, sent_since
from app.rules.dossier import Dossier
from app.rules.drafts import Standing
from app.rules.facts import Person
from app.rules.history import History, in_order
from app.rules.planner import plan, settle
from app.rules.plans import Channel, Kind
from app.rules.windows import read_case


def stand(known: Dossier, as_of: datetime, kind: Kind, recipient: Person, channel: Channel | None = None) -> Standing:
    """Where a message of a kind to somebody would stand if it went out at `as_of`, as the one plan sees it."""
    planned = plan(*known, as_of)
    step = find_step(planned, known.interview, kind, recipient, channel)
    return Standing(
        as_of=planned.as_of,
        opens_at=step.opens_at if step else None,
        messages=_count_messages(known, kind) if kind in COUNTED else 0,
        limit=known.policy.limit.messages,
        instructed=step is not None and step.cancelled_because == "instructed",
    )


def _count_messages(known: Dossier, kind: Kind) -> int:
    """What went out since the last answer, and this one: another thank-you to a panel is the same message."""
    ordered = in_order(known.events)
    steps = settle(read_case(known.interview, known.policy), ordered).values()
    sent = sent_since(last_answer(History(ordered), steps), steps)
    return len(sent | {"thank_you"}) if kind == "thank_you" else len(sent) + 1
