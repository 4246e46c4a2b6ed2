"""Signing in, out and being put out, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.integration.web_fixture import RunningWeb, running_web


@pytest_asyncio.fixture
async def web(tmp_path: Path) -> AsyncIterator[RunningWeb]:
    async with running_web(tmp_path) as running:
        yield running


async def test_an_agent_signs_in_and_sees_what_is_hers(web: RunningWeb) -> None:
    async with web.browser("agen") as agent:
        me = await agent.get("/session")
        assert (me["user"], me["role"], me["agent"]) == ("agen", "agent", "ag101")
        live = await agent.get("/live")
        assert live["me"]["id"] == "ag101"
        assert live["agents"] == []
