"""A store behind TLS: reached with a certificate that is trusted, and with no other."""

import contextlib
import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.storage.connection import check, close, connect
from scheduler.clocks import SystemClock
from scheduler.ports import StoreAway
from scheduler.storage.outbox import RedisOutbox
from tests.integration.school import Platform, relay, reply
from tests.servers import LOOPBACK, MASTER, Server, free_port, started, until


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """A certificate servers show, its key, and the options by which they do."""

    certificate: Path
    key: Path

    def options(self, port: int) -> tuple[str, ...]:
        shown = ("--tls-cert-file", str(self.certificate), "--tls-key-file", str(self.key))
        return (
            *shown,
            "--tls-port",
            str(port),
            "--tls-ca-cert-file",
            str(self.certificate),
            "--tls-auth-clients",
            "no",
        )


@contextlib.contextmanager
def alone(folder: Path, tls: Tls) -> Iterator[str]:
    port = free_port()
    with started(Server(folder, *tls.options(port))):
        yield f"rediss://{LOOPBACK}:{port}"


@contextlib.contextmanager
def watched(folder: Path, tls: Tls) -> Iterator[str]:
    """The sentinel reaches the master, and is reached, by TLS alone."""
    port = free_port()
    with started(Server(folder, *tls.options(port))):
        asked = free_port()
        sentinel = Server(folder, *tls.options(asked), "--tls-replication", "yes", sentinel_of=port)
        with started(sentinel):
            yield f"rediss+sentinel://{LOOPBACK}:{asked}/{MASTER}"


@contextlib.contextmanager
def cluster(folder: Path, tls: Tls) -> Iterator[str]:
    """One node that has all the slots, and names its TLS port."""
    port = free_port()
    server = Server(folder, *tls.options(port), "--cluster-enabled", "yes", "--tls-cluster", "yes")
    with started(server):
        server.ask("CLUSTER", "ADDSLOTSRANGE", 0, 16_383)
        until(lambda: "cluster_state:ok" in str(server.ask("CLUSTER", "INFO")).replace("': '", ":"), "it has them")
        yield f"rediss+cluster://{LOOPBACK}:{port}"


@pytest.mark.parametrize("kind", [alone, watched, cluster])
async def test_a_store_behind_tls_is_reached_if_its_certificate_is_trusted_and_only_then(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: Callable[[Path, Tls], contextlib.AbstractContextManager[str]],
) -> None:
    certificate, key = certified(tmp_path, "store")
    stranger, _ = certified(tmp_path, "stranger")
    with kind(tmp_path / "redis", Tls(certificate=certificate, key=key)) as url:
        for trusted, reached in ((certificate, True), (stranger, False)):
            monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
            database = connect(url, "t")
            if reached:
                assert (await check(database, embedded=False)).server.startswith("Redis 7")
                clock, platform = SystemClock(), Platform()
                assert await RedisOutbox(database).queue(reply("kept"), clock.now())
                await relay(database, platform, clock).run_until_idle()
                assert platform.taken == [("alice", "kept")]
            else:
                with pytest.raises(StoreAway):
                    await database.call("GET", "t:key")
            await close(database)
