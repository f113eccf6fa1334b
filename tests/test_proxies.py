"""Who is counted, and which origin is our own, with and without a proxy in front."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from httpx import Client
from sqlalchemy import select

from app.limits import Limiter
from app.store.db import Database
from app.store.tables import Allowance
from tests.conftest import SECRET_KEY
from tests.faults.processes import PATIENCE, api

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
"""There it can be seen who was counted."""

PEER = "127.0.0.1"
CASES = (
    (["203.0.113.1"], "203.0.113.1"),
    (["203.0.113.2:4711"], "203.0.113.2"),
    (["203.0.113.3, 10.1.2.3"], "203.0.113.3"),
    (["203.0.113.4", "10.1.2.3"], "203.0.113.4"),
    (["[2001:db8:1::1]:4711"], "2001:db8:1::1"),
    (["2001:db8:2::1, 10.1.2.3, 127.0.0.1"], "2001:db8:2::1"),
    # What stands before the last that is not trusted, anybody may have written.
    (["198.51.100.1, 203.0.113.5"], "203.0.113.5"),
    (["127.0.0.1, 10.1.2.3, 203.0.113.6"], "203.0.113.6"),
    (["198.51.100.1", "198.51.100.2, 203.0.113.7, 10.1.2.3"], "203.0.113.7"),
    # Nobody is named: it is the proxy.
    ([""], PEER),
    (["203.0.113.8,"], PEER),
    # What is no address is counted as one.
    (["unknown"], "unknown"),
    (["203.0.113.9, \xff; DROP TABLE allowance"], "unknown"),
    ([f"203.0.113.9, {'1' * 5000}"], "unknown"),
)
"""What proxies say, and who is counted."""


@contextmanager
def behind(database_url: str, folder: Path, trusted_proxies: str) -> Iterator[Client]:
    """Somebody who comes from this machine, as a proxy on it would."""
    with (
        api(database_url, folder, "--no-worker", trusted_proxies=trusted_proxies) as (_, address),
        Client(base_url=address, timeout=PATIENCE) as client,
    ):
        yield client


def ask(client: Client, forwarded: Iterable[str]) -> None:
    headers = [(b"X-Forwarded-For", each.encode("latin-1")) for each in forwarded]
    assert client.get("/v1/policies", headers=headers).status_code == 200


def counted(database: Database) -> set[str]:
    """Everybody who was."""
    with database.read() as connection:
        return set(connection.execute(select(Allowance.__table__.c.subject)).scalars())


def named(database: Database, *addresses: str) -> set[str]:
    """As what these addresses are counted."""
    limiter = Limiter(database, SECRET_KEY)
    return {limiter.name_address(address) for address in addresses}


@pytest.mark.parametrize("trusted", ["", "10.0.0.0/8,192.0.2.1"])
def test_a_peer_that_is_no_trusted_proxy_is_counted_itself_whatever_it_says(
    database_url: str, database: Database, tmp_path: Path, trusted: str
) -> None:
    with behind(database_url, tmp_path, trusted) as client:
        for forwarded, _ in CASES:
            ask(client, forwarded)
    assert counted(database) == named(database, PEER)


def test_behind_trusted_proxies_the_last_address_that_is_none_of_theirs_is_counted(
    database_url: str, database: Database, tmp_path: Path
) -> None:
    before: set[str] = set()
    with behind(database_url, tmp_path, "127.0.0.0/8, 10.0.0.0/8") as client:
        for forwarded, address in CASES:
            ask(client, forwarded)
            assert counted(database) == before | named(database, address), forwarded
            before = counted(database)


@pytest.mark.parametrize("trusted", ["", "127.0.0.1"])
def test_the_origin_is_our_own_if_a_trusted_proxy_says_how_it_was_reached(
    database_url: str, key: str, tmp_path: Path, trusted: str
) -> None:
    with behind(database_url, tmp_path, trusted) as client:
        client.headers.update({"Authorization": f"Bearer {key}", "Host": "afterword.example"})

        def status(origin: str, **headers: str) -> int:
            sent = {"Origin": origin} | {name.replace("_", "-"): value for name, value in headers.items()}
            return client.get("/v1/interviews", headers=sent).status_code

        assert status("http://afterword.example") == 200
        assert status("https://afterword.example") == 403
        assert status("https://afterword.example", X_Forwarded_Proto="https") == (200 if trusted else 403)
        assert status("https://evil.example", X_Forwarded_Proto="https", X_Forwarded_Host="evil.example") == 403
        assert status("http://afterword.example", X_Forwarded_Proto="gopher, https") == 200
