"""What the command line does. A command imports what it needs where it needs it, so that each starts quickly:
`migrate` without the web, a second `serve` without alembic.
"""

import asyncio
import gc
import json
import signal
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from app.store.db import Database
    from app.vault import Vault
    from app.worker import Worker

GRACE_SECONDS = 8  # for requests under way when told to stop; meanwhile the worker inside finishes, within 20
COLLECT_EVERY = 50_000, 20, 50  # objects, young collections, older collections; 700, 10, 10 is usual
UNDEFINED_TABLE = "42P01"  # what PostgreSQL calls it


class Refusal(Exception):
    """A command that cannot be carried out; its text is the whole message."""


def serve(arguments: Namespace) -> None:
    """Answer requests until told to stop."""
    from app import logs
    from app.serving import AppServer
    from app.store.db import Database
    from app.vault import open_vault

    given = {name: value for name in ("host", "port") if (value := getattr(arguments, name)) is not None}
    settings = Settings.load(**given)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # until the server runs, which stops by itself
    app = _application(settings, with_worker=not arguments.no_worker)
    with _plain_errors():
        open_vault(settings)
        Database(settings.database_url)  # nothing is opened: it is only seen whether the address can be right
    if settings.embedded:
        _welcome(settings)
        _open_vault(settings)  # of a server's database, which may be away, the worker inside sees to it
    _settle_memory()
    server = AppServer(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,  # its lines would hold addresses as they were sent
        ws="none",  # so would those about WebSockets, which it logs in any case
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        log_config=logs.configuration(settings.log_level, settings.log_format),
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server.run()
    if app.state.worker_has_died:
        sys.exit(1)


def worker(_: Namespace) -> None:
    """Announce what falls due, and deliver it, until told to stop."""
    import logging.config

    import uvloop

    from app import logs
    from app.bell import Bell
    from app.rules.policy import load_policies
    from app.store.db import Database
    from app.worker import Worker

    settings = Settings.load()
    logging.config.dictConfig(logs.configuration(settings.log_level, settings.log_format))
    with _plain_policies():
        policies = load_policies(settings.policies_dir)
    vault = _open_vault(settings)
    _show_metrics(settings)
    database = Database(settings.database_url)
    _settle_memory()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_work(Worker(settings, database, policies, vault, Bell())))
    database.dispose()


def _settle_memory() -> None:
    """Let the garbage collector pass over what was loaded: each look at all of it stops everything for 0.1 seconds.

    It looks seldom, too: at its usual pace a tenth to a third of the time of a burst is spent on looking in vain.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_EVERY)


def _show_metrics(settings: Settings) -> None:
    from prometheus_client import start_http_server

    if settings.metrics_port:
        try:
            start_http_server(settings.metrics_port, settings.host)
        except OSError as error:
            raise Refusal(f"Metrics cannot be shown at port {settings.metrics_port}: {error}") from None


def _open_vault(settings: Settings) -> "Vault":
    """The vault, seen to open what is kept. Raises Refusal."""
    from app.vault import open_vault
    from app.worker.worker import WrongKey, check_vault

    vault = open_vault(settings)
    with open_database(settings) as database:
        _require_current(database)
        try:
            check_vault(database, vault)
        except WrongKey as error:
            raise Refusal(f"{error}.") from None
    return vault


async def _work(worker: "Worker") -> None:
    """Run a worker until a signal stops it."""
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, worker.stop)
    await worker.run()


def migrate(_: Namespace) -> None:
    """Bring the database to the newest schema."""
    from app.store.migrate import upgrade

    with _plain_errors():
        upgrade(Settings.load().database_url)
    print("The database is up to date.", file=sys.stderr)


def reseal(_: Namespace) -> None:
    """Seal all webhook secrets with the newest AFTERWORD_SECRET_KEY, so that older ones may go."""
    from app.store import keys
    from app.store.db import Session
    from app.vault import Sealed, open_vault
    from app.webhooks.subscriptions import reseal_secrets

    settings, count = Settings.load(), 0
    vault = open_vault(settings)
    with open_database(settings) as database:
        with database.peek() as connection:
            accounts = keys.list_accounts(connection)
        for account_id in accounts:
            try:
                with database.begin() as connection:
                    count += reseal_secrets(Session(connection, account_id), vault)
            except Sealed as error:
                raise Refusal(f"A secret of the account {account_id} is {error}: put the older key back.") from None
    print(f"The secrets of {count} endpoints are sealed with the newest key.", file=sys.stderr)


def openapi(arguments: Namespace) -> None:
    """Print the OpenAPI document, or write it to a file."""
    text = json.dumps(_application(Settings.load()).openapi(), indent=2, ensure_ascii=False) + "\n"
    if arguments.output:
        arguments.output.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


def _application(settings: Settings, *, with_worker: bool = False) -> "FastAPI":
    from app.main import create_app

    with _plain_policies():
        return create_app(settings, with_worker=with_worker)


@contextmanager
def _plain_policies() -> Iterator[None]:
    """A policy that cannot be used is said in one line."""
    from app.rules.policy import PolicyError

    try:
        yield
    except PolicyError as error:
        raise Refusal(str(error)) from None


def _require_current(database: "Database") -> None:
    from app.store.migrate import is_current

    with database.read() as connection:
        if not is_current(connection):
            raise Refusal("The database is not at the newest migration: run `python -m app migrate` first.")


def _welcome(settings: Settings) -> None:
    """Set up a database of our own, and hand out its first key."""
    from app import issuing
    from app.store import keys

    with open_database(settings) as database, database.begin() as connection:
        if keys.has_keys(connection):
            return
        key = issuing.create_key(connection, name="first start", account="default", now=datetime.now(UTC))
    print(f"\n    Your API key, shown this once: {key}\n", flush=True)


@contextmanager
def open_database(settings: Settings) -> Iterator["Database"]:
    """The database, ready to use: an embedded one is migrated first, a server is its operator's to migrate."""
    from app.store.db import Database
    from app.store.migrate import upgrade

    with _plain_errors():
        if settings.embedded:
            upgrade(settings.database_url)
        database = Database(settings.database_url)
        try:
            yield database
        finally:
            database.dispose()


@contextmanager
def _plain_errors() -> Iterator[None]:
    """A database that is not there or not set up is said in one line."""
    from sqlalchemy.exc import OperationalError, ProgrammingError

    try:
        yield
    except OperationalError as error:
        raise Refusal(f"The database cannot be used: {error.orig}") from None
    except (ValueError, OSError) as error:
        raise Refusal(f"The database cannot be used: {error}") from None
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != UNDEFINED_TABLE:
            raise
        raise Refusal("The database is not set up yet: run `python -m app migrate` first.") from None
