"""`/v1/webhook-endpoints`: where an account's webhooks go, with which secret, and what went there."""

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Query, Request, Response

from app.answers import (
    answer,
    link_next,
    show_delivery,
    show_endpoint,
    show_page,
    show_recovery,
    show_secret,
)
from app.auth import Gate, MaySubscribe, require_scopes
from app.dependencies import TheGuard, TheSettings, TheVault
from app.errors import Problem
from app.idempotency import Answered, Once
from app.routing import Router
from app.schemas import (
    DeliveryList,
    DeliveryOut,
    DeliveryQuery,
    EndpointCreatedOut,
    EndpointIn,
    EndpointList,
    EndpointOut,
    EndpointPatch,
    RecoverRequest,
    RecoveryOut,
    RotateRequest,
    SecretOut,
)
from app.store.db import Session
from app.store.endpoints import find_failing_since, insert_endpoint
from app.store.endpoints import list_endpoints as read_endpoints
from app.store.find import find_endpoint
from app.store.ids import new_id
from app.store.kept_answers import forget_answers
from app.store.messages import deliveries_of, list_deliveries
from app.store.rows import EndpointRow
from app.webhooks import subscriptions
from app.webhooks.keyring import keep_first
from app.webhooks.recovery import start_recovery
from app.webhooks.signing import make_secret, read_secret
from app.webhooks.subscriptions import change_endpoint, remove_endpoint
from app.wording import Fault

router = Router(prefix="/v1/webhook-endpoints", tags=["webhooks"])


@router.post("", status_code=201, response_model=EndpointCreatedOut)
def create_endpoint(gate: MaySubscribe, once: Once, guard: TheGuard, vault: TheVault, endpoint: EndpointIn) -> Response:
    """Subscribe an address to events. Its secret is answered here and never again."""
    secret, now = endpoint.secret or make_secret(), datetime.now(UTC)
    read_secret(secret)
    if (again := once.recall(gate, now)) is not None:  # for nobody unknown is a name looked up, and for nobody twice
        return again
    guard.vet(endpoint.url)  # outside any transaction: it may take seconds
    row = EndpointRow(
        account_id="",
        id=new_id("ep", now),
        url=endpoint.url,
        events=json.dumps(endpoint.events) if endpoint.events else None,
        description=endpoint.description,
        include_email=endpoint.include_email,
        enabled=endpoint.enabled,
        disabled_because=None if endpoint.enabled else "owner",
        secrets=keep_first(vault, secret),
        created_at=now,
        updated_at=now,
    )

    def subscribe(session: Session) -> Answered:
        _require_email_scope(gate, session, now, wanted=endpoint.include_email)
        insert_endpoint(session, row._replace(account_id=session.account_id))
        shown = show_endpoint(row, None, secret)
        return Answered(answer(shown, 201, {"Location": f"{router.prefix}/{row.id}"}), row.id)

    return once.run(gate, now, subscribe)


@router.get("", response_model=EndpointList)
def list_endpoints(gate: MaySubscribe) -> Response:
    """Every endpoint of the account, the oldest first."""
    with gate.peek(datetime.now(UTC)) as session:
        found = read_endpoints(session)
    return answer(show_page(show_endpoint(row, failing_since) for row, failing_since in found))


@router.get("/{endpoint_id}", response_model=EndpointOut)
def get_endpoint(gate: MaySubscribe, endpoint_id: str) -> Response:
    """Read one endpoint, and whether it is failing."""
    with gate.read(datetime.now(UTC)) as session:
        row = find_endpoint(session, endpoint_id)
        return answer(show_endpoint(row, find_failing_since(session, row.id)))


