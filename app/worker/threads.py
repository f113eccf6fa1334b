"""Where a worker talks to the database, so that what is in flight never waits for it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
ResultT = TypeVar("ResultT")

LOOPS = 4
"""Threads for the loops of a worker, which ask the database one after the other."""

EMAILS = 2
"""Threads for the emails that are enclosed: apart, so that no loop waits behind them."""


class Threads:
    """A few threads of our own: the event loop's may all be busy with requests."""

    def __init__(self, count: int) -> None:
        self._executor = ThreadPoolExecutor(count, thread_name_prefix="worker")

    async def run(self, function: Callable[P, ResultT], *arguments: P.args, **named: P.kwargs) -> ResultT:
        """What the function returns, called in one of the threads."""
        call = partial(function, *arguments, **named)
        return await asyncio.get_running_loop().run_in_executor(self._executor, call)

    async def close(self) -> None:
        """Begin nothing more, and wait for what still runs."""
        await asyncio.to_thread(self._executor.shutdown, cancel_futures=True)
