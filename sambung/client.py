"""A client of control's local interface (``sambung.api``)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

import aiohttp
import msgspec

from core.errors import Gone, Refused, TryLater
from core.ids import AgentId, InteractionId
from pbx.commands import Command
from pbx.view import CallView
from sambung.reload import Reloaded

_DEADLINE_S: Final = 10.0
_SPEAKING_S: Final = 180.0
"""So long at most to speak every prompt anew."""
_T = TypeVar("_T")


class AgentState(msgspec.Struct, frozen=True):
    """An agent as the line sees it."""

    id: AgentId
    signed_in: bool
    ready: bool
    reason: str
    reachable: tuple[str, ...]
    load: int
    work: tuple[InteractionId, ...]


class _Error(msgspec.Struct):
    error: str


class ControlClient:
    """Speaks to the control process of one home. Use as an asynchronous context manager."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.UnixConnector(str(self._socket)),
            timeout=aiohttp.ClientTimeout(total=_DEADLINE_S),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def agents(self) -> tuple[AgentState, ...]:
        """Return every agent."""
        return await self.get("/agents", tuple[AgentState, ...])

    async def agent(self, agent: str, action: str, **body: object) -> AgentState:
        """Post ``action`` (``sign-in``, ``sign-out``, ``intent``) for an agent and return the agent's state."""
        return await self._ask("POST", f"/agents/{agent}/{action}", AgentState, body)

    async def wrap_up_done(self, identity: InteractionId) -> None:
        """Say that the agent has finished the work after this contact."""
        await self._ask("POST", f"/interactions/{identity}/wrap-up-done", dict[str, object], {})

    async def command(self, want: Command) -> None:
        """Have something done to a call. Raises Refused with what to do instead, Gone when the call is over."""
        await self._ask("POST", "/commands", dict[str, object], msgspec.to_builtins(want))

    async def reload(self) -> Reloaded:
        """Have the centre's files read again; what is wrong with them is in the answer."""
        return await self._ask("POST", "/reload", Reloaded, {}, _SPEAKING_S)

    async def calls(self) -> tuple[CallView, ...]:
        """Return every call in which somebody talks, and every parked one."""
        return await self.get("/calls", tuple[CallView, ...])

    async def get(self, path: str, kind: type[_T]) -> _T:
        """Read ``path`` as ``kind``.

        Raises:
            TryLater: control is not running or does not answer.
            Gone: there is no such thing.
            Refused: the request is wrong.
        """
        return await self._ask("GET", path, kind, None)

    async def _ask(
        self,
        method: str,
        path: str,
        kind: type[_T],
        body: Mapping[str, object] | None,
        deadline_s: float = _DEADLINE_S,
    ) -> _T:
        if self._session is None:
            raise RuntimeError("use ControlClient in `async with`")
        try:
            within = aiohttp.ClientTimeout(total=deadline_s)
            url = f"http://control{path}"
            async with self._session.request(method, url, json=body, timeout=within) as response:
                text = await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise TryLater(
                "the control process is not running here; start the centre with bin/run, or name its --home"
            ) from error
        if response.status < 300:
            return msgspec.json.decode(text, type=kind)
        message = msgspec.json.decode(text, type=_Error).error
        match response.status:
            case 404 | 410:
                raise Gone(message)
            case 503:
                raise TryLater(message)
            case _:
                raise Refused(message)
