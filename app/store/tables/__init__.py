"""Every table. `account_id` stands first in keys and indexes, so that the rows can be spread by account."""

from sqlalchemy import String
from sqlmodel import AutoString

from app.store.tables.base import metadata
from app.store.tables.callers import Account, Allowance, ApiKey, ClientToken, KeptAnswer
from app.store.tables.interviews import Event, FollowUp, Interview
from app.store.tables.webhooks import Attempt, Delivery, Lane, Message, Pending, Recovery, WebhookEndpoint

__all__ = [
    "Account",
    "Allowance",
    "ApiKey",
    "Attempt",
    "ClientToken",
    "Delivery",
    "Event",
    "FollowUp",
    "Interview",
    "KeptAnswer",
    "Lane",
    "Message",
    "Pending",
    "Recovery",
    "WebhookEndpoint",
    "metadata",
]

for _column in (column for table in metadata.tables.values() for column in table.c):
    if isinstance(_column.type, AutoString):
        _column.type = String()  # SQLModel's own type looks at every text that is read, which takes a tenth of a query
