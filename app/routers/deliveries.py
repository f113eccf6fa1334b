"""`/v1/deliveries`: one message on its way to one endpoint."""

from datetime import UTC, datetime

from fastapi import Response

from app.answers import answer, show_delivery
from app.auth import MaySubscribe
from app.idempotency import Answered, Once
from app.routing import Router
from app.schemas import DeliveryOut
from app.store.db import Session
from app.store.messages import follow
from app.webhooks import recovery

router = Router(prefix="/v1/deliveries", tags=["webhooks"])


@router.post(
    "/{delivery_id}/retry",
    status_code=202,
    response_model=DeliveryOut,
)
def retry_delivery(gate: MaySubscribe, once: Once, delivery_id: str) -> Response:
    """Try a delivery that is settled again, from the beginning of the schedule, with the same `webhook-id`."""
    now = datetime.now(UTC)

    def retry(session: Session) -> Answered:
        recovery.retry_delivery(session, delivery_id, now)
        (delivery,) = follow(session, [delivery_id])
        where = {"Location": f"/v1/messages/{delivery.delivery.message_id}"}
        return Answered(answer(show_delivery(delivery), 202, where))

    return once.run(gate, now, retry)
