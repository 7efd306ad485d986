"""What sends a message by one channel, and which of them a rule has. Knows no rule's judgement and no screen.

The terminal's own channel is whoever has the terminal: the monitor's screen, or `scantop doctor --tell`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Protocol

from tui.clock import Clock
from tui.settings import (
    AppriseChannel,
    Channel,
    CommandChannel,
    Settings,
    TellRule,
    TerminalChannel,
    WebhookChannel,
)
from tui.telling.notice import Notice

SEND_S = 30.0  # for one message by one channel; what takes longer is given up

Ring = Callable[[str, str, str], bool]  # a sentence, its tone, and how; False where there is no terminal


class ChannelError(Exception):
    """A message could not be sent; one sentence without any secret. `is_refusal`: the receiver does not accept us."""

    def __init__(self, text: str, *, is_refusal: bool = False) -> None:
        super().__init__(text)
        self.is_refusal = is_refusal


class Sender(Protocol):
    """One channel."""

    async def send(self, notice: Notice) -> None:
        """Send one message, once. Raises `ChannelError`, and nothing else that the world can bring about."""
        ...


class TerminalSender:
    """The monitor's own terminal."""

    def __init__(self, how: str, ring: Ring) -> None:
        self._how = how
        self._ring = ring

    async def send(self, notice: Notice) -> None:
        """See `Sender`."""
        if not self._ring(notice.text, notice.tone, self._how):
            raise ChannelError("There is no terminal here that could ring.")


def words_of(channel: Channel) -> str:
    """A channel as a person knows it: of a command its program alone, of a URL where it comes from."""
    match channel:
        case TerminalChannel():
            return channel.how if channel.how == "bell" else f"bell and {channel.how}"
        case CommandChannel():
            return f"the command {channel.words[0]}"
        case WebhookChannel():
            return f"webhook ({channel.url.place})"
        case AppriseChannel():
            return f"apprise ({channel.url.place})"


def senders_of(rule: TellRule, settings: Settings, clock: Clock, ring: Ring) -> tuple[Sender, ...]:
    """What sends by each of a rule's channels; each loads what it needs when it first sends."""
    return tuple(_sender(channel, settings.secret_variables, clock, ring) for channel in rule.channels)


def _sender(channel: Channel, hidden: frozenset[str], clock: Clock, ring: Ring) -> Sender:
    match channel:
        case TerminalChannel():
            return TerminalSender(channel.how, ring)
        case CommandChannel():
            from tui.telling.command import CommandSender

            program = os.path.expanduser(channel.words[0])
            return CommandSender((program, *channel.words[1:]), hidden)
        case WebhookChannel():
            from tui.telling.webhook import WebhookSender

            return WebhookSender(channel, clock)
        case AppriseChannel():
            from tui.telling.by_apprise import AppriseSender

            return AppriseSender(channel)


def without(environ: Mapping[str, str], hidden: frozenset[str]) -> dict[str, str]:
    """An environment without these variables."""
    return {name: value for name, value in environ.items() if name not in hidden}
