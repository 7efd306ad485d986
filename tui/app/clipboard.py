"""Copying over SSH: tmux's own buffer under tmux (it drops OSC 52 by default), else OSC 52. Says which was used.

Owns how text leaves; what is copied is the caller's. Never a clipboard program of the remote host first: it would fill
the wrong machine's clipboard.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from tui.present.safe import clean_lines

TMUX_S = 2.0  # a local socket answers in milliseconds; longer means that the tmux server is gone
# xterm and tmux drop longer OSC 52 sequences without a word (74,994 bytes of text in base64 are 100,000).
OSC52_BYTES = 74_994


async def copy(text: str, environ: Mapping[str, str], write_osc52: Callable[[str], None]) -> str:
    """Copy `text`, its lines cleaned as for the screen (it may be pasted anywhere); gives how, or why not, in words."""
    text = "\n".join(clean_lines(text, 2 * len(text) + 1, len(text) + 1))
    size = len(text.encode("utf-8", "replace"))
    if environ.get("TMUX"):
        problem = await _load_tmux_buffer(text)
        if not problem:
            return "with tmux load-buffer -w"
        if size > OSC52_BYTES:
            return f"NOT copied: tmux refused ({problem})"
        write_osc52(text)
        return f"with OSC 52, as tmux refused ({problem})"
    if size > OSC52_BYTES:
        return f"NOT copied: {size:,} bytes are more than terminals take (OSC 52, {OSC52_BYTES:,})"
    write_osc52(text)
    return "with OSC 52"


async def _load_tmux_buffer(text: str) -> str:
    """Hand the text to tmux on its standard input; "" when it took it, else why not."""
    try:
        child = await asyncio.create_subprocess_exec(
            "tmux",
            "load-buffer",
            "-w",
            "-",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError as error:
        return error.strerror or "not found"
    try:
        await asyncio.wait_for(child.communicate(text.encode("utf-8", "replace")), TMUX_S)
    except TimeoutError:
        child.kill()
        await child.wait()
        return f"no answer in {TMUX_S:g} s"
    return "" if child.returncode == 0 else f"exit code {child.returncode}"
