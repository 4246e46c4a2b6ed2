"""The interface against its own description: Schemathesis sends what it allows and what it does not."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import msgspec
import pytest
import pytest_asyncio

from desk.routes import PREFIX, ROUTES
from tests.integration.web_fixture import RunningWeb, running_web

_SECONDS: Final = 10
_PROGRAM: Final = Path(sys.executable).parent / "schemathesis"

# What is right by the description may still be refused: not now, not by this one, not of this thing. And with the
# token in its header, a wrong cookie beside it is nobody's business.
_EXCLUDED: Final = "positive_data_acceptance,ignored_auth"

# Whatever is wrong in a request about a contact that the run itself has ended: it is refused because that is over.
_CONFIG: Final = """
[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "410", "413", "415", "422", "428", "429", "5xx"]
"""


@pytest_asyncio.fixture
async def web(tmp_path: Path) -> AsyncIterator[RunningWeb]:
    async with running_web(tmp_path) as running:
        await running.on_duty("ag101")
        await running.talking("ag101")
        await running.arrive()
        yield running


@pytest.mark.parametrize("role", ["agen", "penyelia"])
async def test_the_server_keeps_to_its_description(web: RunningWeb, tmp_path: Path, role: str) -> None:
    token = await web.token(role)
    (tmp_path / "schemathesis.toml").write_text(_CONFIG)
    process = await asyncio.create_subprocess_exec(
        _PROGRAM,
        *("run", f"{web.base}{PREFIX}/openapi.json", "--header", f"Authorization: Bearer {token}"),
        *("--checks", "all", "--exclude-checks", _EXCLUDED, "--phases", "coverage,fuzzing"),
        *("--max-examples", "6", "--max-time", str(_SECONDS), "--seed", "4", "--no-shrink", "--no-color"),
        *("--generation-database", "none", "--warnings", "off", "--continue-on-failure"),
        # It would end the sessions, or lock the account, that the run is about.
        *("--exclude-operation-id", "sign-in", "--exclude-operation-id", "user-change"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == 0, said.decode()[-12_000:]


async def test_the_description_names_every_request_and_who_may(web: RunningWeb) -> None:
    async with web.browser() as anybody, anybody.session.get(f"{anybody.api}/openapi.json") as response:
        document = msgspec.json.decode(await response.read())
    assert document["openapi"] == "3.1.0"
    named = {
        (method.upper(), path): operation["operationId"]
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    assert named == {(route.method, route.path): route.name for route in ROUTES}
    hold = document["paths"]["/interactions/{id}/hold"]["post"]
    assert hold["description"] == "Roles: agent, leader, supervisor; only one's own."
    assert "History" in document["components"]["schemas"]
