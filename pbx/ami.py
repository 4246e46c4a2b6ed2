"""Asterisk's manager interface, through panoramisk behind a guard.

What the guard adds: values that could end a line are refused, actions outside a list are refused, every action
has a deadline, nothing is ever repeated, a lost connection fails whoever waits, a silent one is noticed, and a
letter split between two packets survives. Source: Asterisk documentation, "AMI Actions".
"""

from __future__ import annotations

import asyncio
import codecs
import logging
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any, Final, Protocol

import structlog
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager

from core.errors import Refused, TryLater
from core.ids import InteractionId, LegId
from pbx.ami_events import ASIDE, AmiEvent, AsideCall, Reach, parse, parse_aside

_log = structlog.get_logger("ami")

_DEADLINE_S: Final = 3.0
_BOOT_S: Final = 30.0
_PING_S: Final = 5.0
_BACKOFF_S: Final = (0.05, 0.1, 0.2, 0.5, 1.0)

_ACTIONS: Final[Mapping[str, frozenset[str]]] = {
    "Login": frozenset({"Username", "Secret", "Events"}),
    "Ping": frozenset(),
    "DeviceStateList": frozenset(),
    "MixMonitorMute": frozenset({"Channel", "Direction", "State"}),
    "DBGetTree": frozenset({"Family"}),
    "Setvar": frozenset({"Variable", "Value"}),
}
"""All that is ever sent, with the headers each may carry. ``manager.conf`` grants no more than these need."""


class Owner(Protocol):
    """Whoever wants to know what Asterisk tells."""

    async def on_up(self) -> None:
        """Take stock (``contacts``, ``aside_calls``): what happened meanwhile is not told again."""
        ...

    def on_event(self, event: AmiEvent) -> None:
        """Take an event. Must return quickly."""
        ...

    def on_down(self) -> None:
        """The connection ended."""
        ...


class Ami:
    """A connection to one Asterisk, made again whenever it ends."""

    def __init__(self, host: str, port: int, user: str, secret: str) -> None:
        self._address = (host, port)
        self._user = user
        self._secret = secret
        self._reach = Reach()
        self._protocol: _Guarded | None = None

    async def run(self, owner: Owner) -> None:
        """Keep the connection. Ends only by cancellation or by an error of the owner's."""
        attempt = 0
        while True:
            was_up = await self._connect_once(owner)
            attempt = 0 if was_up else min(attempt + 1, len(_BACKOFF_S) - 1)
            await asyncio.sleep(_BACKOFF_S[attempt])

    # --- what may be asked --------------------------------------------------------------------------------
    # Each raises TryLater when there is no connection or no answer in time, Refused when Asterisk will not.

    async def contacts(self) -> dict[str, bool]:
        """Return for every endpoint that Asterisk has heard of whether a phone can be reached.

        After a start of Asterisk a phone counts only once it has answered; a ``ContactStatus`` tells.
        """
        # Snapshot and news both come from device states: contacts' own events run ahead of them.
        for message in await self.ask("DeviceStateList"):
            self._reach.take(message.get("Device"), message.get("State"))
        return self._reach.snapshot()

    async def mute_recording(self, leg: LegId) -> None:
        """Record silence on ``leg`` from now on, in both directions, so that the two stay in step."""
        await self.ask("MixMonitorMute", {"Channel": leg, "Direction": "both", "State": "1"})

    async def unmute_recording(self, leg: LegId) -> None:
        """Record sound again."""
        await self.ask("MixMonitorMute", {"Channel": leg, "Direction": "both", "State": "0"})

    async def aside_calls(self) -> list[AsideCall]:
        """Return the calls that the dialplan took without us and that were not forgotten yet."""
        records = await self.ask("DBGetTree", {"Family": ASIDE})
        found = [parse_aside(str(record["Key"]), str(record["Val"])) for record in records if "Key" in record]
        return [call for call in found if call is not None]

    async def forget_aside(self, call: InteractionId) -> None:
        """Remove the record of a call that was adopted; one that is gone already stays so."""
        # DBDel would need the right to load modules and start programs; a dialplan function needs neither.
        await self.ask("Setvar", {"Variable": f"DB_DELETE({ASIDE}/{call})", "Value": ""})

    async def ask(
        self, action: str, fields: Mapping[str, str] | None = None, within_s: float = _DEADLINE_S
    ) -> Sequence[Mapping[str, object]]:
        """Send an action and return the messages that answer it, the response first.

        Raises Refused for what may not be sent and for what Asterisk refuses.
        """
        headers = checked(action, fields or {})
        protocol = self._protocol
        if protocol is None or protocol.transport.is_closing():
            raise TryLater("there is no connection to Asterisk's manager")
        answer = await protocol.exchange(headers, within_s)
        response = answer[0]
        if response.get("Response") == "Error":
            raise Refused(f"Asterisk refused {action}: {response.get('Message')}")
        return answer

    # --- the connection -----------------------------------------------------------------------------------

    async def _connect_once(self, owner: Owner) -> bool:
        was_up = False
        link = _Link()
        self._reach = Reach()
        try:
            async with asyncio.timeout(_DEADLINE_S):
                _, protocol = await asyncio.get_running_loop().create_connection(
                    lambda: _Guarded(link), *self._address
                )
        except (OSError, TimeoutError) as error:
            _log.info("no connection to asterisk's manager", reason=repr(error))
            return False
        with closing(protocol.transport):
            self._protocol = protocol
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(_until_lost(link), name="ami-lost")
                    await self._log_in(link)
                    await owner.on_up()
                    was_up = True
                    _log.info("asterisk's manager is connected")
                    tasks.create_task(self._watch(), name="ami-watchdog")
                    await self._deliver(link, owner)
            except* (TryLater, Refused, EOFError, TimeoutError) as errors:
                _log.warning("the connection to asterisk's manager ended", reason=repr(errors.exceptions[0]))
            finally:
                self._protocol = None
                if was_up:
                    owner.on_down()
        return was_up

    async def _log_in(self, link: _Link) -> None:
        await self.ask("Login", {"Username": self._user, "Secret": self._secret, "Events": "on"})
        async with asyncio.timeout(_BOOT_S):
            await link.booted.wait()

    async def _deliver(self, link: _Link, owner: Owner) -> None:
        while True:
            event = parse(await link.messages.get(), self._reach)
            if event is not None:
                owner.on_event(event)

    async def _watch(self) -> None:
        """A peer that is there but silent is as bad as one that is gone."""
        while True:
            await asyncio.sleep(_PING_S)
            await self.ask("Ping")


