"""What makes a terminal ring and show a notification. Pure; a sequence holds no server text but a cleaned sentence."""

from __future__ import annotations

from collections.abc import Mapping

from tui.present.safe import clean

BELL = "\x07"
NOTICE_CELLS = 160  # of a terminal's notification; desktops cut there anyway


def sequence(how: str, text: str, environ: Mapping[str, str]) -> str:
    """What makes a terminal show a notification; "" for none. Under tmux it is wrapped, for tmux drops it otherwise.

    tmux passes it on where `allow-passthrough` is on, and swallows it where it is not.
    """
    body = clean(text, NOTICE_CELLS).replace(";", ",")
    if how == "osc9":
        code = f"\x1b]9;{body}\x07"
    elif how == "osc777":
        code = f"\x1b]777;notify;scantop;{body}\x07"
    else:
        return ""
    return "\x1bPtmux;" + code.replace("\x1b", "\x1b\x1b") + "\x1b\\" if environ.get("TMUX") else code
