"""A telephone made of PJSIP, driven by JSON lines: ``python -m pbx.probe.pjsua_main --port 0 --folder DIR``.

PJSIP is under the GPL and therefore lives in this process only. One thread runs everything that is Python:
with worker threads of the library, its callbacks and the interpreter lock can wait for each other for ever
(pjproject issue 3125). Sound is moved by the library's own clock and never enters Python.
"""

from __future__ import annotations

import argparse
import os
import select
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pjsua2 as pj

from pbx.probe import protocol as p

_RATE = 8000
_POLL_MS = 10
_LEAVE_S = 0.5
_STDIN, _STDOUT = 0, 1

Emit = Callable[[p.Message], None]


class _Call(pj.Call):  # type: ignore[misc]
    """One call: its tone generator and the recorder of what it hears."""

    def __init__(self, phone: _Phone, account: _Account, name: str, tone: int, call_id: int = -1) -> None:
        super().__init__(account, call_id)
        self.name = name
        self.phone = phone
        self.tone = tone
        self._generator: pj.ToneGenerator | None = None
        self._recorder: pj.AudioMediaRecorder | None = None
        self._player: pj.AudioMediaPlayer | None = None

    def onCallState(self, prm: object) -> None:  # noqa: N802
        info = self.getInfo()
        now = time.monotonic()
        if info.state == pj.PJSIP_INV_STATE_EARLY and info.role == pj.PJSIP_ROLE_UAC:
            self.phone.emit(p.Ringing(now, self.name, info.lastStatusCode))
        elif info.state == pj.PJSIP_INV_STATE_CONFIRMED:
            self.phone.emit(p.Confirmed(now, self.name))
        elif info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self.phone.over.append(
                (self, p.Disconnected(now, self.name, info.lastStatusCode, info.lastReason))
            )

    def onCallMediaState(self, prm: object) -> None:  # noqa: N802
        info = self.getInfo()  # owns the list below, and must outlive it
        if not any(media.status == pj.PJSUA_CALL_MEDIA_ACTIVE for media in info.media):
            return
        heard = self.getAudioMedia(-1)
        if self._recorder is None:
            self._recorder = pj.AudioMediaRecorder()
            self._recorder.createRecorder(str(self.phone.folder / f"{self.name}.wav"))
        heard.startTransmit(self._recorder)
        if self._generator is None:
            self._generator = pj.ToneGenerator()
            self._generator.createToneGenerator(_RATE, 1)
            self.send(self.tone)
        self._generator.startTransmit(heard)

    def onDtmfDigit(self, prm: pj.OnDtmfDigitParam) -> None:  # noqa: N802
        self.phone.emit(p.KeyHeard(time.monotonic(), self.name, prm.digit))

    def send(self, tone: int) -> None:
        """Send ``tone`` from now on; whole turns a second repeat without a click."""
        self.tone = tone
        self._player = None
        if self._generator is None:
            return
        self._generator.stop()
        if tone:
            sine = pj.ToneDesc()
            sine.freq1, sine.freq2, sine.on_msec, sine.off_msec = tone, 0, 1000, 0
            self._generator.play(pj.ToneDescVector([sine]), True)

    def say(self, file: str) -> None:
        """Send a file instead of a tone, again and again."""
        self.send(0)
        self._player = pj.AudioMediaPlayer()
        self._player.createPlayer(file)
        self._player.startTransmit(self.getAudioMedia(-1))

    def close_sound(self) -> None:
        """Complete the sound file."""
        self._recorder = self._generator = self._player = None


class _Account(pj.Account):  # type: ignore[misc]
    """A registration, or the nameless account of a stranger."""

    def __init__(self, phone: _Phone, user: str) -> None:
        super().__init__()
        self.phone = phone
        self.user = user

    def onRegState(self, prm: pj.OnRegStateParam) -> None:  # noqa: N802
        self.phone.registered(self.user, prm.code, active=prm.code == 200 and prm.expiration > 0)

    def onIncomingCall(self, prm: pj.OnIncomingCallParam) -> None:  # noqa: N802
        self.phone.incoming(self, prm.callId)


