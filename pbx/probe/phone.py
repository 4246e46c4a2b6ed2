"""A synthetic telephone: places and takes calls, sends tones and keys, and keeps what it hears.

    async with open_telephone(port=15070) as phone:
        call = await phone.dial("sip:169@127.0.0.1:15061", user="08123456789", tone=600)
        await call.confirmed()
        await until_tone(call.heard, 1200)
        await call.hang_up()

A telephone carries four calls at once; say ``open_telephone(calls=30)`` if it is to carry more. It is a process of
its own; when that dies, everything that waits for it fails at once with Gone.
"""

from __future__ import annotations

import asyncio
import importlib.util
import itertools
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar, cast

import msgspec

from core.errors import Gone, Refused, TryLater
from pbx.probe import protocol as p

_COMMAND_S: Final = 5.0
_START_S: Final = 15.0
_STOP_S: Final = 3.0
_PJSUA_CALLS: Final = 4
"""What the published wheel was built with (PJSUA_MAX_CALLS)."""
_ROOT: Final = Path(__file__).resolve().parents[2]

M = TypeVar("M", bound=p.CallMessage)
T = TypeVar("T")


class Kind(StrEnum):
    """Which programme the telephone is made of."""

    PJSUA = "pjsua"
    PLAIN = "plain"


def best_kind(calls: int = 1) -> Kind:
    """Return ``SAMBUNG_TELEPHONE`` if set, else pjsua if it is here and carries so many calls, else plain."""
    if wanted := os.environ.get("SAMBUNG_TELEPHONE"):
        if wanted not in set(Kind):
            raise Refused(f"SAMBUNG_TELEPHONE is {wanted}; it may be {' or '.join(Kind)}")
        return Kind(wanted)
    return Kind.PJSUA if calls <= _PJSUA_CALLS and importlib.util.find_spec("pjsua2") else Kind.PLAIN


class Call:
    """One call of a telephone, and all that happened to it."""

    def __init__(
        self, phone: Telephone, name: str, caller: str = "", account: str = "", dialled: str = ""
    ) -> None:
        self.name = name
        self.caller = caller
        """The From header of an incoming call."""
        self.account = account
        """The registered user whom an incoming call is for."""
        self.dialled = dialled
        """The number that an incoming call was sent to."""
        self.heard = phone.folder / f"{name}.wav"
        """What this end hears, growing while the call goes on."""
        self.events: list[p.CallMessage] = []
        """Everything that happened, each with its monotonic time."""
        self._phone = phone

    @property
    def is_over(self) -> bool:
        """Whether the call has ended."""
        return self._find(p.Disconnected) is not None

    @property
    def keys(self) -> str:
        """The keys that the other side pressed."""
        return "".join(event.key for event in self.events if isinstance(event, p.KeyHeard))

    async def answer(self, code: int = 200, tone: int = 0) -> None:
        """Answer an incoming call and send ``tone`` (hertz, 0 for silence)."""
        await self._phone.ask(p.Answer(self.name, code, tone))

    async def reject(self, code: int = 486) -> None:
        """Refuse an incoming call: 486 busy, 603 declined."""
        await self._phone.ask(p.HangUp(self.name, code))

    async def hang_up(self, within: float = _COMMAND_S) -> p.Disconnected:
        """End the call and wait until it is over; one that is over already stays so."""
        if not self.is_over:
            with suppress(Refused):  # it may end while the request is on its way
                await self._phone.ask(p.HangUp(self.name))
        return await self.ended(within)

    async def press(self, keys: str) -> None:
        """Send keys as telephone events."""
        await self._phone.ask(p.Press(self.name, keys))

    async def send_tone(self, hertz: int) -> None:
        """Send another tone from now on; 0 is silence."""
        await self._phone.ask(p.Send(self.name, hertz))

    async def say(self, file: Path) -> None:
        """Send a WAV file (16 bits, mono, 8,000 samples a second) from now on, again and again."""
        await self._phone.ask(p.Say(self.name, str(file)))

    async def ringing(self, within: float = 10.0) -> p.Ringing:
        """Wait for a 180 or 183. Raises Gone if the call ends first, TryLater after ``within`` seconds."""
        return await self._happened(p.Ringing, within)

    async def confirmed(self, within: float = 10.0) -> p.Confirmed:
        """Wait until the call is answered. Errors as for ``ringing``."""
        return await self._happened(p.Confirmed, within)

    async def ended(self, within: float = 10.0) -> p.Disconnected:
        """Wait until the call is over. Raises TryLater after ``within`` seconds."""
        return await self._happened(p.Disconnected, within)

    async def pressed(self, keys: str, within: float = 10.0) -> None:
        """Wait until the last keys that the other side pressed are ``keys``. Errors as for ``confirmed``."""

        def look() -> bool | None:
            if self.keys.endswith(keys):
                return True
            self._check_going()
            return None

        await self._phone.until(look, within, f"the keys {keys}")

    async def _happened(self, kind: type[M], within: float) -> M:
        def look() -> M | None:
            if found := self._find(kind):
                return found
            self._check_going()
            return None

        return await self._phone.until(look, within, f"call {self.name} to be {kind.__name__.lower()}")

    def _find(self, kind: type[M]) -> M | None:
        return next((event for event in self.events if isinstance(event, kind)), None)

    def _check_going(self) -> None:
        if over := self._find(p.Disconnected):
            raise Gone(f"call {self.name} ended with {over.code} {over.reason}")


