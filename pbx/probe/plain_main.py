"""A telephone of Python alone, driven by JSON lines (protocol.py).

``python -m pbx.probe.plain_main --port 0 --folder DIR``, for machines that have no wheel of PJSIP (Python
3.13, ARM). It speaks UDP with its peer directly, and G.711; one process carries dozens of calls.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from pbx.probe import protocol as p
from pbx.probe import sip
from pbx.probe.dialog import Account, Call, Dialog, Here, State, invite_of, register, sign_again
from pbx.probe.rtp import TICK_S, open_sound
from pbx.probe.sip import Address, Message
from pbx.probe.transactions import Transactions
from pbx.probe.wav import read

_MAX_CALLS: Final = 64
_LEAVE_S: Final = 0.5
_REFRESH: Final = 0.8
"""A registration is renewed after this share of its time."""
_STDOUT: Final = 1


class _Refusal(Exception):
    """A command cannot be carried out."""


class _Phone:
    """The process: one SIP socket, accounts and calls."""

    def __init__(self, folder: Path, tasks: asyncio.TaskGroup) -> None:
        self._folder = folder
        self._tasks = tasks
        self._line = Transactions(self._take)
        self._here = Here(0)
        self._accounts: dict[str, Account] = {}
        self._calls: dict[str, Call] = {}
        self._count = 0

    async def start(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self._line, local_addr=("127.0.0.1", port))
        self._here = Here(self._line.port)
        _emit(p.Ready(self._line.port))

    async def tick(self) -> None:
        """Move the sound of all calls on, for ever; a pause of the process is made good."""
        due = time.monotonic()
        while True:
            due += TICK_S
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            for call in list(self._calls.values()):
                call.sound.tick()

    async def stop(self) -> None:
        """Hang up and give registrations back, waiting for the answers a little."""
        leaving = [self._hang_up(call, 480) for call in self._calls.values()]
        leaving += [self._unregister(account) for account in self._accounts.values()]
        with suppress(TimeoutError):
            async with asyncio.timeout(_LEAVE_S):
                await asyncio.gather(*leaving)
        self._line.close()

    async def do(self, command: p.Command) -> None:
        """Carry a command out. What takes time goes on behind."""
        match command:
            case p.Register():
                account = Account(command, _place(f"sip:{command.registrar}"))
                account.refresh = self._tasks.create_task(self._stay_registered(account))
                self._accounts[command.user] = account
            case p.Unregister(user):
                self._tasks.create_task(self._unregister(self._accounts[user]))
            case p.Dial():
                await self._dial(command)
            case p.Answer(name, code, tone):
                self._answer(self._calls[name], code, tone)
            case p.HangUp(name, code):
                self._tasks.create_task(self._hang_up(self._calls[name], code))
            case p.Press(name, keys):
                self._calls[name].sound.press(keys)
            case p.Send(name, tone):
                self._calls[name].tone = self._calls[name].sound.tone = tone
                self._calls[name].sound.said = b""
            case p.Say(name, file):
                self._calls[name].sound.said = read(Path(file)).samples.tobytes()

    # --- registrations ------------------------------------------------------------------------------------

    async def _stay_registered(self, account: Account) -> None:
        while await self._register(account, account.expires_s):  # noqa: ASYNC110 - time is what it waits for
            await asyncio.sleep(account.expires_s * _REFRESH)

    async def _unregister(self, account: Account) -> None:
        if account.refresh:
            account.refresh.cancel()
        self._accounts.pop(account.user, None)
        await self._register(account, 0)

    async def _register(self, account: Account, expires_s: int) -> bool:
        answer = await self._line.request(register(account, self._here, expires_s), account.place)
        if answer.status == 401:
            answer = await self._line.request(register(account, self._here, expires_s, answer), account.place)
        active = answer.status == 200 and expires_s > 0
        _emit(p.Registered(time.monotonic(), account.user, answer.status, active))
        return active

    # --- outgoing calls -----------------------------------------------------------------------------------

    async def _dial(self, command: p.Dial) -> None:
        place = _place(command.uri)
        if any(ord(letter) < 32 for letter in command.display + command.user + command.asserted):
            raise _Refusal("a control character in an address")
        if len(self._calls) >= _MAX_CALLS:
            raise _Refusal("too many calls")
        account = self._accounts[command.account] if command.account else None
        sound = await open_sound(lambda key: _emit(p.KeyHeard(time.monotonic(), command.call, key)))
        session = sip.describe(sound.port, 1)
        invite = invite_of(command, account, self._here, session)
        call = Call(command.call, sound, invite, place)
        call.tone = command.tone
        self._calls[call.name] = call
        self._tasks.create_task(self._place(call, account))

    async def _place(self, call: Call, account: Account | None) -> None:
        answer = await self._line.request(
            call.invite, call.peer, lambda message: self._progress(call, message)
        )
        if answer.status in {401, 407} and account and not call.is_leaving:
            call.number += 1
            call.invite = sign_again(call.invite, account, answer, self._here, call.number)
            answer = await self._line.request(
                call.invite, call.peer, lambda message: self._progress(call, message)
            )
        if answer.status >= 300:
            self._end(call, answer.status, answer.reason)
            return
        call.dialog = Dialog.accepted(call.invite, answer)
        ack = call.dialog.request("ACK", call.number, self._here.via())
        self._line.acknowledge(call.invite, ack, call.peer)
        self._confirm(call, sip.media_of(answer.body))
        if call.is_leaving:
            await self._hang_up(call, 200)

    def _progress(self, call: Call, message: Message) -> None:
        if call.is_leaving and call.state is State.CALLING:
            self._tasks.create_task(self._line.request(sip.cancel(call.invite), call.peer))
        if message.status > 100:
            call.state = State.RINGING
            _emit(p.Ringing(time.monotonic(), call.name, message.status))
            if (media := sip.media_of(message.body)) and not call.sound.has_started:
                call.sound.start(media, self._folder / f"{call.name}.wav")

    # --- incoming requests --------------------------------------------------------------------------------

    def _take(self, request: Message, peer: Address) -> None:
        if request.method == "INVITE" and not sip.parameter(request["to"], "tag"):
            self._tasks.create_task(self._ring(request, peer))
            return
        call = next((c for c in self._calls.values() if c.invite["call-id"] == request["call-id"]), None)
        match request.method:
            case "ACK":
                if call and call.is_incoming and call.state is State.UP and not call.acked.is_set():
                    _emit(p.Confirmed(time.monotonic(), call.name))
                if call:
                    call.acked.set()
            case "OPTIONS":
                self._line.answer(request, sip.reply(request, 200, secrets.token_hex(6)), peer)
            case _ if call is None:
                self._line.answer(request, sip.reply(request, 481), peer)
            case "BYE":
                self._line.answer(request, sip.reply(request, 200), peer)
                self._end(call, 200, "OK")
            case "CANCEL":
                self._line.answer(request, sip.reply(request, 200, call.tag), peer)
                if call.state is State.RINGING:
                    self._refuse(call, 487)
            case "INVITE" | "UPDATE":
                self._renew(call, request, peer)
            case "INFO" | "NOTIFY":
                self._line.answer(request, sip.reply(request, 200), peer)
            case _:
                self._line.answer(request, sip.reply(request, 405), peer)

    async def _ring(self, request: Message, peer: Address) -> None:
        self._count += 1
        name = f"in{self._count}"
        if sip.media_of(request.body) is None or len(self._calls) >= _MAX_CALLS:
            code = 486 if sip.media_of(request.body) else 488
            self._line.answer(request, sip.reply(request, code, secrets.token_hex(6)), peer)
            return
        sound = await open_sound(lambda key: _emit(p.KeyHeard(time.monotonic(), name, key)))
        call = self._calls[name] = Call.ringing_here(name, sound, request, peer)
        user = sip.user_of(request.uri)
        account = user if user in self._accounts else ""
        caller = request["from"].rpartition(";tag=")[0]
        _emit(p.Incoming(time.monotonic(), name, caller, account, user))
        self._line.answer(request, sip.reply(request, 180, call.tag), peer)

    def _renew(self, call: Call, request: Message, peer: Address) -> None:
        """Answer a change of the session: the same sound, perhaps to another address."""
        media = sip.media_of(request.body)
        if media:
            call.sound.start(media, self._folder / f"{call.name}.wav")
        response = sip.reply(request, 200, call.tag, *self._session(call, media))
        self._line.answer(request, response, peer)

    def _answer(self, call: Call, code: int, tone: int) -> None:
        if call.state is not State.RINGING or not call.is_incoming:
            raise _Refusal("the call does not ring here")
        call.tone = tone
        media = sip.media_of(call.invite.body)
        if code < 200:
            response = sip.reply(
                call.invite, code, call.tag, *(self._session(call, media) if code == 183 else ())
            )
            self._line.answer(call.invite, response, call.peer)
            return
        response = sip.reply(call.invite, code, call.tag, *self._session(call, media))
        call.state = State.UP
        self._start_sound(call, media)
        self._tasks.create_task(self._line.insist(call.invite, response, call.peer, call.acked))

    def _session(self, call: Call, media: sip.Media | None) -> tuple[sip.Headers, str]:
        described = (
            sip.describe(call.sound.port, call.session, (media.codec,), media.events)
            if media
            else sip.describe(call.sound.port, call.session)
        )
        headers = (("Contact", self._here.contact("probe")), ("Content-Type", "application/sdp"))
        return headers, described

    # --- both ---------------------------------------------------------------------------------------------

    def _confirm(self, call: Call, media: sip.Media | None) -> None:
        call.state = State.UP
        _emit(p.Confirmed(time.monotonic(), call.name))
        self._start_sound(call, media)

    def _start_sound(self, call: Call, media: sip.Media | None) -> None:
        call.sound.tone = call.tone
        if media:
            call.sound.start(media, self._folder / f"{call.name}.wav")

    async def _hang_up(self, call: Call, code: int) -> None:
        match call.state:
            case State.UP if call.dialog:
                call.number += 1
                await self._line.request(call.dialog.request("BYE", call.number, self._here.via()), call.peer)
                self._end(call, 200, "OK")
            case State.RINGING if call.is_incoming:
                self._refuse(call, code)
            case State.RINGING if not call.is_leaving:
                call.is_leaving = True
                await self._line.request(sip.cancel(call.invite), call.peer)
            case State.CALLING:
                call.is_leaving = True

    def _refuse(self, call: Call, code: int) -> None:
        response = sip.reply(call.invite, code, call.tag)
        self._tasks.create_task(self._line.insist(call.invite, response, call.peer, call.acked))
        self._end(call, code, response.reason)

    def _end(self, call: Call, code: int, reason: str) -> None:
        if call.state is State.OVER:
            return
        call.state = State.OVER
        call.sound.close()
        del self._calls[call.name]
        _emit(p.Disconnected(time.monotonic(), call.name, code, reason))


def _place(uri: str) -> Address:
    place = sip.place_of(uri)
    if place is None:
        raise _Refusal(f"not an address: {uri}")
    return place


def _emit(message: p.Message) -> None:
    os.write(_STDOUT, msgspec.json.encode(message) + b"\n")


async def _serve(phone: _Phone) -> None:
    """Take requests until standard input closes."""
    reader = asyncio.StreamReader()
    pipe, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    decoder = msgspec.json.Decoder(p.Request)
    while line := await reader.readline():
        request = decoder.decode(line)
        error = ""
        try:
            await phone.do(request.command)
        except KeyError as unknown:
            error = f"no such call or account: {unknown.args[0]}"
        except (_Refusal, ValueError, OSError) as refused:
            error = str(refused)
        _emit(p.Reply(request.id, error))
    pipe.close()


async def _run(port: int, folder: Path) -> None:
    async with asyncio.TaskGroup() as tasks:
        phone = _Phone(folder, tasks)
        await phone.start(port)
        ticking = tasks.create_task(phone.tick())
        await _serve(phone)
        await phone.stop()
        ticking.cancel()
        os._exit(0)  # what still repeats itself has nobody to answer it


def main() -> None:
    """Run the telephone until standard input closes."""
    parser = argparse.ArgumentParser(description="A synthetic telephone of Python alone.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--trace", action="store_true", help="accepted for likeness; nothing is written")
    arguments = parser.parse_args()
    asyncio.run(_run(arguments.port, arguments.folder))


if __name__ == "__main__":
    main()