class _Phone:
    """The process: an endpoint, accounts and calls."""

    def __init__(self, folder: Path, out: int) -> None:
        self.folder = folder
        self._out = out
        self.over: list[tuple[_Call, p.Disconnected]] = []
        self._endpoint = pj.Endpoint()
        self._accounts: dict[str, _Account] = {}
        self._calls: dict[str, _Call] = {}
        self._leaving: set[str] = set()
        self._count = 0
        self._port = 0

    def start(self, port: int, trace: bool) -> None:
        endpoint = self._endpoint
        endpoint.libCreate()
        config = pj.EpConfig()
        config.uaConfig.threadCnt = 0
        config.uaConfig.mainThreadOnly = True
        config.uaConfig.userAgent = "sambung-probe"
        config.medConfig.clockRate = config.medConfig.sndClockRate = _RATE
        config.medConfig.ecTailLen = 0
        config.medConfig.noVad = True
        config.logConfig.consoleLevel = 0
        config.logConfig.level = 5 if trace else 0
        config.logConfig.msgLogging = int(trace)
        config.logConfig.filename = str(self.folder / "sip.log") if trace else ""
        endpoint.libInit(config)
        endpoint.audDevManager().setNullDev()
        for codec in endpoint.codecEnum2():
            wanted = {"PCMA/8000/1": 255, "PCMU/8000/1": 254}.get(codec.codecId, 0)
            endpoint.codecSetPriority(codec.codecId, wanted)
        transport = pj.TransportConfig()
        transport.port, transport.boundAddress = port, "127.0.0.1"
        number = endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
        endpoint.libStart()
        self._port = int(endpoint.transportGetInfo(number).localName.rpartition(":")[2])
        self._accounts[""] = self._account("", f"sip:probe@127.0.0.1:{self._port}")
        self.emit(p.Ready(self._port))

    def run(self) -> None:
        """Serve until standard input closes."""
        decoder = msgspec.json.Decoder(p.Request)
        pending = b""
        while True:
            self._endpoint.libHandleEvents(_POLL_MS)
            self._reap()
            while select.select([_STDIN], [], [], 0)[0]:
                chunk = os.read(_STDIN, 65536)
                if not chunk:
                    return
                *lines, pending = (pending + chunk).split(b"\n")
                for line in lines:
                    self._serve(decoder.decode(line))

    def stop(self) -> None:
        """Hang up, give registrations back, and leave once that is done or half a second later."""
        self._endpoint.hangupAllCalls()
        for user, account in self._accounts.items():
            if user and account.getInfo().regIsActive:
                account.setRegistration(False)
                self._leaving.add(user)
        deadline = time.monotonic() + _LEAVE_S
        while (self._calls or self._leaving) and time.monotonic() < deadline:
            self._endpoint.libHandleEvents(_POLL_MS)
            self._reap()
        self._endpoint.libDestroy(pj.PJSUA_DESTROY_NO_NETWORK)

    def emit(self, message: p.Message) -> None:
        os.write(self._out, msgspec.json.encode(message) + b"\n")

    def registered(self, user: str, code: int, *, active: bool) -> None:
        self._leaving.discard(user)
        self.emit(p.Registered(time.monotonic(), user, code, active))

    def incoming(self, account: _Account, call_id: int) -> None:
        self._count += 1
        call = _Call(self, account, f"in{self._count}", 0, call_id)
        self._calls[call.name] = call
        info = call.getInfo()
        dialled = info.localUri.rpartition("sip:")[2].partition("@")[0]
        self.emit(p.Incoming(time.monotonic(), call.name, info.remoteUri, account.user, dialled))
        call.answer(_status(180))

    def _reap(self) -> None:
        """Complete the files of calls that ended; the library forbids it inside its callback."""
        ended, self.over = self.over, []
        for call, message in ended:
            call.close_sound()
            self._calls.pop(call.name, None)
            self.emit(message)

    def _serve(self, request: p.Request) -> None:
        error = ""
        try:
            self._do(request.command)
        except KeyError as unknown:
            error = f"no such call or account: {unknown.args[0]}"
        except pj.Error as refused:
            error = refused.reason
        self.emit(p.Reply(request.id, error))

    def _do(self, command: p.Command) -> None:
        match command:
            case p.Register():
                self._register(command)
            case p.Unregister(user):
                self._accounts[user].setRegistration(False)
            case p.Dial():
                self._dial(command)
            case p.Answer(name, code, tone):
                self._calls[name].tone = tone
                self._calls[name].answer(_status(code))
            case p.HangUp(name, code):
                confirmed = self._calls[name].getInfo().state == pj.PJSIP_INV_STATE_CONFIRMED
                self._calls[name].hangup(_status(200 if confirmed else code))
            case p.Press(name, keys):
                self._calls[name].dialDtmf(keys)
            case p.Send(name, tone):
                self._calls[name].send(tone)
            case p.Say(name, file):
                self._calls[name].say(file)

    def _register(self, command: p.Register) -> None:
        if command.user in self._accounts:
            self._accounts[command.user].setRegistration(True)
            return
        self._accounts[command.user] = self._account(
            command.user, f"sip:{command.user}@{command.registrar}", command
        )

    def _account(self, user: str, uri: str, register: p.Register | None = None) -> _Account:
        config = pj.AccountConfig()
        config.idUri = uri
        config.callConfig.timerUse = pj.PJSUA_SIP_TIMER_INACTIVE
        config.natConfig.contactRewriteUse = config.natConfig.viaRewriteUse = 0
        config.natConfig.sdpNatRewriteUse = config.natConfig.sipOutboundUse = 0
        config.mediaConfig.transportConfig.boundAddress = "127.0.0.1"
        if register:
            config.regConfig.registrarUri = f"sip:{register.registrar}"
            config.regConfig.timeoutSec = register.expires_s
            config.sipConfig.authCreds.append(
                pj.AuthCredInfo("digest", "*", register.user, 0, register.password)
            )
        account = _Account(self, user)
        account.create(config, not register)
        return account

    def _dial(self, command: p.Dial) -> None:
        call = _Call(self, self._accounts[command.account], command.call, command.tone)
        param = pj.CallOpParam(True)
        param.opt.audioCount, param.opt.videoCount = 1, 0
        if not command.account:
            display = command.display.replace("\\", r"\\").replace('"', r"\"")
            user = command.user or "probe"
            param.txOption.localUri = f'"{display}" <sip:{user}@127.0.0.1:{self._port}>'
        if command.asserted:
            header = pj.SipHeader()
            header.hName, header.hValue = "P-Asserted-Identity", f"<{command.asserted}>"
            param.txOption.headers.append(header)
        self._calls[command.call] = call
        try:
            call.makeCall(command.uri, param)
        except pj.Error:
            self._calls.pop(command.call, None)
            raise


def _status(code: int) -> pj.CallOpParam:
    param = pj.CallOpParam()
    param.statusCode = code
    return param


def main() -> None:
    """Run the telephone until standard input closes."""
    parser = argparse.ArgumentParser(description="A synthetic telephone on PJSIP.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--trace", action="store_true", help="write every SIP message to DIR/sip.log")
    arguments = parser.parse_args()
    # The library prints before its log can be configured; standard output is for messages only.
    out = os.dup(_STDOUT)
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), _STDOUT)
    phone = _Phone(arguments.folder, out)
    phone.start(arguments.port, arguments.trace)
    try:
        phone.run()
    finally:
        phone.stop()


if __name__ == "__main__":
    main()