class Telephone(asyncio.SubprocessProtocol):
    """The client of a telephone process. Get one from ``open_telephone``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        """The local UDP port, once ready."""
        self.calls: dict[str, Call] = {}
        self.answer_after_ms: int | None = None
        """Answer every incoming call after so long; None leaves it to the caller of ``incoming``."""
        self.answer_tone = 0
        """Hertz sent on calls answered that way."""
        self._registered: dict[str, p.Registered] = {}
        self._incoming: list[Call] = []
        self._replies: dict[int, p.Reply] = {}
        self._numbers = itertools.count(1)
        self._names = itertools.count(1)
        self._decoder: msgspec.json.Decoder[p.Message] = msgspec.json.Decoder(p.Message)
        self._rest = b""
        self._errors = b""
        self._dead = asyncio.Event()
        self._changed: set[asyncio.Future[None]] = set()
        self._transport: asyncio.SubprocessTransport | None = None

    @property
    def pid(self) -> int:
        """The process."""
        return self._transport.get_pid() if self._transport else 0

    # --- what one may ask ---------------------------------------------------------------------------------

    async def register(self, user: str, password: str, registrar: str) -> None:
        """Register ``user`` at ``registrar`` (host:port). Raises Refused with the code if that is refused."""
        self._registered.pop(user, None)
        await self.ask(p.Register(user, password, registrar))
        answer = await self.until(lambda: self._registered.get(user), _START_S, "the registrar's answer")
        if not answer.active:
            raise Refused(f"registration of {user} was refused with {answer.code}")

    async def unregister(self, user: str) -> None:
        """Take a registration back."""
        self._registered.pop(user, None)
        await self.ask(p.Unregister(user))
        await self.until(lambda: self._registered.get(user), _START_S, "the registrar's answer")

    async def dial(
        self,
        uri: str,
        *,
        display: str = "",
        user: str = "",
        account: str = "",
        asserted: str = "",
        tone: int = 0,
    ) -> Call:
        """Begin a call, with ``user`` and ``display`` in the From header, or as the registered ``account``.

        ``asserted`` is a URI for P-Asserted-Identity. Raises Refused if this telephone cannot do it.
        """
        call = Call(self, f"out{next(self._names)}")
        self.calls[call.name] = call
        try:
            await self.ask(p.Dial(call.name, uri, account, display, user, asserted, tone))
        except Refused:
            del self.calls[call.name]
            raise
        return call

    async def incoming(self, within: float = 10.0) -> Call:
        """Wait for the next call that rings here. It may have ended meanwhile."""
        return await self.until(lambda: self._incoming.pop(0) if self._incoming else None, within, "a call")

    async def ask(self, command: p.Command, within: float = _COMMAND_S) -> None:
        """Send a command. Raises Refused if it was not taken, TryLater if there is no reply, Gone if dead."""
        number = next(self._numbers)
        self._send(p.Request(number, command))
        reply = await self.until(lambda: self._replies.pop(number, None), within, "a reply")
        if reply.error:
            raise Refused(f"the telephone did not take {type(command).__name__}: {reply.error}")

    async def until(self, look: Callable[[], T | None], within: float, what: str) -> T:
        """Wait until ``look`` returns something. Raises TryLater after ``within`` seconds, Gone if dead."""
        deadline = asyncio.get_running_loop().time() + within
        while (found := look()) is None:
            if self._dead.is_set():
                raise Gone(
                    f"the telephone process ended: {self._errors.decode(errors='replace').strip()[-500:]}"
                )
            change = asyncio.get_running_loop().create_future()
            self._changed.add(change)
            try:
                async with asyncio.timeout_at(deadline):
                    await change
            except TimeoutError:
                raise TryLater(f"waited {within:g} s in vain for {what}") from None
            finally:
                self._changed.discard(change)
        return found

    # --- the process --------------------------------------------------------------------------------------

    async def ready(self) -> None:
        """Wait until it listens."""
        await self.until(lambda: self.port or None, _START_S, "the telephone to start")

    async def close(self) -> None:
        """End the process: its calls are hung up and its registrations taken back, or it is killed."""
        if self._transport is None:
            return
        stdin = self._transport.get_pipe_transport(0)
        if stdin:
            stdin.close()
        try:
            async with asyncio.timeout(_STOP_S):
                await self._dead.wait()
        except TimeoutError:
            self._transport.kill()
            await self._dead.wait()
        finally:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the process (asyncio calls this)."""
        self._transport = cast("asyncio.SubprocessTransport", transport)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Take what the process wrote (asyncio calls this)."""
        if fd == 2:
            self._errors = (self._errors + data)[-4000:]
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._take(self._decoder.decode(line))
        self._wake()

    def process_exited(self) -> None:
        """Fail whoever waits (asyncio calls this)."""
        self._dead.set()
        self._wake()

    def _send(self, request: p.Request) -> None:
        stdin = self._transport.get_pipe_transport(0) if self._transport else None
        if isinstance(stdin, asyncio.WriteTransport) and not stdin.is_closing():
            stdin.write(msgspec.json.encode(request) + b"\n")

    def _wake(self) -> None:
        for change in self._changed:
            if not change.done():
                change.set_result(None)

    def _take(self, message: p.Message) -> None:
        match message:
            case p.Ready(port):
                self.port = port
            case p.Reply(id=number):
                self._replies[number] = message
            case p.Registered(user=user):
                self._registered[user] = message
            case p.Incoming(call=name, caller=caller, account=account, dialled=dialled):
                call = self.calls[name] = Call(self, name, caller, account, dialled)
                call.events.append(message)
                self._incoming.append(call)
                if self.answer_after_ms is not None:
                    answer = p.Request(0, p.Answer(name, 200, self.answer_tone))
                    asyncio.get_running_loop().call_later(self.answer_after_ms / 1000, self._send, answer)
            case _:
                if message.call in self.calls:
                    self.calls[message.call].events.append(message)


def _check_free(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial:
        try:
            trial.bind(("127.0.0.1", port))
        except OSError as taken:
            raise Refused(f"a telephone cannot use UDP port {port}: {taken.strerror}") from None


@asynccontextmanager
async def open_telephone(
    *,
    port: int = 0,
    calls: int = 1,
    kind: Kind | None = None,
    folder: Path | None = None,
    trace: bool = False,
) -> AsyncIterator[Telephone]:
    """Start a telephone on 127.0.0.1:``port`` (0 for any) and end it on leaving.

    ``calls`` is how many at once it is to carry, 64 at most. ``folder`` keeps the sound files (and PJSIP's trace of
    every message); without one they are deleted in the end. Raises Refused if the port is taken.
    """
    _check_free(port)
    with tempfile.TemporaryDirectory(prefix="telephone-") as temporary:
        folder = folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        module = f"pbx.probe.{kind or best_kind(calls)}_main"
        arguments = ["--port", str(port), "--folder", str(folder), *(["--trace"] if trace else [])]
        phone = Telephone(folder)
        await asyncio.get_running_loop().subprocess_exec(
            lambda: phone, sys.executable, "-m", module, *arguments, cwd=_ROOT
        )
        try:
            await phone.ready()
            yield phone
        finally:
            await phone.close()
