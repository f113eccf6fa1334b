"""Where a worker talks to the database, so that what is in flight never waits for it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
ResultT = TypeVar("ResultT")

THREADS = 4
"""One each to announce, to deliver and to clear up, and one for the emails that are enclosed."""


class Threads:
    """A few threads of our own: the event loop's may all be busy with requests."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(THREADS, thread_name_prefix="worker")

    async def run(self, function: Callable[P, ResultT], *arguments: P.args, **named: P.kwargs) -> ResultT:
        """What the function returns, called in one of the threads."""
        call = partial(function, *arguments, **named)
        return await asyncio.get_running_loop().run_in_executor(self._executor, call)

    def close(self) -> None:
        """Wait for what still runs, and end."""
        self._executor.shutdown()
