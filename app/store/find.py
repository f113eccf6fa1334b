"""The only way to a row: by its id within the session's account, or `NotFound`."""

from typing import Any

from sqlalchemy import Column, Select, bindparam, select

from app.store.db import Session
from app.store.ids import Prefix, is_id
from app.store.rows import DeliveryRow, EndpointRow, EventRow, FollowUpRow, InterviewRow, MessageRow
from app.store.tables import Delivery, Event, FollowUp, Interview, Message, WebhookEndpoint


def _finding(column: Column[Any]) -> dict[bool, Select[Any]]:
    """The statement that finds one row of an account by a column, with and without a lock. Built once: it is hot."""
    table = column.table
    statement = select(table).where(table.c.account_id == bindparam("account_id"), column == bindparam("value"))
    # NO KEY: rows that only refer to this one may still be added meanwhile. SQLite has one writer anyway.
    return {False: statement, True: statement.with_for_update(key_share=True)}


_INTERVIEW = _finding(Interview.__table__.c.id)
_BY_EXTERNAL_ID = _finding(Interview.__table__.c.external_id)
_EVENT = _finding(Event.__table__.c.id)
_FOLLOW_UP = _finding(FollowUp.__table__.c.id)
_ENDPOINT = _finding(WebhookEndpoint.__table__.c.id)
_MESSAGE = _finding(Message.__table__.c.id)
_DELIVERY = _finding(Delivery.__table__.c.id)


class NotFound(LookupError):
    """The account has no such row. Another account's row, an unknown id and no id at all look the same."""

    def __init__(self, what: str, id: str) -> None:
        super().__init__(f"no {what} {id!r}")
        self.what = what
        self.id = id


def find_interview(session: Session, interview_id: str, *, lock: bool = False) -> InterviewRow:
    """The interview; with `lock`, nobody else changes it before this transaction ends."""
    _expect_id("interview", "int", interview_id)
    return _find_seen(session, _INTERVIEW[lock], interview_id)


def find_by_external_id(session: Session, external_id: str, *, lock: bool = False) -> InterviewRow:
    """The interview that the account knows by an id of its own."""
    return _find_seen(session, _BY_EXTERNAL_ID[lock], external_id)


def find_event(session: Session, interview_id: str, event_id: str) -> EventRow:
    """The event, if it is one of this interview's."""
    _expect_id("event", "evt", event_id)
    row = EventRow._make(_one(session, "event", _EVENT[False], event_id))
    if row.interview_id != interview_id:
        raise NotFound("event", event_id)
    return row


def find_follow_up(session: Session, follow_up_id: str, *, lock: bool = False) -> FollowUpRow:
    """The follow-up, of whichever interview."""
    _expect_id("follow-up", "fu", follow_up_id)
    row = FollowUpRow._make(_one(session, "follow-up", _FOLLOW_UP[lock], follow_up_id))
    if session.subject is not None:
        _expect_seen(session, row)
    return row


def find_endpoint(session: Session, endpoint_id: str) -> EndpointRow:
    """The webhook endpoint. Whoever changes it holds its lane, and finds it there."""
    _expect_id("webhook endpoint", "ep", endpoint_id)
    return EndpointRow._make(_one(session, "webhook endpoint", _ENDPOINT[False], endpoint_id))


def find_message(session: Session, message_id: str) -> MessageRow:
    """The message, of whatever type."""
    _expect_id("message", "msg", message_id)
    return MessageRow._make(_one(session, "message", _MESSAGE[False], message_id))


def find_delivery(session: Session, delivery_id: str) -> DeliveryRow:
    """The delivery, to whichever endpoint."""
    _expect_id("delivery", "dlv", delivery_id)
    return DeliveryRow._make(_one(session, "delivery", _DELIVERY[False], delivery_id))


def _find_seen(session: Session, statement: Select[Any], value: str) -> InterviewRow:
    row = InterviewRow._make(_one(session, "interview", statement, value))
    if session.subject is not None and not session.subject.covers(row):
        raise NotFound("interview", value)
    return row


def _expect_seen(session: Session, row: FollowUpRow) -> None:
    try:
        find_interview(session, row.interview_id)
    except NotFound:
        raise NotFound("follow-up", row.id) from None


def _expect_id(what: str, prefix: Prefix, id: str) -> None:
    # Before any query: what is no id may be anything, even a text that a database refuses.
    if not is_id(prefix, id):
        raise NotFound(what, id)


def _one(session: Session, what: str, statement: Select[Any], value: str) -> Any:
    given = {"account_id": session.account_id, "value": value}
    row = session.connection.execute(statement, given).one_or_none()
    if row is None:
        raise NotFound(what, value)
    return row