@router.patch("/{endpoint_id}", response_model=EndpointOut)
def patch_endpoint(gate: MaySubscribe, guard: TheGuard, endpoint_id: str, patch: EndpointPatch) -> Response:
    """Change an endpoint by a merge patch (RFC 7396). Disabled, it holds what waits; enabled, it begins anew."""
    changes = patch.model_dump(exclude_unset=True)
    if changes.get("events"):
        changes["events"] = json.dumps(changes["events"])
    now = datetime.now(UTC)
    if "url" in changes:
        with gate.peek(now) as session:
            find_endpoint(session, endpoint_id)
        guard.vet(changes["url"])
    with gate.begin(now) as session:
        row = change_endpoint(session, endpoint_id, changes, now)
        is_redirected = not changes.keys().isdisjoint({"url", "include_email"})
        _require_email_scope(gate, session, now, wanted=row.include_email and is_redirected)
        failing_since = find_failing_since(session, row.id)
    return answer(show_endpoint(row, failing_since))


@router.delete("/{endpoint_id}", status_code=204)
def delete_endpoint(gate: MaySubscribe, endpoint_id: str) -> Response:
    """Unsubscribe an address; what still waits for it is cancelled."""
    now = datetime.now(UTC)
    with gate.begin(now) as session:
        remove_endpoint(session, endpoint_id, now)
        forget_answers(session, [endpoint_id])
    return Response(status_code=204)


@router.post("/{endpoint_id}/rotate-secret", response_model=SecretOut)
def rotate_secret(
    gate: MaySubscribe,
    once: Once,
    vault: TheVault,
    settings: TheSettings,
    endpoint_id: str,
    body: RotateRequest | None = None,
) -> Response:
    """Sign with a new secret. For a while those before sign, too, so that a receiver can change over."""
    asked, now = body or RotateRequest(), datetime.now(UTC)
    overlap = settings.webhook_overlap_seconds if asked.overlap_seconds is None else asked.overlap_seconds
    until = now + timedelta(seconds=overlap)

    def rotate(session: Session) -> Answered:
        secret = subscriptions.rotate_secret(session, vault, endpoint_id, asked.secret, now, until)
        return Answered(answer(show_secret(secret, until)), endpoint_id)

    return once.run(gate, now, rotate)


@router.post("/{endpoint_id}/test", status_code=202, response_model=DeliveryOut)
def ping_endpoint(gate: MaySubscribe, once: Once, endpoint_id: str) -> Response:
    """Send a `ping` to try an endpoint out, whatever it subscribed to. A disabled one gets it once it is enabled."""
    now = datetime.now(UTC)

    def ping(session: Session) -> Answered:
        message = subscriptions.ping(session, endpoint_id, now)
        (delivery,) = deliveries_of(session, message.id)
        return Answered(answer(show_delivery(delivery), 202, {"Location": f"/v1/messages/{message.id}"}), endpoint_id)

    return once.run(gate, now, ping)


@router.post("/{endpoint_id}/recover", status_code=202, response_model=RecoveryOut)
def recover_endpoint(gate: MaySubscribe, once: Once, endpoint_id: str, body: RecoverRequest) -> Response:
    """Send again what an endpoint missed since a moment. It goes on by itself, and survives a crash."""
    now = datetime.now(UTC)
    if body.since > now:
        raise Problem.invalid(Fault("must not lie ahead of now", pointer="/since"))

    def recover(session: Session) -> Answered:
        recovery = start_recovery(session, endpoint_id, body.since, now)
        return Answered(answer(show_recovery(recovery), 202), endpoint_id)

    return once.run(gate, now, recover)


@router.get("/{endpoint_id}/deliveries", response_model=DeliveryList)
def list_endpoint_deliveries(
    request: Request, gate: MaySubscribe, endpoint_id: str, query: Annotated[DeliveryQuery, Query()]
) -> Response:
    """List what goes or went to an endpoint, the newest first."""
    with gate.read(datetime.now(UTC)) as session:
        row = find_endpoint(session, endpoint_id)
        page = list_deliveries(session, row.id, query.state, limit=query.limit, cursor=query.cursor)
    shown = show_page(map(show_delivery, page.rows), page.next_cursor)
    return answer(shown, headers=link_next(request, page.next_cursor))


def _require_email_scope(gate: Gate, session: Session, now: datetime, *, wanted: bool) -> None:
    """Whoever says where emails are sent may read emails. Raises Forbidden, and nothing is changed."""
    if wanted:
        require_scopes(gate.recall(session.connection, now), ["emails"])
