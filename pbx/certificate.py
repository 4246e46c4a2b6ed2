"""The certificate under which browsers' phones reach Asterisk, until the centre brings one of its own."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from pbx.files import write_whole

_VALID: Final = timedelta(days=397)
"""The longest that browsers accept."""
_RENEW: Final = timedelta(days=30)


def ensure_certificate(folder: Path) -> None:
    """Keep ``https.crt`` and ``https.key`` in ``folder``: self-signed, made anew a month before they expire.

    A certificate that is not self-signed was put there by somebody and is left alone.
    """
    certificate = folder / "https.crt"
    if certificate.exists():
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
        ours = found.issuer == found.subject
        if not ours or found.not_valid_after_utc - datetime.now(UTC) > _RENEW:
            return
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_whole(folder / "https.key", pem.decode())
    write_whole(certificate, _self_signed(key).public_bytes(Encoding.PEM).decode())


def _self_signed(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + _VALID)
        .add_extension(names, critical=False)
        .sign(key, SHA256())
    )
