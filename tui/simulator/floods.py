"""Bodies too large to hold, made while they are sent: plain JSON, and little gzip that unpacks to very much."""

from __future__ import annotations

import json
import zlib
from collections.abc import AsyncIterator

PIECE = 256 * 1024  # bytes made at once


async def huge(size: int) -> AsyncIterator[bytes]:
    """About `size` bytes of one JSON object whose one member is an array of rows."""
    row = json.dumps({"id": 1, "name": "x" * 200}).encode() + b","
    piece = row * (PIECE // len(row))
    yield b'{"data": ['
    sent = 0
    while sent < size:
        yield piece
        sent += len(piece)
    yield b'{"id": 2}]}'


async def bomb(size: int) -> AsyncIterator[bytes]:
    """Gzip of a JSON string of `size` blanks: about a thousandth of that on the wire."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    first = packer.compress(b'{"data": "')
    blanks = b" " * PIECE
    if first:
        yield first
    for _ in range(size // PIECE + 1):
        piece = packer.compress(blanks)
        if piece:
            yield piece
    yield packer.compress(b'"}') + packer.flush()