async def _until_lost(link: _Link) -> None:
    await link.lost.wait()
    raise EOFError("Asterisk closed the manager connection")


def checked(action: str, fields: Mapping[str, str]) -> dict[str, str]:
    """Return the headers to send. Raises Refused, and sends nothing, if one of them could become two.

    The value is never repeated in the error: it may be what somebody meant to be logged.
    """
    allowed = _ACTIONS.get(action)
    if allowed is None:
        raise Refused("this action is not among those that are sent to Asterisk's manager")
    for key, value in fields.items():
        if key not in allowed:
            raise Refused(f"{action} has a header that it may not carry")
        if any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) < 0xE000 for c in value):
            raise Refused(f"{key} of {action} holds a control character; one line of text is allowed")
    # Async: panoramisk looks for it in every action that Asterisk queues.
    return {"Action": action, **fields, "Async": "true"}


class _Everything:
    """Every action is forgotten when a connection ends; a second Setvar or Redirect could do harm."""

    def __contains__(self, action: object) -> bool:
        return True


class _Link(Manager):  # type: ignore[misc]  # panoramisk has no types
    """panoramisk's manager for one connection: it neither reconnects nor repeats."""

    def __init__(self) -> None:
        super().__init__(forgetable_actions=_Everything(), log=logging.getLogger("panoramisk"))
        self.booted = asyncio.Event()
        self.lost = asyncio.Event()
        self.messages: asyncio.Queue[Mapping[str, object]] = asyncio.Queue()

    def dispatch(self, event: Any) -> list[str]:
        """Take an event (panoramisk calls this)."""
        if event.get("Event") == "FullyBooted":
            self.booted.set()
        self.messages.put_nowait(event)
        return []

    def connection_lost(self, exc: object) -> None:
        """Note the end (panoramisk calls this)."""
        self.lost.set()


class _Guarded(AMIProtocol):  # type: ignore[misc]  # panoramisk has no types
    """panoramisk's protocol with whole letters, deadlines and an end for whoever waits."""

    transport: asyncio.Transport

    def __init__(self, link: _Link) -> None:
        self._link = link
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin (asyncio calls this)."""
        super().connection_made(transport)
        self.factory = self._link
        self.encoding = "utf-8"
        self.queue: deque[str] = deque()
        self.log = self._link.log

    def data_received(self, data: bytes) -> None:
        """Take bytes and pass on whole letters (asyncio calls this)."""
        super().data_received(self._decoder.decode(data).encode("utf-8"))

    def connection_lost(self, exc: object) -> None:
        """Fail whoever waits (asyncio calls this, panoramisk too, at Asterisk's shutdown)."""
        waiting = list(self.responses.values())
        super().connection_lost(exc)
        for action in waiting:
            if not action.future.done():
                action.future.set_exception(TryLater("the connection to Asterisk's manager ended"))

    async def exchange(self, headers: dict[str, str], within_s: float) -> Sequence[Mapping[str, object]]:
        """Send one action and return what answers it."""
        future = self.send(headers, as_list=None)  # None lets the answer say whether it is a list
        try:
            async with asyncio.timeout(within_s):
                answer = await future
        except TimeoutError:
            raise TryLater(f"Asterisk did not answer {headers['Action']} in {within_s:g} seconds") from None
        finally:
            for number in [n for n, action in self.responses.items() if action.future is future]:
                del self.responses[number]
        return answer if isinstance(answer, list) else [answer]
