"""Asterisk's console answers in time or says that it cannot."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from core.errors import Refused, TryLater
from pbx.asterisk import console, wait_ready
from pbx.root import AsteriskInstall
from tests.integration.asterisk_fixture import StartAsterisk, asterisk_settings


async def test_it_answers(asterisk: StartAsterisk) -> None:
    pbx = await asterisk()
    assert "0 active channels" in await pbx.console("core show channels")


@pytest.mark.parametrize("line", ["core show channels\ncore stop now", "x\x00", "\x1b[A"])
async def test_only_one_line_is_taken(asterisk: StartAsterisk, line: str) -> None:
    pbx = await asterisk()
    with pytest.raises(Refused):
        await pbx.console(line)


async def test_without_asterisk_there_is_no_answer(asterisk_install: AsteriskInstall, tmp_path: Path) -> None:
    settings = asterisk_settings(tmp_path)
    with pytest.raises(TryLater):
        await console(asterisk_install, settings, "core show channels")
    with pytest.raises(TryLater):
        await wait_ready(asterisk_install, settings, within_s=0.3)


async def test_a_frozen_asterisk_is_not_waited_for(asterisk: StartAsterisk) -> None:
    pbx = await asterisk()
    assert pbx.process is not None
    await pbx.freeze()
    with pytest.raises(TryLater):
        await console(pbx.install, pbx.settings, "core show channels", within_s=0.5)
    pbx.process.send_signal(signal.SIGCONT)
    assert "0 active channels" in await pbx.console("core show channels")
