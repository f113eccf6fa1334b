"""A worker: its loops, and how it stops."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy.exc import SQLAlchemyError

from app.bell import Bell
from app.scheduling import Policies
from app.settings import Settings
from app.store.db import Database
from app.store.endpoints import find_any_secrets
from app.vault import Sealed, Vault
from app.webhooks.fairness import Limits
from app.webhooks.guard import Guard
from app.webhooks.keyring import read_secrets
from app.webhooks.leasing import Leased
from app.webhooks.retry import read_schedule
from app.webhooks.sender import Sender
from app.worker.alarms import Alarm, keep_going, report, rest
from app.worker.announcer import Announcer
from app.worker.attempter import Attempter
from app.worker.caretaker import Caretaker
from app.worker.courier import Courier
from app.worker.dispatcher import Dispatcher
from app.worker.enclosing import enclose
from app.worker.forgetting import Forgetter
from app.worker.threads import EMAILS, LOOPS, Threads

GRACE_SECONDS = 5
"""For settling, on top of what an attempt may take, once it is told to stop."""

CHECK_EVERY = 1.0
"""Seconds between two looks at whether the database answers."""

logger = logging.getLogger(__name__)


class WrongKey(Exception):
    """The vault does not open what is kept."""

    def __init__(self) -> None:
        super().__init__("AFTERWORD_SECRET_KEY does not open the webhook secrets: put the older key back")


def check_vault(database: Database, vault: Vault) -> None:
    """See that the vault opens what is kept: else nothing could be signed, and nobody would notice. Raises WrongKey."""
    with database.peek() as connection:
        found = find_any_secrets(connection)
    try:
        if found is not None:
            read_secrets(vault, found, datetime.now(UTC))
    except Sealed:
        raise WrongKey from None


class Worker:
    """Announces and delivers until it is told to stop. Run it once, in an event loop."""

    def __init__(self, settings: Settings, database: Database, policies: Policies, vault: Vault, bell: Bell) -> None:
        self._id = uuid4().hex
        self._settings, self._database, self._policies, self._vault = settings, database, policies, vault
        self._bell = bell
        self._threads, self._email_threads = Threads(LOOPS), Threads(EMAILS)
        self._announcements, self._deliveries = Alarm(), Alarm()
        self._chores, self._recoveries = Alarm(), Alarm()
        self._dispatcher: Dispatcher | None = None
        self._deadline = asyncio.Timeout(None)
        self._stopping = False

    async def run(self) -> None:
        """Until `stop`; then nothing more is taken, and what is in flight is finished. Raises WrongKey at once."""
        guard = Guard(self._settings.webhook_allow_nets)
        async with Sender(
            guard, self._settings.webhook_timeout_seconds, self._settings.webhook_proxy or None
        ) as sender:
            try:
                await self._prepare()
                await self._work(sender)
            finally:
                self._stopping = True
                self._bell.fall_silent()
                await self._threads.close()
                await self._email_threads.close()
        logger.info("Worker %s has ended", self._id)

    async def _prepare(self) -> None:
        """As soon as the database answers."""
        while not self._stopping:
            try:
                await self._threads.run(self._database.clock.set)
                await self._threads.run(check_vault, self._database, self._vault)
            except WrongKey as error:
                logger.critical("%s", error)
                raise
            except SQLAlchemyError as error:
                report(error, CHECK_EVERY)
                await rest(CHECK_EVERY, self._is_stopping)
            else:
                return

    async def _work(self, sender: Sender) -> None:
        self._dispatcher = self._make_dispatcher(sender)
        if self._stopping:
            self._dispatcher.stop()
        self._bell.listen(self._make_listener())
        logger.info("Worker %s begins", self._id)
        caretaker = self._make_caretaker()
        try:
            async with self._deadline, asyncio.TaskGroup() as loops:
                loops.create_task(keep_going(self._make_announcer().step, self._announcements, self._is_stopping))
                loops.create_task(keep_going(self._dispatcher.step, self._deliveries, self._dispatcher.is_over))
                loops.create_task(keep_going(caretaker.step, self._chores, self._is_stopping))
                loops.create_task(keep_going(caretaker.recover, self._recoveries, self._is_stopping))
        except TimeoutError:
            logger.warning("Worker %s ends before everything is settled; the leases end by themselves", self._id)
            self._dispatcher.abandon()

    def stop(self) -> None:
        """Take nothing more; `run` returns as soon as what is in flight is settled. Nothing, once it has ended."""
        if self._stopping:
            return
        self._stopping = True
        if self._dispatcher is not None:
            self._dispatcher.stop()
            grace = self._settings.webhook_timeout_seconds + GRACE_SECONDS
            self._deadline.reschedule(asyncio.get_running_loop().time() + grace)
        self._wake()
        self._chores.ring()
        self._recoveries.ring()

    def _is_stopping(self) -> bool:
        return self._stopping

    def _make_listener(self) -> Callable[[], None]:
        loop = asyncio.get_running_loop()

        def listen() -> None:
            with suppress(RuntimeError):  # the loop was closed at this very moment
                loop.call_soon_threadsafe(self._wake)

        return listen

    def _wake(self) -> None:
        self._announcements.ring()
        self._deliveries.ring()

    def _make_dispatcher(self, sender: Sender) -> Dispatcher:
        settings = self._settings
        schedule = read_schedule(settings.webhook_retry_schedule)
        timeout = timedelta(seconds=settings.webhook_timeout_seconds)
        attempter = Attempter(sender, self._vault, self._enclose, timeout, schedule, self._database.clock.now)
        per_endpoint, per_account = settings.webhook_in_flight, settings.webhook_account_in_flight
        courier = Courier(attempter.attempt, self._deliveries.ring, per_endpoint, per_account)
        lease = timedelta(seconds=settings.webhook_lease_seconds)
        limits = Limits(per_endpoint, per_account, lease)
        return Dispatcher(self._id, self._database, courier, limits, self._threads)

    def _make_announcer(self) -> Announcer:
        return Announcer(self._database, self._policies, self._settings.public_url, self._threads, self._deliveries)

    def _make_caretaker(self) -> Caretaker:
        disable_after = timedelta(seconds=self._settings.webhook_disable_after_seconds)
        log_for = timedelta(days=self._settings.webhook_log_days)
        forgetter = Forgetter(self._database, self._policies, log_for, self._settings.retention_days)
        return Caretaker(self._database, forgetter, disable_after, self._threads, self._deliveries)

    async def _enclose(self, leased: Leased) -> bytes:
        return await self._email_threads.run(enclose, self._database, self._policies, leased)
