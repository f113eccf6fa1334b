"""Names into addresses, on threads of our own: a name that hangs keeps nobody waiting, not even our own exit."""

import socket
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from threading import BoundedSemaphore, Thread
from typing import Any

Resolve = Callable[..., Iterable[tuple[Any, ...]]]
"""What `socket.getaddrinfo` is: called with host, port and type=; it may block for as long as it likes."""
AT_ONCE = 500
"""Look-ups that may hang at the same time before new ones fail; the system gives each up within half a minute."""


class Names:
    """Looks names up, each on a thread of its own: a pool of few can be filled by names that hang."""

    def __init__(self, resolve: Resolve = socket.getaddrinfo) -> None:
        self._resolve = resolve
        self._free = BoundedSemaphore(AT_ONCE)

    def start(self, host: str, port: int) -> Future[tuple[str, ...]]:
        """Begin to look up a name or a literal; the future holds every address as text, or OSError."""
        future: Future[tuple[str, ...]] = Future()
        future.set_running_or_notify_cancel()  # whoever stops waiting cannot stop the thread
        if not self._free.acquire(blocking=False):
            future.set_exception(socket.gaierror(socket.EAI_AGAIN, "too many names hang"))
            return future
        try:
            # A daemon: the interpreter waits for the threads of a pool when it exits, and these may hang.
            Thread(target=self._run, args=(future, host, port), daemon=True).start()
        except RuntimeError as error:  # the system gives no more threads
            self._free.release()
            future.set_exception(socket.gaierror(socket.EAI_AGAIN, str(error)))
        return future

    def _run(self, future: Future[tuple[str, ...]], host: str, port: int) -> None:
        try:
            addresses = tuple(info[4][0] for info in self._resolve(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:  # UnicodeError: a label that is too long to be asked for
            future.set_exception(
                error if isinstance(error, OSError) else socket.gaierror(socket.EAI_NONAME, str(error))
            )
        else:
            future.set_result(addresses)
        finally:
            self._free.release()
