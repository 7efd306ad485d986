"""What the store tells its listeners: which keys changed, and the messages that a person may read later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MessageKind(StrEnum):
    """What a message is about."""

    TRANSITION = "transition"
    PROBLEM = "problem"
    RECOVERED = "recovered"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Message:
    """One line of the messages screen. `key` is a target's address or a server's name; "" for scantop itself."""

    at: datetime
    kind: MessageKind
    server: str
    key: str
    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What one publication of the store touched. Keys are addresses, server names and list keys.

    `is_shift`: nobody was asked anything; the times of what is known moved with this machine's clock, by `shifted_s`
    seconds. Whoever keeps times beside the entries moves them too.
    """

    keys: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    servers: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    messages: tuple[Message, ...] = ()
    is_shift: bool = False
    shifted_s: float = 0.0

    def merged(self, later: Change) -> Change:
        """This change and a later one as one."""
        return Change(
            (self.keys | later.keys) - later.removed,
            (self.removed - later.keys) | later.removed,
            self.servers | later.servers,
            self.lists | later.lists,
            self.messages + later.messages,
            self.is_shift and later.is_shift,
            self.shifted_s + later.shifted_s,
        )
