"""Where secrets and files of a table come from: the forms of a token, a proxy with a password, paths beside the file.

Reads no secret from anywhere, and lets one stand in the file only where nobody else can read that.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from tui.config.table import Table, describe
from tui.settings import TokenSource

TOKEN_FORMS = ("env", "command", "file", "keyring", "jfrog_cli")


def read_source(
    table: Table, key: str, what: str, is_private: bool, known: tuple[str, ...] = TOKEN_FORMS
) -> TokenSource | None:
    """Where the secret under `key` comes from, None where there is none or a fault. `what` names it in sentences."""
    value = table.values.get(key)
    if key not in table:
        return None
    if isinstance(value, str):
        return _literal(table, key, value, what, is_private)
    if not isinstance(value, Mapping):
        table.fault(key, f'must say where {what} is, such as {{ env = "TOKEN" }}, and not be {describe(value)}')
        return None
    source = Table(value, (*table.path, key), table.log)
    source.finish(known)
    forms = [form for form in known if form in source]
    if len(forms) != 1:
        if forms or not value:
            table.fault(key, f"must have exactly one of {', '.join(known)}")
        return None
    form = forms[0]
    if form == "command":
        return _command(source)
    text = source.text(form)
    if text is None:
        return None
    return TokenSource(form, (str(_path(table, text)),) if form == "file" else (text,))


def _literal(table: Table, key: str, value: str, what: str, is_private: bool) -> TokenSource | None:
    if not value.strip():
        table.fault(key, "is empty")
        return None
    if not _may_hold_secrets(table, key, what, is_private):
        return None
    return TokenSource("literal", (value.strip(),))


def _may_hold_secrets(table: Table, key: str, what: str, is_private: bool) -> bool:
    path = table.log.path
    if not is_private:
        table.fault(
            key,
            f"{what} stands in a file that others can read; run: chmod 600 {path} (then take a new token: this one "
            'was open to all), or keep it elsewhere: { env = "…" }, { file = "…" }, { command = […] }',
        )
    elif path is not None:
        table.warn(key, f"{what} stands in this file; {{ command = […] }} or {{ keyring = … }} would keep it safer")
    return is_private


def _command(source: Table) -> TokenSource | None:
    words = source.values["command"]
    if isinstance(words, list) and words and all(isinstance(word, str) for word in words) and words[0]:
        return TokenSource("command", tuple(words))
    source.fault("command", 'must be an array of texts, such as ["pass", "show", "jfrog"]; no shell reads it')
    return None


def proxy_of(table: Table, is_private: bool) -> str | None:
    """The key `proxy`: a URL, with a password only where nobody else reads the file."""
    proxy = table.text("proxy", "http://proxy.example.com:3128")
    if proxy is None:
        return None
    try:
        parts = urlsplit(proxy)
        is_usable = parts.scheme in ("http", "https", "socks5", "socks5h") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable:
        table.fault("proxy", "must be the URL of a proxy, such as http://proxy.example.com:3128")
        return None
    if parts.password and not _may_hold_secrets(table, "proxy", "the proxy's password", is_private):
        return None
    return proxy


def _path(table: Table, text: str) -> Path:
    path = Path(text).expanduser()
    around = table.log.path
    return path if around is None else around.parent / path


def file_of(table: Table, key: str, *, may_be_folder: bool = False) -> Path | None:
    """A file that must be there."""
    text = table.text(key)
    if text is None:
        return None
    path = _path(table, text)
    if not (path.is_file() or (may_be_folder and path.is_dir())):
        table.fault(key, f"there is no file {path}")
        return None
    return path
