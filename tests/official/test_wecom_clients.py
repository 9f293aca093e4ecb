"""WeCom's official clients can talk to the stand-in: so it speaks as the platform does, not as our own client hopes."""

import asyncio
import base64
import ipaddress
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.standins.wecom import WecomStandin
from tests.official.installed import NODE_MODULES, PYTHON

pytestmark = pytest.mark.official

HERE = Path(__file__).parent
GROUP, STUDENT = "wrClass1", "Stu01"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4000
"""Large enough for two chunks."""


@asynccontextmanager
async def running(*command: str, **environment: str) -> AsyncIterator[None]:
    """A client that has been let in; it ends without an error when its input does."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, env={**os.environ, **environment})
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            assert await process.stdout.readline() == b"authenticated\n"
        yield
    finally:
        process.stdin.close()
        async with asyncio.timeout(30):
            assert await process.wait() == 0


@asynccontextmanager
async def node_client() -> AsyncIterator[WecomStandin]:
    async with WecomStandin() as standin:
        robot = standin.world.robot
        script = str(HERE / "wecom-node" / "client.cjs")
        async with running("node", script, standin.ws_url, robot.id, robot.secret, NODE_PATH=str(NODE_MODULES)):
            yield standin


@asynccontextmanager
async def python_client(folder: Path) -> AsyncIterator[WecomStandin]:
    certificate = folder / "certificate.pem"
    async with WecomStandin(tls=_certified(certificate)) as standin:
        robot = standin.world.robot
        script = str(HERE / "wecom_client.py")
        async with running(str(PYTHON), script, standin.ws_url, robot.id, robot.secret, str(certificate)):
            yield standin


@pytest.fixture(params=["node over ws", "python over wss"])
async def standin(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[WecomStandin]:
    """A stand-in with an official client connected."""
    client = node_client() if request.param == "node over ws" else python_client(tmp_path)
    async with client as standin:
        standin.world.group(chat=GROUP)
        yield standin


@pytest.mark.parametrize("chat", ["", GROUP])
async def test_an_official_client_answers_by_a_stream_and_a_card(standin: WecomStandin, chat: str) -> None:
    await standin.people.say(user=STUDENT, text="hello", chat=chat)
    await standin.until(lambda: len(standin.world.messages) == 2)
    said, asked = await standin.messages(user=STUDENT, chat=chat)
    name = f"@{standin.world.robot.name} " if chat else ""
    assert (said["text"], said["finished"], said["edits"]) == (f"heard: {name}hello", True, 1)
    assert asked["buttons"] == ["yes"]
    assert standin.world.complaints == []


async def test_an_official_client_changes_the_card_of_who_pressed_and_writes_unasked(standin: WecomStandin) -> None:
    await standin.people.say(user=STUDENT, text="hello")
    await standin.until(lambda: len(standin.world.messages) == 2)
    await standin.people.press(user=STUDENT, message=2, label="yes")
    await standin.until(lambda: len(standin.world.messages) == 3)
    _, card, pushed = await standin.messages(user=STUDENT)
    assert (card["card"]["main_title"], card["buttons"]) == ({"title": "thanks"}, [])
    assert pushed["text"] == "by the way"


async def test_an_official_client_greets_who_opens_the_chat(standin: WecomStandin) -> None:
    await standin.people.enter(user=STUDENT)
    await standin.until(lambda: bool(standin.world.messages))
    assert [shown["text"] for shown in await standin.messages(user=STUDENT)] == ["welcome"]


async def test_the_node_client_opens_a_picture_and_uploads_it_in_chunks() -> None:
    async with node_client() as standin:
        await standin.people.say(user=STUDENT, picture=base64.b64encode(PICTURE).decode())
        await standin.until(lambda: bool(standin.world.messages))
        (media,) = standin.world.media.values()
        assert (media.kind, media.content) == ("image", PICTURE)


def _certified(certificate: Path) -> ssl.SSLContext:
    """A server's end of TLS with a certificate of its own, which is written to a file for clients to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    certificate.write_bytes(made.public_bytes(pem))
    private = certificate.with_suffix(".key")
    private.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private)
    return context
