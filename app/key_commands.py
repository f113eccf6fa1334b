"""What the command line does about keys: create, list, revoke. For whoever runs the service, across its accounts."""

import sys
from argparse import Namespace
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from app.commands import Refusal, open_database
from app.settings import Settings

if TYPE_CHECKING:
    from app.store.rows import KeyRow

LONGEST_NAME = 200
"""Characters, as in `POST /v1/keys`."""

TITLES = ("ID", "NAME", "HINT", "ACCOUNT", "SCOPES", "LAST USED", "STATE")


def create_key(arguments: Namespace) -> None:
    """Make an API key and print it, alone, on standard output."""
    from app import issuing
    from app.store.keys import TEST_SUFFIX

    if arguments.account.endswith(TEST_SUFFIX):
        raise Refusal(f'No account is named "...{TEST_SUFFIX}" by hand: leave that out, and say --test.')
    if not 1 <= len(arguments.name.strip()) <= LONGEST_NAME:
        raise Refusal(f"A name has 1 to {LONGEST_NAME} characters.")
    now, days = datetime.now(UTC), arguments.expires_in_days
    with open_database(Settings.load()) as database, database.begin() as connection:
        key = issuing.create_key(
            connection,
            name=arguments.name.strip(),
            account=arguments.account,
            now=now,
            mode="test" if arguments.test else "live",
            scopes=arguments.scope or issuing.SCOPES,
            expires_at=days and now + timedelta(days=days),
        )
    whose = arguments.account + (TEST_SUFFIX if arguments.test else "")
    print(f"A key for the account {whose}; it is not shown again:", file=sys.stderr)
    print(key)


def list_keys(arguments: Namespace) -> None:
    """List API keys, the oldest first: all of them, or those of one account."""
    from app.store.keys import TEST_SUFFIX, list_all_keys

    with open_database(Settings.load()) as database, database.peek() as connection:
        found = list_all_keys(connection)
    now, whose = datetime.now(UTC), arguments.account
    wanted = [each for each in found if whose is None or each[0] in {whose, whose + TEST_SUFFIX}]
    _print_table([TITLES, *(_tell(account, key, now) for account, key in wanted)])


def revoke_key(arguments: Namespace) -> None:
    """Let nobody in with a key any more."""
    from app import issuing
    from app.store.db import Session
    from app.store.keys import list_all_keys

    with open_database(Settings.load()) as database, database.begin() as connection:
        owners = {key.id: key.account_id for _, key in list_all_keys(connection)}
        if arguments.id not in owners:
            raise Refusal("There is no key with this id: `python -m app keys list` shows them.")
        issuing.revoke_key(Session(connection, owners[arguments.id]), arguments.id, datetime.now(UTC))
    print(f"The key {arguments.id} is revoked.", file=sys.stderr)


def _tell(account: str, key: "KeyRow", now: datetime) -> tuple[str, ...]:
    used = f"{key.last_used_at:%Y-%m-%d %H:%MZ}" if key.last_used_at else "never"
    return key.id, key.name, key.hint or "", account, (key.scopes or "").replace(" ", ","), used, _state(key, now)


def _state(key: "KeyRow", now: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    if key.expires_at is None:
        return "good"
    return "expired" if key.expires_at <= now else f"until {key.expires_at:%Y-%m-%d %H:%MZ}"


def _print_table(rows: Iterable[tuple[str, ...]]) -> None:
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
