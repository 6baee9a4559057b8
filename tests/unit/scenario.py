"""Rules told as examples: `given(events).when(command).then(events)`, or `.then_breaks(rule)`; and as decision
tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Concatenate, Generic, ParamSpec, TypeVar, cast
from uuid import UUID

import pytest

from commerce.eventstore import Aggregate, Event, in_stream
from commerce.values.errors import CommerceError

S = TypeVar("S", bound=Aggregate)
E = TypeVar("E", bound=Event)
P = ParamSpec("P")


class SomethingElse(Event):
    """An event that no aggregate knows, as a newer release may write it."""

    TOPIC: ClassVar[str] = "tests.SomethingElse"


def event(kind: type[E], **fields: object) -> E:
    """An event that gets its stream and version from the scenario it is put in."""
    return kind.model_validate(fields)


def placed_in(stream: UUID, events: Iterable[Event], after: int = 0) -> list[Event]:
    """Events as they stand in a stream that has `after` events before them."""
    return in_stream([one.model_copy() for one in events], stream, after=after)


@dataclass(frozen=True)
class Told(Generic[S]):
    """How the events of one kind of stream are folded, and which stream the examples are about."""

    fold: Callable[[Iterable[Event]], S | None]
    stream: UUID

    def __call__(self, *events: Event) -> Given[S]:
        """What has happened, oldest first."""
        return Given(self, placed_in(self.stream, events))

    def state(self, *events: Event) -> S:
        """What these events make."""
        found = self.fold(placed_in(self.stream, events))
        assert found is not None
        return found


@dataclass(frozen=True)
class Given(Generic[S]):
    """A stream with a past."""

    about: Told[S]
    events: Sequence[Event]

    @property
    def state(self) -> S | None:
        """What these events make; None where there is nothing yet."""
        return self.about.fold(self.events)

    def when(self, command: Callable[Concatenate[S, P], Sequence[Event]], *args: P.args, **kwargs: P.kwargs) -> When:
        """Somebody commands something of it; a command that can begin a stream is given None."""
        state = cast(S, self.state)
        return When(lambda: command(state, *args, **kwargs))


@dataclass(frozen=True)
class When:
    """A command that is still to be decided."""

    decide: Callable[[], Sequence[Event]]

    def then(self, *events: Event) -> None:
        """Exactly these events follow."""
        assert list(self.decide()) == list(events)

    def then_nothing_new(self) -> None:
        """No event follows, and no rule is broken."""
        assert list(self.decide()) == []

    def then_breaks(self, rule: type[CommerceError], saying: str = "", field: str | None = None) -> None:
        """The command is rejected with a text that begins with `saying`, and `field` where a value is at fault."""
        with pytest.raises(CommerceError) as caught:
            self.decide()
        assert type(caught.value) is rule
        assert str(caught.value).startswith(saying)
        assert getattr(caught.value, "field", None) == field


def decision_table(text: str) -> list[tuple[str, str, str]]:
    """The cells of a table, as (row, column, cell): what has happened, what is wished, and what comes of it."""
    header, *rows = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    return [(row[0], command, cell) for row in rows for command, cell in zip(header[1:], row[1:], strict=True)]
