"""A real Asterisk for a test: its own ports, folders and prompts, gone when the test is.

async def test_something(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi",), rtp_timeout_s=2)
"""

from __future__ import annotations

import asyncio
import dataclasses
import math
import signal
import struct
import subprocess
import wave
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final, Protocol

import pytest

from core.ids import AgentId
from pbx import secrets
from pbx.asterisk import command, console, wait_ready
from pbx.render import TEST_LINE, Machine, PhoneAccount, render, write
from pbx.root import AsteriskInstall, cache_folder, locate
from pbx.settings import AsteriskSettings, Secrets, TrunkSettings
from tests.integration.ports import free_ports, free_span
from tests.waiting import until

PROMPT_TONES: Final = {"notice.degraded": 700, "notice.nobody": 1500}
"""What the prompts sound like, in Hz. They are said in both languages, half a second each."""

_STOP_S: Final = 15.0
MACHINE: Final = Machine(address=None, open_files=4096)
"""Asking for the real address would look like traffic to the outside."""


def asterisk_settings(folder: Path, **changes: Any) -> AsteriskSettings:
    """Return settings for an Asterisk below ``folder`` on free ports. The trunk's peer gets a free port, too."""
    sip, http, https, ami, trunk, peer = free_ports(6)
    first = free_span()
    settings = AsteriskSettings(
        home=folder / "pbx",
        prompts=folder / "prompts",
        spool=folder / "spool",
        sip_port=sip,
        http_port=http,
        https_port=https,
        ami_port=ami,
        rtp_first=first,
        rtp_last=first + 399,
        trunk=TrunkSettings(peer=f"127.0.0.1:{peer}", bind_port=trunk),
    )
    trunk_changes = changes.pop("trunk", {})
    return dataclasses.replace(
        settings, trunk=dataclasses.replace(settings.trunk, **trunk_changes), **changes
    )


class RunningAsterisk:
    """An Asterisk that runs, or ran."""

    def __init__(
        self, install: AsteriskInstall, settings: AsteriskSettings, passwords: Secrets, agents: Sequence[str]
    ) -> None:
        self.install = install
        self.settings = settings
        self.secrets = passwords
        self.phones = [PhoneAccount(AgentId(a), self.password(a)) for a in agents]
        self.process: asyncio.subprocess.Process | None = None

    @property
    def peer_port(self) -> int:
        """Where a telephone must listen to be the trunk."""
        return int(self.settings.trunk.peer.rpartition(":")[2])

    @property
    def trunk(self) -> str:
        """Where the trunk's calls are taken, as host:port."""
        return f"127.0.0.1:{self.settings.trunk.bind_port}"

    @property
    def registrar(self) -> str:
        """Where phones register, as host:port."""
        return f"127.0.0.1:{self.settings.sip_port}"

    def password(self, agent: str = TEST_LINE) -> str:
        """Return the password of an agent's phones."""
        return secrets.agent_password(self.secrets, AgentId(agent))

    async def start(self) -> None:
        """Start, with the configuration as it is on the disk, and wait until it is ready."""
        self.process = await asyncio.create_subprocess_exec(
            *command(self.install, self.settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        await wait_ready(self.install, self.settings)

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it, and wait until it has ended."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(how)
            with suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGCONT)  # a frozen one takes no other signal but SIGKILL
            try:
                await asyncio.wait_for(self.process.wait(), _STOP_S)
            except TimeoutError:
                self.process.kill()
                await self.process.wait()

    async def freeze(self) -> None:
        """Stop every thread of it where it is."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        threads = Path(f"/proc/{self.process.pid}/task")
        await until(lambda: all("\nState:\tT" in (t / "status").read_text() for t in threads.iterdir()))

    async def console(self, line: str) -> str:
        """Return what the console answers."""
        return await console(self.install, self.settings, line)

    async def manager(self, *actions: str) -> list[str]:
        """Log in to AMI with the project's account and return what each action is answered, unguarded."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.settings.ami_port)
        login = f"Action: Login\r\nUsername: sambung\r\nSecret: {self.secrets.ami}\r\nEvents: off"
        answers = []
        try:
            async with asyncio.timeout(10):
                for number, action in enumerate((login, *actions)):
                    writer.write(f"{action}\r\nActionID: {number}\r\n\r\n".encode())
                    answer = ""
                    while f"ActionID: {number}\r\n" not in answer:
                        answer = (await reader.readuntil(b"\r\n\r\n")).decode()
                    answers.append(answer)
        finally:
            writer.close()
            await writer.wait_closed()
        return answers[1:]

    async def channels(self) -> int:
        """Return how many legs there are."""
        said = await self.console("core show channels count")
        return int(said.split(" active channel", maxsplit=1)[0].split()[-1])

    def log(self) -> str:
        """Return what it has logged so far: notices, warnings and errors."""
        return (self.settings.home / "log/messages").read_text(encoding="utf-8", errors="replace")

    def complaints(self) -> list[str]:
        """Return the errors and warnings in the log."""
        return [line for line in self.log().splitlines() if "ERROR[" in line or "WARNING[" in line]

    def recordings(self) -> list[Path]:
        """Return the recordings, finished or not."""
        return sorted(self.settings.spool.iterdir())


class StartAsterisk(Protocol):
    """Starts an Asterisk that is stopped when the test ends."""

    async def __call__(self, agents: Sequence[str] = (), **changes: Any) -> RunningAsterisk:
        """``changes`` go into AsteriskSettings; ``trunk`` is a dictionary of changes to TrunkSettings."""
        ...


@asynccontextmanager
async def running_asterisk(
    install: AsteriskInstall, settings: AsteriskSettings, agents: Sequence[str]
) -> AsyncIterator[RunningAsterisk]:
    """Configure and start an Asterisk, and stop it in the end."""
    passwords = secrets.load(settings.home)
    pbx = RunningAsterisk(install, settings, passwords, agents)
    write(settings, render(settings, install, passwords, pbx.phones, MACHINE))
    write_prompts(settings.prompts)
    try:
        await pbx.start()
        yield pbx
    finally:
        await pbx.stop()


def write_prompts(folder: Path) -> None:
    """Make the prompts that Asterisk needs without us, as tones."""
    for language in ("id", "en"):
        (folder / language).mkdir(parents=True, exist_ok=True)
        for name, hertz in PROMPT_TONES.items():
            write_tone(folder / language / f"{name}.wav", hertz, seconds=0.5)


def write_tone(path: Path, hertz: int, seconds: float) -> None:
    """Write a WAV file as Asterisk plays it: 8,000 Hz, mono, 16 bits."""
    values = (int(8000 * math.sin(2 * math.pi * hertz * n / 8000)) for n in range(int(8000 * seconds)))
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"".join(struct.pack("<h", value) for value in values))


@pytest.fixture(scope="session")
def asterisk_install() -> AsteriskInstall:
    found = locate(cache_folder())
    if found is None:
        pytest.fail("there is no Asterisk; run bin/setup")
    return found


@pytest.fixture
async def asterisk(asterisk_install: AsteriskInstall, tmp_path: Path) -> AsyncIterator[StartAsterisk]:
    async with AsyncExitStack() as started:

        async def start(agents: Sequence[str] = (), **changes: Any) -> RunningAsterisk:
            settings = asterisk_settings(tmp_path, **changes)
            return await started.enter_async_context(running_asterisk(asterisk_install, settings, agents))

        yield start
