"""Keys and client tokens as the tests of the API ask for them, and somebody who calls with one."""

import json
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy import select

from app.issuing import SCOPES, create_key, issue_token
from app.store.db import Database, Session
from app.store.keys import change_account, find_account, find_or_insert_account
from app.store.rows import Action, Scope, Subject
from app.store.tables import ApiKey
from tests.northwind import Json

ORIGIN = "https://jobs.example.com"
KEYS, TOKENS, ACCOUNT, ME = "/v1/keys", "/v1/client-tokens", "/v1/account", "/v1/me"


def caller(app: FastAPI, credential: str, origin: str | None = None) -> AsyncClient:
    """Somebody with a key, or a page of this origin with a client token."""
    headers = {"Authorization": f"Bearer {credential}"} | ({} if origin is None else {"Origin": origin})
    return AsyncClient(transport=ASGITransport(app), base_url="http://test", headers=headers)


def give_key(database: Database, *, scopes: Collection[Scope] = SCOPES, account: str = "default", **more: Any) -> str:
    """A key as the command line makes it."""
    now = datetime.now(UTC)
    with database.begin() as connection:
        return create_key(connection, name="tests", account=account, now=now, scopes=scopes, **more)


def give_token(
    database: Database,
    *,
    actions: Sequence[Action] = ("read",),
    interview_id: str | None = None,
    candidate_email: str | None = None,
    origins: Collection[str] = (ORIGIN,),
    now: datetime | None = None,
) -> str:
    """A client token of the account `default`, made by the key that it has."""
    now = now or datetime.now(UTC)
    subject = Subject(interview_id, candidate_email)
    with database.begin() as connection:
        session = Session(connection, find_or_insert_account(connection, "default", now))
        table = ApiKey.__table__
        key_id = (
            connection.execute(select(table.c.id).where(table.c.account_id == session.account_id)).scalars().first()
        )
        assert key_id is not None
        let_in(session, *origins)
        ends = now + timedelta(hours=1)
        return issue_token(session, key_id, subject, actions=actions, origins=origins, now=now, expires_at=ends)[1]


def let_in(session: Session, *origins: str) -> None:
    """Have the account list these pages, beside those that it lists."""
    listed = {*json.loads(find_account(session).allowed_origins), *origins}
    change_account(session, {"allowed_origins": json.dumps(sorted(listed))})


async def allow(client: AsyncClient, *origins: str) -> None:
    """Let client tokens be made for these pages."""
    response = await client.patch(ACCOUNT, json={"allowed_origins": origins})
    assert response.status_code == 200, response.text


async def make_key(client: AsyncClient, **members: Any) -> Json:
    """A key as it was answered."""
    response = await client.post(KEYS, json={"name": "mine"} | members)
    assert response.status_code == 201, response.text
    made: Json = response.json()
    return made


async def make_token(client: AsyncClient, **members: Any) -> Json:
    """A client token as it was answered."""
    response = await client.post(TOKENS, json={"actions": ["read"], "origins": [ORIGIN]} | members)
    assert response.status_code == 201, response.text
    made: Json = response.json()
    return made
