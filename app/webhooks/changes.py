"""What subscribers hear when plans change: what was announced is taken back, and each plan that differs is told."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from app.store.db import Session
from app.store.follow_ups import Replacement
from app.store.rows import FollowUpRow, InterviewRow
from app.webhooks.news import tell_cancelled, tell_plan, tell_removed
from app.webhooks.outbox import News, cancel, publish


class Change(NamedTuple):
    """An interview whose follow-ups were planned anew, or went with it when it was `removed`."""

    interview: InterviewRow
    replacement: Replacement
    removed: bool = False

    def taken_back(self) -> list[tuple[FollowUpRow, FollowUpRow | None]]:
        """The follow-ups that were announced as due and are not any more, before and after."""
        after = {row.id: row for row in self.replacement.after}
        announced = ((was, after.get(was.id)) for was in self.replacement.before if self._is_announced(was))
        return [(was, row) for was, row in announced if not (row and row.announced_due_at)]

    def _is_announced(self, was: FollowUpRow) -> bool:
        # Of what was told as missed nothing is left to take back, once its interview goes.
        is_over = self.removed and was.announced_closes_at == was.closes_at
        return was.announced_due_at is not None and not is_over


def publish_changes(session: Session, changes: Sequence[Change], now: datetime, also: Sequence[News] = ()) -> None:
    """Tell subscribers of changes, and of whatever else there is. Call it last: it holds the account's lanes."""
    cancel(session, [was.id for change in changes for was, _ in change.taken_back()], now)
    publish(session, [*(news for change in changes for news in _tell(change, now)), *also], now)


def _tell(change: Change, now: datetime) -> Iterator[News]:
    for was, row in change.taken_back():
        if row is None:
            yield tell_removed(change.interview, was, with_interview=change.removed)
        elif row.status == "cancelled":
            yield tell_cancelled(change.interview, row)
    if not change.removed:
        yield from tell_plan(change.interview, change.replacement.pairs(), now)
