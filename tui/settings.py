"""The settings as values: frozen, complete, with every default. Reading them from a file is `tui.config`'s work.

Durations are seconds. A token is never in here: only where it comes from (`TokenSource`).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from tui.domain.deadline import Deadline
from tui.domain.quiet import Quiet
from tui.domain.records import ListQuery
from tui.domain.target import Target

ACTIVE_S = 5.0  # a target that waits or runs; JFrog's own poller asks every 5 to 10 s
SETTLED_S = 300.0  # a terminal target: it changes only when somebody scans it again
GRACE_S = 300.0  # how long a new target may be missing: 404 races after a publish are over within minutes
STUCK_S = 7200.0  # a stage that waits or runs for so long is stuck, as long as its usual times are not known
CONCURRENCY = 6  # requests at once a server; JFrog advises 4 to 8
BUDGET_PER_MINUTE = 240  # requests a minute a server, all targets together
ANSWER_BYTES = 8 * 1024 * 1024  # decoded; the largest honest answer seen is a few hundred kB
CONNECT_S = 10.0
FIRST_BYTE_S = 25.0  # from the question to the first byte of its answer; a server that works on it is given time
ANSWER_S = 30.0  # the vendors' own clients wait 30 s
TELL_EVERY_S = 30.0  # between two messages of one rule: sooner nobody reads the second


@dataclass(frozen=True, slots=True)
class TokenSource:
    """Where a token comes from: `how` is literal, env, command, file, keyring or jfrog_cli; `what` its argument(s).

    For `literal` the one argument is the token itself, and it prints as stars.
    """

    how: str
    what: tuple[str, ...] = field(repr=False)

    @property
    def place(self) -> str:
        """Where a person finds it, for an error: of a command its program alone, since its arguments may be secret."""
        return f"the command {self.what[0]}" if self.how == "command" and self.what else str(self)

    def __str__(self) -> str:
        return "a token in the config file" if self.how == "literal" else f"{self.how} {' '.join(self.what)}"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """One configured server. `url` is the base the kind expects, already normalised by the kind."""

    name: str
    kind: str
    url: str
    token: TokenSource | None = None
    user: str | None = None
    ca_file: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    verify: bool = True
    proxy: str | None = None
    allow_http: bool = False
    read_only: bool = False
    answer_bytes: int = ANSWER_BYTES
    connect_s: float = CONNECT_S
    first_byte_s: float = FIRST_BYTE_S
    answer_s: float = ANSWER_S
    budget_per_minute: int = BUDGET_PER_MINUTE
    extra: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))  # the kind's own keys


@dataclass(frozen=True, slots=True)
class WatchedTarget:
    """One target to watch."""

    target: Target
    label: str = ""
    deadline: Deadline | None = None


@dataclass(frozen=True, slots=True)
class WatchedLatest:
    """The newest `count` numbers of a thing that the kind can enumerate (a build), looked up again as they come."""

    server: str
    name: str
    count: int
    params: tuple[tuple[str, str], ...] = ()
    label: str = ""
    deadline: Deadline | None = None


@dataclass(frozen=True, slots=True)
class WatchedList:
    """A list to keep a page of (jobs, reports)."""

    query: ListQuery


WatchItem = WatchedTarget | WatchedLatest | WatchedList


@dataclass(frozen=True, slots=True)
class PollSettings:
    """How often is asked. Seconds, except `concurrency` (requests at once a server). `stuck_s` 0: no limit."""

    active_s: float = ACTIVE_S
    settled_s: float = SETTLED_S
    grace_s: float = GRACE_S
    concurrency: int = CONCURRENCY
    stuck_s: float = STUCK_S


@dataclass(frozen=True, slots=True)
class UiSettings:
    """What the screen looks like. `ascii` None means: as the locale says.

    `forget_after_s`: what is watched leaves so many seconds after its end, 0: never. `notify` is how an end that a
    person asked to be told of is told: bell, osc9, osc777 (a bell and a notification of the terminal) or off.
    """

    theme: str = "scantop-dark"
    keymap: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    ascii: bool | None = None
    filters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    forget_after_s: float = 0.0
    notify: str = "bell"


@dataclass(frozen=True, slots=True)
class TerminalChannel:
    """A rule's way through the monitor's own terminal: `how` is bell, or osc9 or osc777 (a notification besides)."""

    how: str


@dataclass(frozen=True, slots=True)
class CommandChannel:
    """A command's words, without a shell; in all but the first of them ``{text}`` and its like are filled in."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    """A URL that JSON is posted to. The URL itself is a secret: with many services it is all that is asked for."""

    url: TokenSource
    token: TokenSource | None = None
    ca_file: Path | None = None
    verify: bool = True
    proxy: str | None = field(default=None, repr=False)
    allow_http: bool = False


@dataclass(frozen=True, slots=True)
class AppriseChannel:
    """A URL of the library apprise, which knows some hundred services. A secret as a whole."""

    url: TokenSource


Channel = TerminalChannel | CommandChannel | WebhookChannel | AppriseChannel


@dataclass(frozen=True, slots=True)
class TellRule:
    """What is told to whom: events (`on`, see `tui.domain.news`) of entries that the filter `when` takes ("": all).

    In quiet hours it is held back and told at their end; `every_s` lies between two messages at least.
    """

    name: str
    on: tuple[str, ...]
    channels: tuple[Channel, ...]
    when: str = ""
    quiet: Quiet | None = None
    every_s: float = TELL_EVERY_S


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a run is made of. `path` is the file it came from, None for the environment alone.

    `left_out` are the variables that servers which this run leaves out have their secrets in.
    """

    servers: tuple[ServerSettings, ...] = ()
    watch: tuple[WatchItem, ...] = ()
    poll: PollSettings = field(default_factory=PollSettings)
    ui: UiSettings = field(default_factory=UiSettings)
    read_only: bool = False
    path: Path | None = None
    warnings: tuple[str, ...] = ()
    tell: tuple[TellRule, ...] = ()
    left_out: frozenset[str] = frozenset()

    def server(self, name: str) -> ServerSettings:
        """The server of that name; KeyError if there is none."""
        for server in self.servers:
            if server.name == name:
                return server
        raise KeyError(name)

    @property
    def server_kinds(self) -> dict[str, str]:
        """Name to kind, in the order of the file: what addresses are read against."""
        return {server.name: server.kind for server in self.servers}

    @property
    def secret_variables(self) -> frozenset[str]:
        """The environment variables that secrets are read from, of what is left out too."""
        sources = [server.token for server in self.servers]
        for channel in (channel for rule in self.tell for channel in rule.channels):
            if isinstance(channel, WebhookChannel | AppriseChannel):
                sources.append(channel.url)
            if isinstance(channel, WebhookChannel):
                sources.append(channel.token)
        return self.left_out | {one.what[0] for one in sources if one is not None and one.how == "env" and one.what}


def is_loopback(url: str) -> bool:
    """The URL's host is this machine itself: the only place where plain http and very short intervals are harmless."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def webhook_fault(url: str, allow_http: bool) -> str:
    """What is wrong with a webhook's URL, as a sentence's end that does not repeat it; "" if nothing is."""
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return "is not a URL that can be read"
    if parts.scheme not in ("http", "https"):
        return "must start with https:// (or http://)"
    if not has_host or any(sign.isspace() or not sign.isprintable() for sign in url):
        return "has no host that can be read"
    if parts.path.startswith("//"):  # joined to a host it would be read as another host
        return "has a path that begins with two slashes; write one"
    if parts.scheme == "http" and not allow_http and not is_loopback(url):
        return "is plain http to another machine; use https, or say allow_http = true beside it"
    return ""
