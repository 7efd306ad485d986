"""Opening a web page where a desktop is at hand; never a text browser on the terminal that the screen is drawn on.

Owns which program that is. An address reaches it as one argument, after a check that it is a web address.
"""

from __future__ import annotations

import asyncio
import shlex
import shutil
from collections.abc import Mapping
from pathlib import PurePath

# They would draw over the screen, and read its keys.
TEXT_BROWSERS = frozenset({"lynx", "w3m", "links", "links2", "elinks", "www-browser", "browsh", "carbonyl", "chawan"})
SCHEMES = ("http://", "https://")


def is_web_address(url: str) -> bool:
    """A browser is to be trusted with it."""
    return url.startswith(SCHEMES) and url.isprintable() and not any(sign.isspace() for sign in url)


def browser(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The program and its arguments before the address; () where no desktop is at hand.

    The far end of an SSH session has none, even with a display forwarded: its browser is not the person's. BROWSER may
    name several with colons between, and may put the address with %s.
    """
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return ()
    if not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")):
        return ()
    path = environ.get("PATH")
    for text in environ.get("BROWSER", "").split(":"):
        try:
            words = tuple(shlex.split(text))
        except ValueError:
            continue
        if words and PurePath(words[0]).name not in TEXT_BROWSERS and shutil.which(words[0], path=path):
            return words
    found = shutil.which("xdg-open", path=path)
    return (found,) if found else ()


async def open_page(url: str, environ: Mapping[str, str]) -> str:
    """Have the page opened; "" when the browser was started, else why not, in a few words."""
    words = browser(environ)
    if not words:
        return "no browser is at hand"
    argv = [word.replace("%s", url) for word in words] if any("%s" in word for word in words) else [*words, url]
    nothing = asyncio.subprocess.DEVNULL
    try:
        await asyncio.create_subprocess_exec(
            *argv, stdin=nothing, stdout=nothing, stderr=nothing, env=dict(environ), start_new_session=True
        )
    except OSError as error:
        return f"{PurePath(argv[0]).name} did not start ({error.strerror or type(error).__name__})"
    return ""
