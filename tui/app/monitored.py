"""The monitor and its store as the app uses them: what must be there, whoever polls. No implementation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Protocol

from tui.app.bridge import Source
from tui.app.feed import Known
from tui.app.watching import Watches
from tui.domain.records import ListQuery
from tui.polling.messages import Message


class KnownStore(Known, Source, Protocol):
    """The store as the app reads it."""

    @property
    def messages(self) -> Sequence[Message]:
        """What happened so far, the newest last."""
        ...


class Polling(Watches, Protocol):
    """The monitor as the app uses it."""

    @property
    def store(self) -> KnownStore:
        """What is known now."""
        ...

    @property
    def is_paused(self) -> bool:
        """No polls are started."""
        ...

    async def start(self) -> None:
        """Begin to poll."""
        ...

    async def stop(self) -> None:
        """End all polls and give everything back."""
        ...

    def pause(self) -> None:
        """Start no more polls."""
        ...

    def resume(self) -> None:
        """Poll again."""
        ...

    def poll_now(self, key: str | None = None, server: str | None = None) -> None:
        """Poll what is due, now."""
        ...

    def set_list(self, query: ListQuery) -> None:
        """Ask a list for something else."""
        ...

    def release(self, key: str, holder: str) -> None:
        """`holder` alone watches it no longer."""
        ...


class Player(Polling, Protocol):
    """A monitor that plays a history again."""

    @property
    def speed(self) -> float:
        """Replayed seconds in one real second."""
        ...

    @property
    def is_over(self) -> bool:
        """All was played."""
        ...

    def set_speed(self, speed: float) -> None:
        """Play faster or slower."""
        ...

    def seek(self, at: datetime) -> None:
        """Go to another moment."""
        ...

    def find(self, text: str, zone: tzinfo) -> datetime:
        """The moment that a text names. Raises ValueError with one sentence."""
        ...
