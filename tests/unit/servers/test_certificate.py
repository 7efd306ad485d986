"""Certificates read from their bytes: against a library that made them, and against anything else."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from tui.servers.certificate import CertificateError, read_certificate


def made(end_at: datetime, *, issuer: str = "Root", subject: str = "acme.test", organisation: str = "") -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    own = [x509.NameAttribute(NameOID.COMMON_NAME, subject)]
    if organisation:
        own.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    names = [x509.DNSName("acme.test"), x509.DNSName("*.acme.test"), x509.IPAddress(ip_address("10.0.0.7"))]
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name(own))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(2**100)
        .not_valid_before(datetime(2020, 1, 2, tzinfo=UTC))
        .not_valid_after(end_at)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.DER)
    )


@pytest.mark.parametrize("end_at", [datetime(2049, 12, 31, 1, 2, 3, tzinfo=UTC), datetime(2051, 1, 1, tzinfo=UTC)])
def test_a_certificate_is_read_in_both_forms_of_a_time(end_at: datetime) -> None:
    found = read_certificate(made(end_at, organisation="Acme Corp"))
    assert found.ends_at == end_at and found.starts_at == datetime(2020, 1, 2, tzinfo=UTC)
    assert (found.subject, found.issuer, found.is_self_signed) == ("acme.test (Acme Corp)", "Root", False)
    assert found.names == ("acme.test", "*.acme.test", "10.0.0.7")
    assert read_certificate(made(end_at, issuer="acme.test")).is_self_signed


def test_names_cannot_carry_control_characters() -> None:
    found = read_certificate(made(datetime(2049, 1, 1, tzinfo=UTC), issuer="x\x1b[31m\u202ey"))
    assert found.issuer.isprintable()


WHOLE = made(datetime(2049, 1, 1, tzinfo=UTC))


@given(st.integers(0, len(WHOLE) - 1), st.binary(max_size=4))
def test_broken_bytes_are_one_kind_of_error(place: int, junk: bytes) -> None:
    for content in (WHOLE[:place], WHOLE[:place] + junk + WHOLE[place + len(junk) :], junk):
        try:
            read_certificate(content)
        except CertificateError:
            continue
