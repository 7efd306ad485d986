"""Reads what a person asks of a certificate out of its DER form: who it is for, who signed it, from when until when.

Python gives a certificate's content only where it trusts it, and it is the untrusted one that needs explaining. Knows
no connection. Form: RFC 5280, section 4.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address

from tui.servers.errors import plain

_NAME_OID, _ORGANISATION_OID, _ALT_NAMES = b"\x55\x04\x03", b"\x55\x04\x0a", b"\x55\x1d\x11"
_SEQUENCE, _SET, _OID, _OCTETS, _UTC_TIME, _TIME = 0x30, 0x31, 0x06, 0x04, 0x17, 0x18
_VERSION, _EXTENSIONS, _DNS, _IP = 0xA0, 0xA3, 0x82, 0x87
_BMP_STRING = 0x1E
SHOWN_NAMES = 20  # a certificate may be for hundreds
NAME_CHARACTERS = 100


class CertificateError(ValueError):
    """The bytes are no certificate."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """`issuer` and `subject` are made for people: the common name, with the organisation where that says more."""

    subject: str
    issuer: str
    starts_at: datetime
    ends_at: datetime
    names: tuple[str, ...]
    is_self_signed: bool


def read_certificate(der: bytes) -> Certificate:
    """The certificate in these bytes. Raises `CertificateError`."""
    try:
        (outer,) = _items(der)
        fields = [item for item in _items(next(_items(outer[1]))[1]) if item[0] != _VERSION]
        issuer, validity, subject = fields[2][1], fields[3][1], fields[4][1]
        starts_at, ends_at = (_moment(tag, text) for tag, text in _items(validity))
        extensions = next((content for tag, content in fields[6:] if tag == _EXTENSIONS), b"")
        return Certificate(
            _name(subject), _name(issuer), starts_at, ends_at, tuple(_alt_names(extensions)), issuer == subject
        )
    except (IndexError, StopIteration, ValueError, OverflowError) as error:
        raise CertificateError("the certificate cannot be read") from error


def _items(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Each element in `content`: its tag byte and its content."""
    at = 0
    while at < len(content):
        tag, length, start = content[at], content[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            if not 1 <= count <= 4:
                raise ValueError("a length of no use")
            length, start = int.from_bytes(content[start : start + count], "big"), start + count
        if start + length > len(content):
            raise ValueError("an element is longer than what holds it")
        yield tag, content[start : start + length]
        at = start + length


def _name(content: bytes) -> str:
    found: dict[bytes, str] = {}
    for _, group in _items(content):
        for _, pair in _items(group):
            (_, oid), (tag, text) = list(_items(pair))[:2]
            encoding = "utf-16-be" if tag == _BMP_STRING else "utf-8"
            found.setdefault(oid, plain(text.decode(encoding, "replace"), NAME_CHARACTERS))
    own, organisation = found.get(_NAME_OID, ""), found.get(_ORGANISATION_OID, "")
    if own and organisation and organisation.lower() not in own.lower():
        return f"{own} ({organisation})"
    return own or organisation or "somebody without a name"


def _moment(tag: int, content: bytes) -> datetime:
    text = content.decode("ascii")
    if tag == _UTC_TIME:  # two digits of the year: 1950 to 2049
        text = ("19" if text[:2] >= "50" else "20") + text
    elif tag != _TIME:
        raise ValueError("a time in no form that is known")
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _alt_names(extensions: bytes) -> Iterator[str]:
    if not extensions:
        return
    for _, extension in _items(next(_items(extensions))[1]):
        parts = list(_items(extension))
        if not parts or parts[0] != (_OID, _ALT_NAMES):
            continue
        names = [item for _, listed in _items(parts[-1][1]) for item in _items(listed)]
        for tag, content in names[:SHOWN_NAMES]:
            if tag == _DNS:
                yield plain(content.decode("ascii", "replace"), NAME_CHARACTERS)
            elif tag == _IP:
                yield str(ip_address(content))
