"""Pending scans in what people paste: a status URL, or the whole answer of an upload or a delete.

Only the two ids count. The host in such a link is whatever the server believes it is (often an internal address), and a
key is never sent there.
"""

from __future__ import annotations

import json
import re

from tui.servers.kind import Pasted

_LINK = re.compile(
    r"(?:https?://[^\s\"'<>?#]{1,2000}?)?(?:/|^)(?:rest(?:/(?:latest|legacy|v[0-9][0-9.]*))?/)?"
    r"applications/(\d{1,19})/pendingScan/(\d{1,19})(?:/status)?/?(?:[?#]\S*)?",
    re.ASCII,
)
PASTE_LIMIT = 1_048_576  # characters; an upload answer has a few hundred
SCANS_LIMIT = 1000  # links taken from one answer


def recognise(text: str) -> tuple[Pasted, ...]:
    """The pending scans that a text names, each once, in its order; () if none. Never raises."""
    text = text.strip().removeprefix("\ufeff")
    if len(text) > PASTE_LIMIT:
        return ()
    if text[:1] in ("{", "["):
        try:
            links = _links(json.loads(text))
        except (ValueError, RecursionError):
            return ()
        found = [_scan(link) for link in links]
    else:
        found = [_scan(text)]
    return tuple(dict.fromkeys(scan for scan in found if scan is not None))


def _scan(link: str) -> Pasted | None:
    match = _LINK.fullmatch(link.strip())
    if match is None:
        return None
    return Pasted("scan", (str(int(match.group(1))), str(int(match.group(2)))))


def _links(answer: object) -> list[str]:
    """Every ``href`` of every ``links`` list, at the top or in any of several answers in a list."""
    answers = answer if isinstance(answer, list) else [answer]
    found: list[str] = []
    for one in answers[:SCANS_LIMIT]:
        links = one.get("links") if isinstance(one, dict) else None
        for link in links[:SCANS_LIMIT] if isinstance(links, list) else ():
            href = link.get("href") if isinstance(link, dict) else link
            if isinstance(href, str):
                found.append(href)
    return found
