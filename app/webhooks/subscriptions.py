"""What becomes of an endpoint when its owner changes it, whatever waits in its lane."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.store.db import Session
from app.store.endpoints import delete_endpoint, forgive, replace_endpoint
from app.store.find import NotFound
from app.store.rows import EndpointRow, MessageRow
from app.vault import Sealed, Vault
from app.webhooks.keyring import SecretInUse, read_secrets, reseal, rotate
from app.webhooks.lanes import hold_lanes, wake
from app.webhooks.outbox import News, cancel_pending, disable, publish_to
from app.webhooks.signing import make_secret, read_secret


def hold_endpoint(session: Session, endpoint_id: str) -> EndpointRow:
    """The endpoint, held with all lanes of its account until the transaction ends. Raises NotFound."""
    for subscriber in hold_lanes(session):
        if subscriber.endpoint.id == endpoint_id:
            return subscriber.endpoint
    raise NotFound("webhook endpoint", endpoint_id)


def change_endpoint(session: Session, endpoint_id: str, changes: Mapping[str, Any], now: datetime) -> EndpointRow:
    """Give columns of an endpoint these values. Disabled, it holds what waits; enabled, it begins anew.

    Raises NotFound. What is so already writes nothing.
    """
    row = hold_endpoint(session, endpoint_id)
    changed = row._replace(**changes)
    if changed == row:
        return row
    changed = changed._replace(updated_at=now.astimezone(UTC))
    if changed.enabled == row.enabled:
        replace_endpoint(session, changed)
        if changed.url != row.url:  # what the old address did is no fault of the new one's
            forgive(session, row.id)
    elif changed.enabled:
        changed = changed._replace(disabled_because=None)
        _enable(session, changed, now)
    else:
        changed = changed._replace(disabled_because="owner")
        disable(session, endpoint_id, "owner", now)
        replace_endpoint(session, changed)
    return changed


def _enable(session: Session, row: EndpointRow, now: datetime) -> None:
    replace_endpoint(session, row)
    forgive(session, row.id)
    wake(session, [row.id], now)


def remove_endpoint(session: Session, endpoint_id: str, now: datetime) -> None:
    """Forget an endpoint, and send nothing more of what waits for it. Raises NotFound."""
    hold_endpoint(session, endpoint_id)
    cancel_pending(session, endpoint_id, now)
    delete_endpoint(session, endpoint_id)


def rotate_secret(
    session: Session, vault: Vault, endpoint_id: str, brought: str | None, now: datetime, until: datetime
) -> str:
    """Sign with another secret, the one that was brought or a new one; those before sign beside it `until` then.

    Raises NotFound, BadSecret, SecretInUse, TooManySecrets.
    """
    row = hold_endpoint(session, endpoint_id)
    if brought is not None and _signs(vault, row, read_secret(brought), now):
        raise SecretInUse
    secret = brought or make_secret()
    secrets = rotate(vault, row.secrets, secret, now, until.astimezone(UTC))
    replace_endpoint(session, row._replace(secrets=secrets, updated_at=now.astimezone(UTC)))
    return secret


def _signs(vault: Vault, row: EndpointRow, key: bytes, now: datetime) -> bool:
    try:
        return key in read_secrets(vault, row.secrets, now)
    except Sealed:  # none of them can be opened any more, and this one is to help
        return False


def reseal_secrets(session: Session, vault: Vault) -> int:
    """Seal every secret of the account with the newest key; says how many endpoints it has. Raises Sealed."""
    subscribers = hold_lanes(session)
    for row, _ in subscribers:
        replace_endpoint(session, row._replace(secrets=reseal(vault, row.secrets)))
    return len(subscribers)


def ping(session: Session, endpoint_id: str, now: datetime) -> MessageRow:
    """Send an endpoint a message that means nothing, whatever it subscribed to. Raises NotFound."""
    return publish_to(session, endpoint_id, News("ping", {"endpoint_id": endpoint_id}), now)
