"""A message by a command: its words filled in, without a shell, without our secrets, for a limited time."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from pathlib import Path

from tui.domain.placeholders import fill
from tui.telling.channels import SEND_S, ChannelError, without
from tui.telling.notice import Notice


class CommandSender:
    """Runs one command a message. `hidden` are the environment variables that it does not get."""

    def __init__(self, words: tuple[str, ...], hidden: frozenset[str], limit_s: float = SEND_S) -> None:
        self._words = words
        self._hidden = hidden
        self._limit_s = limit_s

    async def send(self, notice: Notice) -> None:
        """See `Sender`. The whole group of the command is ended with it where it takes too long."""
        values = notice.values()
        program, *words = self._words
        name = Path(program).name
        try:
            child = await asyncio.create_subprocess_exec(
                program,
                *(fill(word, values) for word in words),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                env=without(os.environ, self._hidden),
                start_new_session=True,  # neither our terminal nor our signals are its own
            )
        except (OSError, ValueError, RuntimeError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
            raise ChannelError(f"The command {name!r} cannot be started: {reason}.") from None
        try:
            async with asyncio.timeout(self._limit_s):
                code = await child.wait()
        except TimeoutError:
            raise ChannelError(
                f"The command {name!r} did not end within {self._limit_s:g} s, so it was ended."
            ) from None
        finally:
            if child.returncode is None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(child.pid, signal.SIGKILL)
                await child.wait()
        if code:
            ended = f"exit status {code}" if code > 0 else f"signal {-code}"
            raise ChannelError(f"The command {name!r} ended with {ended}.")
