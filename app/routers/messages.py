"""`/v1/messages`: what subscribers were told, and how that went."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Query, Request, Response

from app.answers import answer, link_next, show_full_message, show_message, show_page
from app.auth import MaySubscribe
from app.routing import Router
from app.schemas import FullMessageOut, MessageList, MessageQuery
from app.store.find import find_message
from app.store.messages import MessageFilter, attempts_of, deliveries_of
from app.store.messages import list_messages as read_messages

router = Router(prefix="/v1/messages", tags=["webhooks"])


@router.get("", response_model=MessageList)
def list_messages(request: Request, gate: MaySubscribe, query: Annotated[MessageQuery, Query()]) -> Response:
    """List what subscribers were told, the newest first."""
    wanted = MessageFilter(**query.model_dump(exclude={"limit", "cursor"}))
    with gate.peek(datetime.now(UTC)) as session:
        page = read_messages(session, wanted, limit=query.limit, cursor=query.cursor)
    shown = show_page(map(show_message, page.rows), page.next_cursor)
    return answer(shown, headers=link_next(request, page.next_cursor))


@router.get("/{message_id}", response_model=FullMessageOut)
def get_message(gate: MaySubscribe, message_id: str) -> Response:
    """Read one message: its words, its deliveries, and every attempt at them."""
    with gate.read(datetime.now(UTC)) as session:
        row = find_message(session, message_id)
        deliveries, attempts = deliveries_of(session, row.id), attempts_of(session, row.id)
    return answer(show_full_message(row, deliveries, attempts))
