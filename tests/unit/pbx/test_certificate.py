"""The certificate for browsers' phones is kept, renewed in time, and not touched when it is somebody else's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID

from pbx.certificate import ensure_certificate


def make(issuer: str, subject: str, days: int) -> bytes:
    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        name(issuer), name(subject), key.public_key(), x509.random_serial_number()
    )
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=days))
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM)


def test_certificate_and_key_belong_together_and_are_made_once(tmp_path: Path) -> None:
    ensure_certificate(tmp_path)
    first = (tmp_path / "https.crt").read_bytes()
    key = load_pem_private_key((tmp_path / "https.key").read_bytes(), None)
    assert x509.load_pem_x509_certificate(first).public_key() == key.public_key()
    ensure_certificate(tmp_path)
    assert (tmp_path / "https.crt").read_bytes() == first


def test_one_of_ours_that_expires_soon_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "https.crt").write_bytes(make("localhost", "localhost", days=10))
    ensure_certificate(tmp_path)
    renewed = x509.load_pem_x509_certificate((tmp_path / "https.crt").read_bytes())
    assert renewed.not_valid_after_utc > datetime.now(UTC) + timedelta(days=300)


def test_one_that_somebody_brought_is_left_alone(tmp_path: Path) -> None:
    brought = make("An Authority", "call.example", days=10)
    (tmp_path / "https.crt").write_bytes(brought)
    ensure_certificate(tmp_path)
    assert (tmp_path / "https.crt").read_bytes() == brought
