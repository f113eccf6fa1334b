from base64 import urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from app.store.db import Database, Session
from app.store.endpoints import insert_endpoint, list_endpoints
from app.store.find import NotFound, find_endpoint
from app.store.ids import new_id
from app.store.keys import find_or_insert_account
from app.store.messages import deliveries_of
from app.store.rows import EndpointRow
from app.vault import Vault
from app.webhooks.keyring import SecretInUse, keep_first, read_secrets
from app.webhooks.lanes import hold_lanes
from app.webhooks.outbox import News, disable, publish
from app.webhooks.signing import make_secret, read_secret
from app.webhooks.subscriptions import change_endpoint, ping, remove_endpoint, rotate_secret

NOW = datetime(2026, 12, 2, 14, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
UNKNOWN = "ep_" + "0" * 32
VAULT = Vault([urlsafe_b64encode(bytes(32)).decode()])


@pytest.fixture
def account_id(database: Database) -> str:
    with database.begin() as connection:
        return find_or_insert_account(connection, "default", NOW)


@pytest.fixture
def endpoint(database: Database, account_id: str) -> EndpointRow:
    row = EndpointRow(
        account_id=account_id,
        id=new_id("ep", NOW),
        url="https://hooks.example.com/",
        events=None,
        description=None,
        include_email=False,
        enabled=True,
        disabled_because=None,
        secrets=keep_first(VAULT, make_secret()),
        created_at=NOW,
        updated_at=NOW,
    )
    with database.begin() as connection:
        insert_endpoint(Session(connection, account_id), row)
    return row


def test_what_is_so_already_is_not_written_and_why_it_is_disabled_stays(
    database: Database, endpoint: EndpointRow
) -> None:
    with database.begin() as connection:
        session = Session(connection, endpoint.account_id)
        assert change_endpoint(session, endpoint.id, {"enabled": True}, LATER) == endpoint
        disable(session, endpoint.id, "gone", NOW)
        gone = change_endpoint(session, endpoint.id, {"enabled": False}, LATER)
        assert gone == find_endpoint(session, endpoint.id)
        assert (gone.disabled_because, gone.updated_at) == ("gone", NOW)


def test_an_endpoint_that_was_gone_is_enabled_again(database: Database, endpoint: EndpointRow) -> None:
    with database.begin() as connection:
        session = Session(connection, endpoint.account_id)
        disable(session, endpoint.id, "gone", NOW)
        changed = change_endpoint(session, endpoint.id, {"enabled": True, "url": "https://new.example.com/"}, LATER)
        assert changed == endpoint._replace(url="https://new.example.com/", updated_at=LATER)
        (subscriber,) = hold_lanes(session)
        assert subscriber.endpoint == changed
        assert subscriber.lane.next_at == LATER
        publish(session, [News("plan.changed", {})], LATER)


def test_nobody_changes_what_is_not_there(database: Database, endpoint: EndpointRow) -> None:
    with database.begin() as connection:
        session = Session(connection, endpoint.account_id)
        for change in (
            lambda id: change_endpoint(session, id, {"description": "x"}, NOW),
            lambda id: remove_endpoint(session, id, NOW),
            lambda id: rotate_secret(session, VAULT, id, None, NOW, LATER),
            lambda id: ping(session, id, NOW),
        ):
            for id in (UNKNOWN, "", "\x00", "x" * 10_000):
                with pytest.raises(NotFound):
                    change(id)
        assert list_endpoints(session) == ((endpoint, None),)


def test_a_ping_goes_to_one_endpoint(database: Database, endpoint: EndpointRow) -> None:
    with database.begin() as connection:
        session = Session(connection, endpoint.account_id)
        insert_endpoint(session, endpoint._replace(id=new_id("ep", LATER)))
        message = ping(session, endpoint.id, NOW)
        assert message.type == "ping"
        assert [each.delivery.endpoint_id for each in deliveries_of(session, message.id)] == [endpoint.id]


def test_secrets_that_are_rotated_at_once_all_sign(database: Database, endpoint: EndpointRow) -> None:
    def change_secret(_: int) -> str:
        with database.begin() as connection:
            session = Session(connection, endpoint.account_id)
            return rotate_secret(session, VAULT, endpoint.id, None, NOW, LATER)

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(change_secret, range(8)))
    with database.begin() as connection:
        session = Session(connection, endpoint.account_id)
        kept = find_endpoint(session, endpoint.id).secrets
        with pytest.raises(SecretInUse):
            rotate_secret(session, VAULT, endpoint.id, made[3], NOW, LATER)
    assert set(read_secrets(VAULT, kept, NOW)) >= set(map(read_secret, made))
    assert len(read_secrets(VAULT, kept, NOW)) == 9
