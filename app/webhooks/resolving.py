"""Names into addresses, on threads of our own: a name that hangs keeps nobody waiting, not even our own exit."""

import socket
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from threading import BoundedSemaphore, Lock, Thread
from typing import Any

Resolve = Callable[..., Iterable[tuple[Any, ...]]]
"""What `socket.getaddrinfo` is: called with host, port and type=; it may block for as long as it likes."""
AT_ONCE = 500
"""Look-ups that may hang at the same time before new ones fail; the system gives each up within half a minute."""


class Names:
    """Looks names up, each on a thread of its own: a pool of few can be filled by names that hang.

    Whoever asks for a name that is being looked up gets the same answer: one that hangs takes one thread.
    """

    def __init__(self, resolve: Resolve = socket.getaddrinfo) -> None:
        self._resolve = resolve
        self._free = BoundedSemaphore(AT_ONCE)
        self._under_way: dict[str, Future[tuple[str, ...]]] = {}
        self._lock = Lock()

    def start(self, host: str, port: int) -> Future[tuple[str, ...]]:
        """Begin to look up a name or a literal; the future holds every address as text, or OSError."""
        with self._lock:
            if (future := self._under_way.get(host)) is not None:
                return future
            self._under_way[host] = future = Future()
            future.set_running_or_notify_cancel()  # whoever stops waiting stops nobody else, and not the thread
        if not self._free.acquire(blocking=False):
            self._fail(host, "too many names hang")
            return future
        try:
            # A daemon: the interpreter waits for the threads of a pool when it exits, and these may hang.
            Thread(target=self._run, args=(host, port), daemon=True).start()
        except RuntimeError as error:  # the system gives no more threads
            self._free.release()
            self._fail(host, str(error))
        return future

    def _run(self, host: str, port: int) -> None:
        try:
            addresses = tuple(info[4][0] for info in self._resolve(host, port, type=socket.SOCK_STREAM))
        except OSError as error:
            self._take(host).set_exception(error)
        except Exception as error:  # noqa: BLE001 - such as a label that is too long; nobody may wait for it for ever
            self._take(host).set_exception(socket.gaierror(socket.EAI_NONAME, str(error)))
        else:
            self._take(host).set_result(addresses)
        finally:
            self._free.release()

    def _fail(self, host: str, why: str) -> None:
        self._take(host).set_exception(socket.gaierror(socket.EAI_AGAIN, why))

    def _take(self, host: str) -> Future[tuple[str, ...]]:
        """The look-up, which is over: whoever asks from now on begins another."""
        with self._lock:
            return self._under_way.pop(host)
