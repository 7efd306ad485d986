"""A message by any service that the library apprise knows (extra `notify`). It is loaded when a message is sent.

Its calls block, and may hang for longer than we wait: they run in a thread that holds up neither polling nor the end.
Sentences name nothing of the URL, for with many services the whole of it is a secret.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from importlib import import_module
from importlib.util import find_spec

from tui.secrets import SecretError, read_token
from tui.settings import AppriseChannel
from tui.telling.channels import SEND_S, ChannelError
from tui.telling.notice import Notice

NEEDS = "It needs the extra: pip install 'scantop[notify]'."


def is_installed() -> bool:
    """The library is there (it is not loaded to find out)."""
    return find_spec("apprise") is not None


class AppriseSender:
    """Sends by one URL. One thread at a time: while one hangs, nothing more is sent."""

    def __init__(self, channel: AppriseChannel, limit_s: float = SEND_S) -> None:
        self._channel = channel
        self._limit_s = limit_s
        self._thread: threading.Thread | None = None

    async def send(self, notice: Notice) -> None:
        """See `Sender`."""
        if self._thread is not None and self._thread.is_alive():
            raise ChannelError("The service still does not answer the message before.")
        try:
            secret = await read_token(self._channel.url)
        except SecretError as error:
            raise ChannelError(f"The service's URL is not known: {error}") from None
        url = secret.reveal() if secret is not None else ""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[str] = loop.create_future()

        def settle(words: str) -> None:
            if not done.done():
                done.set_result(words)

        def work() -> None:
            words = _send(url, notice)
            try:
                loop.call_soon_threadsafe(settle, words)
            except RuntimeError:  # nobody waits any more: the loop is closed
                return

        # A daemon, not one of the executor's threads: those are waited for at the end of the program.
        self._thread = threading.Thread(target=work, name="tell by apprise", daemon=True)
        self._thread.start()
        try:
            async with asyncio.timeout(self._limit_s):
                words = await done
        except TimeoutError:
            raise ChannelError(f"The service did not answer within {self._limit_s:g} s.") from None
        if words:
            raise ChannelError(words)


def _send(url: str, notice: Notice) -> str:
    """Send, in a thread; a sentence where that failed, else ""."""
    try:
        library = import_module("apprise")
    except ImportError:
        return f"The library apprise is not installed. {NEEDS}"
    logging.getLogger("apprise").disabled = True  # it warns on standard error, which is the screen, and names URLs
    try:
        service = library.Apprise()
        if not service.add(url):
            return "The URL is none that apprise knows a service for."
        return "" if service.notify(body=notice.text, title="scantop") else "The service did not take the message."
    except Exception as error:  # the services raise what they like; their text may hold the URL
        return f"The service could not be told ({type(error).__name__})."
