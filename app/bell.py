"""What a write rings, so that a worker in the same process looks at once and need not ask the database again."""

from collections.abc import Callable


class Bell:
    """Rings for whoever listens; where nobody does, nothing happens. Any thread may ring it."""

    def __init__(self) -> None:
        self._listener: Callable[[], None] | None = None

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener`, from any thread, whenever it rings from now on."""
        self._listener = listener

    def fall_silent(self) -> None:
        """Nobody listens any more."""
        self._listener = None

    def ring(self) -> None:
        """Something was written."""
        listener = self._listener  # another thread may take it away meanwhile
        if listener is not None:
            listener()
