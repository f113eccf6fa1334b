"""Rows as news: what there is to tell of a follow-up and of a plan. No news names a person."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.rules.workdays import place
from app.store.follow_ups import Pair, differ
from app.store.rows import FollowUpRow, InterviewRow
from app.webhooks.outbox import News

_SHOWN = ("kind", "key", "channel", "opens_at", "due_at", "closes_at", "why")
_REMOVED = {
    True: "The interview was removed, and its follow-ups with it.",
    False: "The facts changed, and nothing asks for it any more.",
}


def tell_due(interview: InterviewRow, row: FollowUpRow, now: datetime, public_url: str) -> News:
    """A follow-up is due, for so long already."""
    late = max((now - row.due_at).total_seconds(), 0)
    data = _show(interview, row) | {
        "late_by_seconds": round(late, 3),
        "email_url": f"{public_url}/v1/follow-ups/{row.id}/email",
    }
    return News("follow_up.due", data, interview.id, row.id, row.due_at)


def tell_missed(interview: InterviewRow, row: FollowUpRow) -> News:
    """The window of a follow-up closed before it was sent."""
    return News("follow_up.missed", _show(interview, row), interview.id, row.id, row.closes_at)


def tell_cancelled(interview: InterviewRow, row: FollowUpRow) -> News:
    """A follow-up that was announced is cancelled by its plan."""
    because = {"cancelled_because": json.loads(row.body)["cancelled_because"]}
    return News("follow_up.cancelled", _show(interview, row) | because, interview.id, row.id)


def tell_removed(interview: InterviewRow, row: FollowUpRow, *, with_interview: bool) -> News:
    """A follow-up that was announced is not there any more, as it was last."""
    because = {"why": _REMOVED[with_interview], "cancelled_because": "removed"}
    # Of an interview that is gone only our ids may stay; the key of a thank-you ends in somebody's name.
    blotted = {"key": row.kind, "external_id": None, "application_ref": None} if with_interview else {}
    return News("follow_up.cancelled", _show(interview, row) | because | blotted, interview.id, row.id)


def tell_plan(interview: InterviewRow, pairs: Sequence[Pair], now: datetime) -> list[News]:
    """A plan is not what it was; nothing where it is."""
    changed = [_show_change(row, row.status) for was, row in pairs if row and not (was and not differ(was, row))]
    changed += [_show_change(was, "removed") for was, row in pairs if was and not row]
    if not changed:
        return []
    open_rows = (row for _, row in pairs if row and row.status == "open" and row.due_at > now)
    next_due_at = min((row.due_at for row in open_rows), default=None)
    where = place(interview.timezone, None, None)
    data = _name(interview) | {
        "next_due_at": next_due_at and where.local(next_due_at).isoformat(),
        "changed": changed,
    }
    return [News("plan.changed", data, interview.id)]


def _name(interview: InterviewRow) -> dict[str, Any]:
    return {
        "interview_id": interview.id,
        "external_id": interview.external_id,
        "application_ref": interview.application_ref,
    }


def _show(interview: InterviewRow, row: FollowUpRow) -> dict[str, Any]:
    body = json.loads(row.body)  # its instants are told as the plan told them
    return _name(interview) | {"follow_up_id": row.id} | {name: body[name] for name in _SHOWN}


def _show_change(row: FollowUpRow, status: str) -> dict[str, Any]:
    return {"follow_up_id": row.id, "key": row.key, "status": status, "due_at": json.loads(row.body)["due_at"]}
