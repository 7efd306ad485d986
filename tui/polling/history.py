"""What polling asks of a history. The one on disk is `tui.history`; this module knows no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from tui.domain.problem import ProblemCode
from tui.domain.snapshot import Entry, Remembered, Transition


class History(Protocol):
    """Keeps transitions. It never raises and never keeps polling waiting for long: it gives notices instead."""

    async def start(self) -> None:
        """Open it, as far as that can be done."""
        ...

    async def recall(self, keys: Sequence[str]) -> Mapping[str, Remembered]:
        """What earlier runs saw of these addresses; those it does not know are left out."""
        ...

    async def record(self, transitions: Sequence[Transition], entries: Sequence[Entry]) -> None:
        """Keep the transitions; returns once they survive the end of this run. `entries` are those they belong to."""
        ...

    def saw(self, keys: Sequence[str], at: datetime) -> None:
        """These addresses were answered for; kept soon, not at once."""
        ...

    def failed(self, server: str, code: ProblemCode, at: datetime) -> None:
        """A poll of the server failed; kept soon, not at once."""
        ...

    def polled(self, server: str, at: datetime, latency_s: float | None) -> None:
        """The server was asked once; it answered within `latency_s`, None where the poll failed. Kept soon."""
        ...

    def recovered(self, server: str, at: datetime) -> None:
        """The server answers again."""
        ...

    def shift(self, by_s: float) -> None:
        """The clock leapt by so much: what this run kept goes by the new one. Not while something is being kept."""
        ...

    def take_notices(self) -> tuple[str, ...]:
        """Sentences that a person should read (the file was set aside, nothing is kept …), each told once."""
        ...

    async def close(self) -> None:
        """Write what is left and give the file back."""
        ...


class NoHistory:
    """Keeps nothing: for one-off commands and tests."""

    async def start(self) -> None:
        """Nothing to open."""

    async def recall(self, keys: Sequence[str]) -> Mapping[str, Remembered]:
        """Nothing is remembered."""
        return {}

    async def record(self, transitions: Sequence[Transition], entries: Sequence[Entry]) -> None:
        """Forget them."""

    def saw(self, keys: Sequence[str], at: datetime) -> None:
        """Forget it."""

    def failed(self, server: str, code: ProblemCode, at: datetime) -> None:
        """Forget it."""

    def polled(self, server: str, at: datetime, latency_s: float | None) -> None:
        """Forget it."""

    def recovered(self, server: str, at: datetime) -> None:
        """Forget it."""

    def shift(self, by_s: float) -> None:
        """Nothing to move."""

    def take_notices(self) -> tuple[str, ...]:
        """Nothing to say."""
        return ()

    async def close(self) -> None:
        """Nothing to close."""
