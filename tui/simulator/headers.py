"""The last touch to an answer: Date, compression, framing. Knows no socket and no story."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from tui.simulator.exchange import NO_PAYLOAD, Reply
from tui.simulator.variants import Variants

SKEW = timedelta(hours=1)  # how wrong the clock of a server is that has a wrong one
NO_BODY = (204, 304)


def dressed(reply: Reply, variants: Variants, at: datetime) -> Reply:
    """The reply ready to be sent: its body in bytes (unless it is streamed) and every header but the framing's."""
    headers = list(reply.headers)
    if reply.stream is None and reply.payload is not NO_PAYLOAD:
        reply.body = reply.render()
    if reply.content_type is not None and reply.status not in NO_BODY:
        headers.append(("Content-Type", reply.content_type))
    if variants["gzip"] == "on" and reply.body and reply.stream is None:
        reply.body = gzip.compress(reply.body, mtime=0)
        headers.append(("Content-Encoding", "gzip"))
    form = variants["date"]
    if form != "off":
        shift = {"ahead": SKEW, "behind": -SKEW}.get(form, timedelta())
        headers.append(("Date", format_datetime((at + shift).astimezone(UTC), usegmt=True)))
    reply.headers = headers
    reply.framing = "chunked" if reply.stream is not None else variants["transfer"]
    return reply
