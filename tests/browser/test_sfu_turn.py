"""A browser that may use nothing but TLS reaches a room by coturn, and coturn reaches nothing else."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from aioice.stun import TransactionFailed
from aioice.turn import create_turn_endpoint

from pbx.certificate import ensure_certificate
from tests.browser.sfu_client import stage
from tests.integration.ports import free_ports
from tests.waiting import until
from video.turn import TurnServer, TurnSettings, ice_servers, turnserver_conf

pytestmark = pytest.mark.skipif(shutil.which("turnserver") is None, reason="coturn is not installed here")


@asynccontextmanager
async def coturn(folder: Path, workers: list[str]) -> AsyncIterator[tuple[TurnSettings, int]]:
    """Run coturn on the loopback with the configuration that we make."""
    (port,) = free_ports(1)
    ensure_certificate(folder)
    settings = TurnSettings((f"turns:127.0.0.1:{port}?transport=tcp",), "test secret")
    server = TurnServer(
        *("127.0.0.1", port, str(folder / "https.crt"), str(folder / "https.key"), "test.invalid"),
        relay_first=50_000,
        relay_last=50_400,
    )
    conf = folder / "turnserver.conf"
    conf.write_text(turnserver_conf(server, settings, workers) + f"pidfile={folder / 'turn.pid'}\n")
    with (folder / "turn.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            "turnserver",
            "-c",
            str(conf),
            "--userdb",
            str(folder / "turn.db"),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:

        async def listens() -> bool:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                return False
            writer.close()
            return True

        await until(listens)
        yield settings, port
    finally:
        process.kill()
        await process.wait()


async def test_a_closed_network_gets_in_over_tls(tmp_path: Path) -> None:
    async with (
        coturn(tmp_path, ["127.0.0.1"]) as (settings, _),
        stage(tmp_path, flags=("--ignore-certificate-errors",)) as it,
    ):
        visitor, agent = await it.client("visitor"), await it.client("agent")
        servers = msgspec.to_builtins(ice_servers(settings, "visitor", int(time.time())))
        await visitor.join(tone=440, colour="red", hear=1, see=1, ice=servers, relay=True)
        await agent.join(tone=880, colour="blue", hear=1, see=1)
        await agent.sees("3", "red", within=20)
        await visitor.sees("3", "blue")
        await agent.hears("2", 440)


async def test_a_password_leads_to_the_workers_and_nowhere_else(tmp_path: Path) -> None:
    async with coturn(tmp_path, ["127.0.0.9"]) as (settings, port):
        (server,) = ice_servers(settings, "visitor", int(time.time()))
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        transport, _ = await create_turn_endpoint(
            asyncio.DatagramProtocol,
            ("127.0.0.1", port),
            server.username,
            server.credential,
            ssl=context,
            transport="tcp",
        )
        relay = transport._TurnTransport__inner_protocol  # type: ignore[attr-defined] # it tells no outcome otherwise
        with pytest.raises(TransactionFailed, match="403"):
            await relay.send_data(b"hello", ("127.0.0.1", 22))
        with pytest.raises(TransactionFailed, match="403"):
            await relay.send_data(b"hello", ("10.0.0.1", 80))
        await relay.send_data(b"hello", ("127.0.0.9", 17_700))
        transport.close()
        await until(relay.transport.is_closing)


async def test_an_old_password_opens_nothing(tmp_path: Path) -> None:
    async with coturn(tmp_path, ["127.0.0.9"]) as (settings, port):
        (server,) = ice_servers(settings, "visitor", int(time.time()) - 7_200)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with pytest.raises(TransactionFailed, match="401"):
            await create_turn_endpoint(
                asyncio.DatagramProtocol,
                ("127.0.0.1", port),
                server.username,
                server.credential,
                ssl=context,
                transport="tcp",
            )
