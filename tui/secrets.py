"""Secrets and where they come from: literal, environment, command, file, keyring, the JFrog CLI.

Owns the type that prints as stars and the reading of every token source. Knows no server and no wire. A sentence in a
`SecretError` names the source, never what it gave.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import hmac
import json
import os
import re
import signal
import stat
from base64 import b64encode
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from urllib.parse import quote, quote_plus, unquote, urlsplit

from tui.settings import ServerSettings, TokenSource, WebhookChannel

STARS = "***"
COMMAND_S = 30.0  # a password store may ask a person for a passphrase in a window; longer means that nobody is there
SECRET_BYTES = 64 * 1024  # no token is longer; JFrog's largest are about 2 kB
_SECRET_NAME = re.compile("TOKEN|PASSWORD|PASSWD|SECRET|API_?KEY", re.IGNORECASE)
_GSON = re.compile("[=<>&']")  # what Java's JSON writers escape, and base64 ends in the first of them
_URL_SIGNS = re.compile("[/?&=#:@]")
_URL_PART_FROM = 8  # characters; a shorter part of a secret URL is a word such as "services"
REDACTED_FROM = 4  # characters; a shorter secret would star out half of every text


class SecretError(Exception):
    """A token could not be read; the message is one sentence for the person who configured it."""


class Secret:
    """A secret that prints as stars. `user` is set where the source knows whose password it is."""

    __slots__ = ("_known_forms", "_text", "user")

    def __init__(self, text: str, user: str | None = None) -> None:
        self._text = text
        self.user = user
        self._known_forms: tuple[str, ...] | None = None

    def reveal(self) -> str:
        """The secret itself: for the Authorization header and nothing else."""
        return self._text

    def redact(self, text: str) -> str:
        """`text` with every form of the secret starred: plain, percent-encoded, base64 (alone and as basic auth)."""
        for form in self._forms():
            if form in text:
                text = text.replace(form, STARS)
        return text

    def _forms(self) -> tuple[str, ...]:
        if self._known_forms is None:
            self._known_forms = forms_of(self._text, self.user)
        return self._known_forms

    def __repr__(self) -> str:
        return f"Secret({STARS})"

    def __str__(self) -> str:
        return STARS

    def __format__(self, spec: str) -> str:
        return STARS

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        same = hmac.compare_digest(self._text.encode("utf-8", "replace"), other._text.encode("utf-8", "replace"))
        return same and self.user == other.user

    def __hash__(self) -> int:
        return hash((self._text, self.user))

    def __reduce__(self) -> str:
        raise TypeError("a Secret is never pickled")


def forms_of(plain: str, user: str | None = None) -> tuple[str, ...]:
    """What a secret looks like where it went through URLs, JSON or base64, the longest form first. () if too short."""
    if len(plain) < REDACTED_FROM:
        return ()
    quoted = {quote(plain, safe=""), quote_plus(plain), quote(plain)}
    forms = {plain, *quoted, *(_with_small_digits(one) for one in quoted)}
    forms |= {plain.replace("/", "\\/"), json.dumps(plain)[1:-1], _GSON.sub(_as_escape, plain)}
    for content in {plain, f"{user or ''}:{plain}"}:
        for shift in range(3):  # in the middle of something longer each byte may stand at three places
            forms |= _as_base64(content.encode("utf-8", "replace"), shift)
    return tuple(sorted(forms, key=len, reverse=True))  # one form may hold another


def _as_escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found.group()):04x}"


def _with_small_digits(quoted: str) -> str:
    return re.sub("%[0-9A-F]{2}", lambda found: found.group().lower(), quoted)


def _as_base64(content: bytes, shift: int) -> set[str]:
    """The characters that depend on nothing but `content`, where it begins `shift` bytes into a group of three."""
    whole = b64encode(bytes(shift) + content).decode("ascii")
    first, last = -(-shift * 8 // 6), (shift + len(content)) * 8 // 6
    part = whole[first:last]
    return {part, part.replace("+", "-").replace("/", "_")} if len(part) >= 2 * REDACTED_FROM else set()


def redact_all(text: str, environ: Mapping[str, str]) -> str:
    """`text` without any secret that this run has: read ones, those in the settings, those of the environment.

    They are looked for among the living objects, so that no way out depends on somebody having handed them on. That
    takes milliseconds: it is for reports of crashes, not for each line.
    """
    gc.unfreeze()  # the monitor freezes what it was started with, the settings too; that is not listed else
    found = {(one.reveal(), one.user) for one in gc.get_objects() if type(one) is Secret}
    for one in gc.get_objects():
        if type(one) is TokenSource and one.how == "literal":
            found |= {(what, None) for what in one.what}
        elif type(one) is TokenSource and one.how == "env":
            found |= {(environ.get(what, ""), None) for what in one.what}
        elif type(one) in (ServerSettings, WebhookChannel) and one.proxy:
            found.add((password_of(one.proxy), None))
    found |= {(part, None) for plain, _ in found for part in _parts_of(plain)}
    for name, value in environ.items():
        if _SECRET_NAME.search(name):
            found.add((value, None))
        elif name.lower().endswith("_proxy"):
            found.add((password_of(value), None))
    for form in sorted({form for plain, user in found for form in forms_of(plain, user)}, key=len, reverse=True):
        text = text.replace(form, STARS)
    return text


def _parts_of(plain: str) -> set[str]:
    """Of a URL that is a secret as a whole what may stand alone in an error: its path, its longer parts, its password.

    Of the web's URLs the host is none: people are told it.
    """
    scheme, divider, rest = plain.partition("://")
    if not divider:
        return set()
    if scheme.lower() in ("http", "https"):
        authority, slash, path = rest.partition("/")
        login, _, _ = authority.rpartition("@")
        rest = f"{login}@{slash}{path}"
        whole = {slash + path} if len(path) >= _URL_PART_FROM else set()
    else:
        whole = {rest}
    parts = {part for part in _URL_SIGNS.split(rest) if len(part) >= _URL_PART_FROM}
    return whole | parts | {unquote(part) for part in parts} | {password_of(plain)}


def password_of(url: str) -> str:
    """The password in a URL, as it is meant and not as it is written; "" where there is none."""
    try:
        return unquote(urlsplit(url).password or "")
    except ValueError:
        return ""


async def read_token(source: TokenSource | None, environ: Mapping[str, str] | None = None) -> Secret | None:
    """Read the source afresh; None where no source is configured. Raises `SecretError`.

    Called at the first request and again after every refusal, so nothing is kept from one call to the next.
    """
    if source is None:
        return None
    env = os.environ if environ is None else environ
    what = source.what[0] if source.what else ""
    match source.how:
        case "literal":
            return _checked(what, "The token in the config file")
        case "env":
            return _from_environment(what, env)
        case "command":
            return await _from_command(source.what)
        case "file":
            return await asyncio.to_thread(_from_file, what)
        case "keyring":
            return await asyncio.to_thread(_from_keyring, what)
        case "jfrog_cli":
            from tui.jfrog import read_secret

            return await asyncio.to_thread(read_secret, what, env)
    raise SecretError(f"A token cannot come from {source.how!r}; it can from env, command, file, keyring or jfrog_cli.")


def _checked(text: str, origin: str) -> Secret:
    text = text.strip()
    if not text:
        raise SecretError(f"{origin} is empty.")
    if any(not character.isprintable() for character in text):
        raise SecretError(f"{origin} holds a line break or a control character, which no token has.")
    return Secret(text)


def _from_environment(name: str, env: Mapping[str, str]) -> Secret:
    if name not in env:
        raise SecretError(f"The environment variable {name} is not set.")
    return _checked(env[name], f"The environment variable {name}")


async def _from_command(arguments: tuple[str, ...]) -> Secret:
    """The first line that the command writes (`pass show` writes more). No shell; its output is never shown."""
    if not arguments:
        raise SecretError("The token command is empty.")
    name = Path(arguments[0]).name
    try:
        child = await asyncio.create_subprocess_exec(
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # it must not write to, or read from, the monitor's terminal
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        raise SecretError(f"The token command {name!r} cannot be started: {reason}.") from None
    try:
        async with asyncio.timeout(COMMAND_S):
            assert child.stdout is not None  # noqa: S101 - PIPE was asked for
            output = await _read_limited(child.stdout, name)
            code = await child.wait()
    except TimeoutError:
        raise SecretError(f"The token command {name!r} did not end within {COMMAND_S:.0f} s and was stopped.") from None
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
            await child.wait()
    if code != 0:
        raise SecretError(f"The token command {name!r} ended with exit status {code}.")
    first = output.decode("utf-8", "replace").strip().splitlines()
    return _checked(first[0] if first else "", f"The output of the token command {name!r}")


async def _read_limited(stream: asyncio.StreamReader, name: str) -> bytes:
    output = b""
    while piece := await stream.read(8192):
        output += piece
        if len(output) > SECRET_BYTES:
            raise SecretError(f"The token command {name!r} wrote more than {SECRET_BYTES} bytes: that is no token.")
    return output


def _from_file(name: str) -> Secret:
    path = expand(name)
    try:
        # Not blocking: a pipe that nobody writes into would hold the whole program, also at its end.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise SecretError(f"The token file {name} is no regular file; for what a program gives, use command.")
            content = file.read(SECRET_BYTES + 1)
    except OSError as error:
        raise SecretError(f"The token file {name} cannot be read: {error.strerror or type(error).__name__}.") from None
    if len(content) > SECRET_BYTES:
        raise SecretError(f"The token file {name} has more than {SECRET_BYTES} bytes: that is no token.")
    return _checked(content.decode("utf-8-sig", "replace"), f"The token file {name}")


def _from_keyring(name: str) -> Secret:
    service, _, user = name.partition("/")
    try:
        keyring = import_module("keyring")
    except ImportError:
        raise SecretError("A token from the keyring needs the extra: pip install 'scantop[keyring]'.") from None
    try:
        text = keyring.get_password(service, user)
    except Exception as error:  # the backends raise what they like; their text may hold what they read
        raise SecretError(f"The keyring could not be asked for {name!r} ({type(error).__name__}).") from None
    if text is None:
        raise SecretError(f"The keyring has no entry {user!r} of service {service!r}.")
    return _checked(text, f"The keyring entry {name!r}")


def expand(name: str) -> Path:
    """A path as a person writes it: ``~`` is their home. Raises `SecretError` where there is no home."""
    try:
        return Path(name).expanduser()
    except RuntimeError:
        raise SecretError(f"{name} starts with ~, and there is no home folder.") from None


def readers_note(path: Path) -> str:
    """One sentence when others than the owner can read the file, with the command that mends it; else ""."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return ""
    if os.name != "posix" or not mode & (stat.S_IRWXG | stat.S_IRWXO):
        return ""
    return f"{path} can be read by others (mode {stat.S_IMODE(mode):o}); mend it with: chmod 600 {path}"


def source_note(source: TokenSource | None) -> str:
    """What `config check` says of a source beside whether it works: a token file that others can read; else ""."""
    if source is None or source.how != "file" or not source.what:
        return ""
    return readers_note(expand(source.what[0]))
