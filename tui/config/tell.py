"""The [[tell]] tables: what is told to whom, through which channel, and when not. Sends nothing, reads no secret."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from tui.config.faults import FaultLog, nearest
from tui.config.lines import KeyPath
from tui.config.sources import file_of, proxy_of, read_source
from tui.config.table import Table, describe
from tui.domain.news import EVENTS
from tui.domain.placeholders import NAMES, has_any, unknown
from tui.domain.quiet import Quiet
from tui.moments import parse_time_of_day
from tui.present.query_check import complaints
from tui.settings import (
    TELL_EVERY_S,
    AppriseChannel,
    Channel,
    CommandChannel,
    TellRule,
    TerminalChannel,
    TokenSource,
    WebhookChannel,
    webhook_fault,
)

KEYS = ("name", "when", "on", "channel", "quiet", "every")
TERMINAL_WORDS = ("bell", "terminal", "osc9", "osc777")
# Each form of a channel that is a table, with what else may stand in it.
FORMS: Mapping[str, tuple[str, ...]] = {
    "command": (),
    "webhook": ("token", "ca_file", "verify", "proxy", "allow_http"),
    "apprise": (),
}
SOURCE_FORMS = ("env", "command", "file", "keyring")
NEVER_QUIET = "off"


def read_quiet(table: Table) -> Quiet | None:
    """The key `quiet` of a table: ``22:00-07:00``, None where there is none or it is ``off``."""
    text = table.text("quiet", "22:00-07:00")
    if text is None or text.strip() == NEVER_QUIET:
        return None
    start, dash, end = text.partition("-")
    try:
        found = Quiet(parse_time_of_day(start), parse_time_of_day(end)) if dash else None
    except ValueError:
        found = None
    if found is None or found.start == found.end:
        table.fault("quiet", f"{text!r} is no span of a day (write 22:00-07:00, or {NEVER_QUIET!r})")
        return None
    return found


def read_tell(
    tables: Sequence[Table], quiet: Quiet | None, notify: str, servers: Collection[str], is_private: bool
) -> tuple[TellRule, ...]:
    """All rules of the file. `quiet` is what counts where a rule says nothing, `notify` what the key `w` uses."""
    found: list[TellRule] = []
    for number, table in enumerate(tables, 1):
        table.finish(KEYS)
        name = table.text("name", "failures") or f"rule {number}"
        if not name.isprintable():
            table.fault("name", "must be visible text")
        if any(rule.name == name for rule in found):
            table.fault("name", f"{name!r} is the name of another rule already")
        when = table.text("when", "state:failed") or ""
        for complaint in complaints(when, servers, is_seen=False) if when else ():
            table.fault("when", complaint)
        found.append(
            TellRule(
                name=name,
                on=_events(table),
                channels=_channels(table, notify, is_private),
                when=when,
                quiet=read_quiet(table) if "quiet" in table else quiet,
                every_s=table.duration("every", TELL_EVERY_S),
            )
        )
    return tuple(found)


def _events(table: Table) -> tuple[str, ...]:
    value = table.values.get("on")
    if value is None:
        table.fault("", f'the key on is missing: what is told of, such as on = ["failed", "stuck"] ({_list(EVENTS)})')
        return ()
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list) or not words:
        table.fault("on", f'must be an array of events such as ["failed", "stuck"], not {describe(value)}')
        return ()
    for place, word in enumerate(words):
        path = (*table.path, "on", place) if isinstance(value, list) else (*table.path, "on")
        if not isinstance(word, str):
            table.log.fault(path, f"must be one of {_list(EVENTS)}, not {describe(word)}")
        elif word not in EVENTS:
            table.log.fault(path, f"{word!r} is no event{nearest(word, EVENTS) or f'; there are: {_list(EVENTS)}'}")
    return tuple(dict.fromkeys(word for word in words if isinstance(word, str)))


def _channels(table: Table, notify: str, is_private: bool) -> tuple[Channel, ...]:
    if "channel" not in table:
        words = f"{_list(TERMINAL_WORDS)}, or a table with {_list(FORMS)}"
        table.fault("", f'the key channel is missing: how it is told, such as channel = "bell" ({words})')
        return ()
    value, path = table.values["channel"], (*table.path, "channel")
    if not isinstance(value, list):
        found = _channel(value, path, table.log, notify, is_private)
        return () if found is None else (found,)
    if not value:
        table.fault("channel", "is empty: nobody would be told")
    several = (_channel(one, (*path, place), table.log, notify, is_private) for place, one in enumerate(value))
    return tuple(channel for channel in several if channel is not None)


def _channel(value: object, path: KeyPath, log: FaultLog, notify: str, is_private: bool) -> Channel | None:
    """The one channel that stands at `path`."""
    if isinstance(value, str):
        return _terminal(value, path, log, notify)
    if not isinstance(value, Mapping):
        log.fault(path, f"must be one of {_list(TERMINAL_WORDS)}, or a table with {_list(FORMS)}")
        return None
    inner = Table(value, path, log)
    forms = [form for form in FORMS if form in inner]
    if len(forms) != 1:
        inner.finish({*FORMS, *(extra for extras in FORMS.values() for extra in extras)})
        if forms or not value or all(one in FORMS["webhook"] for one in value):
            log.fault(path, f"must have exactly one of {_list(FORMS)}")
        return None
    form = forms[0]
    inner.finish({form, *FORMS[form]})
    if form == "command":
        return _command(inner)
    if form == "webhook":
        return _webhook(inner, is_private)
    url = read_source(inner, "apprise", "the service's URL", is_private, SOURCE_FORMS)
    if url is not None and url.how == "literal" and "://" not in url.what[0]:
        inner.fault("apprise", 'must be a URL of apprise, such as mailto://…, or say where that is: { env = "…" }')
        return None
    return None if url is None else AppriseChannel(url)


def _terminal(word: str, path: KeyPath, log: FaultLog, notify: str) -> Channel | None:
    if word in TERMINAL_WORDS:
        usual = notify if notify.startswith("osc") else "osc9"
        return TerminalChannel(usual if word == "terminal" else word)
    known = (*TERMINAL_WORDS, *FORMS)
    if "://" in word:  # not repeated: it may hold a secret
        log.fault(path, 'is a URL: write { webhook = … } or { apprise = … }, best with { env = "…" } in it')
    elif word in FORMS:
        log.fault(path, f"{word!r} needs a table, such as {{ {word} = … }}")
    else:
        log.fault(path, f"{word!r} is no channel{nearest(word, known) or f'; there are: {_list(known)}'}")
    return None


def _command(table: Table) -> Channel | None:
    words = table.values["command"]
    if not (isinstance(words, list) and words and all(isinstance(word, str) for word in words) and words[0].strip()):
        table.fault("command", 'must be an array of texts, such as ["notify-send", "{text}"]; no shell reads it')
        return None
    if has_any(words[0]):
        table.log.fault((*table.path, "command", 0), "the program itself cannot be filled in")
    for place, word in enumerate(words):
        for name in unknown(word):
            hint = nearest(name, NAMES) or f"; there are: {_list(NAMES)} (a brace itself is written twice)"
            table.log.fault((*table.path, "command", place), f"{{{name}}} is no placeholder{hint}")
        if "\0" in word:
            table.log.fault((*table.path, "command", place), "holds a NUL, which no argument can")
    return CommandChannel(tuple(words))


def _webhook(table: Table, is_private: bool) -> Channel | None:
    allow_http = table.boolean("allow_http", False)
    url = read_source(table, "webhook", "the webhook's URL", is_private, SOURCE_FORMS)
    if not (verify := table.boolean("verify", True)):
        table.warn("verify", "the webhook's certificate is not checked; ca_file is the safe way to trust a private one")
    channel = WebhookChannel(
        url=url or TokenSource("literal", ("",)),
        token=read_source(table, "token", "the token", is_private, SOURCE_FORMS),
        ca_file=file_of(table, "ca_file", may_be_folder=True),
        verify=verify,
        proxy=proxy_of(table, is_private),
        allow_http=allow_http,
    )
    if url is not None and url.how == "literal" and (fault := webhook_fault(url.what[0], allow_http)):
        table.fault("webhook", fault)
    return None if url is None else channel


def _list(words: Collection[str]) -> str:
    return ", ".join(words)
