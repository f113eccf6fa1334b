"""What the events of an interview say, read in the order in which they happened."""

from collections.abc import Iterable, Sequence
from typing import TypeVar, get_args

from app.rules.facts import Event, Occurrence, ReplyReceived

E = TypeVar("E", bound=Occurrence)

_NAMES = {event: event.model_fields["type"].default for event in get_args(get_args(Event)[0])}


def in_order(events: Iterable[Event]) -> list[Event]:
    """Events by `occurred_at`; those of one instant stay as listed."""
    return sorted(events, key=lambda event: event.occurred_at)


class History:
    """Ordered events, each known by its position."""

    __slots__ = ("_by_type",)

    def __init__(self, ordered: Sequence[Event]) -> None:
        self._by_type: dict[str, list[tuple[int, Event]]] = {}
        for position, event in enumerate(ordered):
            self._by_type.setdefault(event.type, []).append((position, event))

    def __bool__(self) -> bool:
        """Whether anything happened at all: most plans are made before it does."""
        return bool(self._by_type)

    def each(self, event: type[E]) -> Sequence[tuple[int, E]]:
        """Every event of one type, with its position."""
        return self._by_type.get(_NAMES[event], ())  # type: ignore[return-value]  # the key is the type

    def has(self, event: type[E]) -> bool:
        """Whether an event of this type happened."""
        return _NAMES[event] in self._by_type

    def latest(self, event: type[E]) -> tuple[int, E] | None:
        """The last event of one type, with its position."""
        found = self.each(event)
        return found[-1] if found else None

    def answers(self) -> list[tuple[int, ReplyReceived]]:
        """The replies that say something: an acknowledgement answers nothing."""
        return [(position, reply) for position, reply in self.each(ReplyReceived) if not reply.acknowledgement]
