"""A store behind TLS: reached with a certificate that is trusted, and with no other."""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.storage.connection import check, close, connect
from scheduler.ports import StoreAway
from tests.servers import LOOPBACK, Server, free_port, started


def certified(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate for the loopback address, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(LOOPBACK))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / f"{name}.pem", folder / f"{name}.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return paths


async def test_a_store_behind_tls_is_reached_if_its_certificate_is_trusted_and_only_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = certified(tmp_path, "store")
    stranger, _ = certified(tmp_path, "stranger")
    port = free_port()
    behind_tls = ("--tls-port", str(port), "--tls-cert-file", str(certificate), "--tls-key-file", str(key))
    server = Server(tmp_path / "redis", *behind_tls, "--tls-ca-cert-file", str(certificate), "--tls-auth-clients", "no")
    with started(server):
        for trusted, reached in ((certificate, True), (stranger, False)):
            monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
            database = connect(f"rediss://{LOOPBACK}:{port}", "t")
            if reached:
                assert (await check(database, embedded=False)).server.startswith("Redis 7")
                await database.call("SET", "t:key", "kept")
                assert await database.call("GET", "t:key") == "kept"
            else:
                with pytest.raises(StoreAway):
                    await database.call("GET", "t:key")
            await close(database)
