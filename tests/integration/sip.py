"""SIP as bytes, for what no telephone would send: a transaction at a time, over UDP or a WebSocket."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import aiohttp

SDP: Final = "\r\n".join(
    (
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=-",
        "c=IN IP4 127.0.0.1",
        "t=0 0",
        "m=audio 9 RTP/AVP 8",
        "a=rtpmap:8 PCMA/8000",
        "",
    )
)


class Response:
    """What the server answered."""

    def __init__(self, raw: bytes) -> None:
        self.text = raw.decode("utf-8", errors="replace")

    @property
    def code(self) -> int:
        return int(self.text.split(" ", 2)[1])

    def header(self, name: str) -> str:
        found = re.search(rf"^{name}:\s*(.*?)\r?$", self.text, re.MULTILINE | re.IGNORECASE)
        return found[1] if found else ""

    @property
    def cseq(self) -> str:
        return self.header("CSeq")


class Caller:
    """One dialog's worth of SIP. Requests the server sends are ignored."""

    def __init__(self, send: Callable[[bytes], Awaitable[None]], transport: str, host: str, via: str) -> None:
        self._send = send
        self._transport = transport
        self.host = host
        self._via = via
        self.call_id = secrets.token_hex(8)
        self._tag = secrets.token_hex(4)
        self._cseq = itertools.count(1)
        self._to_tag = ""
        self.received: asyncio.Queue[Response] = asyncio.Queue()

    async def request(
        self,
        method: str,
        to: str,
        caller: bytes = b"<sip:0812@127.0.0.1>",
        headers: bytes = b"",
        body: str = "",
        within: float = 10.0,
    ) -> Response:
        """Send a request to user ``to`` and return the final response; an INVITE's is acknowledged.

        ``caller`` and ``headers`` go out as they are, whatever bytes they hold.
        """
        number = next(self._cseq)
        branch = f"z9hG4bK{secrets.token_hex(6)}"
        await self._send(self._message(method, number, branch, to, caller, headers, body))
        async with asyncio.timeout(within):
            while True:
                response = await self.received.get()
                if response.cseq == f"{number} {method}" and response.code >= 200:
                    break
        if method == "INVITE":
            tag = response.header("To").partition("tag=")[2]
            if (
                response.code < 300
            ):  # a dialog begins, and its ACK is a transaction of its own (RFC 3261, 13.2.2.4)
                self._to_tag, branch = tag, f"{branch}a"
            await self._send(self._message("ACK", number, branch, to, caller, b"", "", tag))
        return response

    def _message(
        self,
        method: str,
        number: int,
        branch: str,
        to: str,
        caller: bytes,
        headers: bytes,
        body: str,
        to_tag: str = "",
    ) -> bytes:
        to_tag = to_tag or self._to_tag
        tag = f";tag={to_tag}" if to_tag else ""
        before = (
            f"{method} sip:{to}@{self.host} SIP/2.0\r\n"
            f"Via: SIP/2.0/{self._transport} {self._via};branch={branch};rport\r\n"
        )
        after = (
            f";tag={self._tag}\r\nTo: <sip:{to}@{self.host}>{tag}\r\nCall-ID: {self.call_id}\r\n"
            f"CSeq: {number} {method}\r\nContact: <sip:test@{self._via};transport={self._transport.lower()}>\r\n"
            "Max-Forwards: 70\r\n"
        )
        kind = "Content-Type: application/sdp\r\n" if body else ""
        end = f"{kind}Content-Length: {len(body.encode())}\r\n\r\n{body}"
        return before.encode() + b"From: " + caller + after.encode() + headers + end.encode()


def authorization(response: Response, method: str, uri: str, user: str, password: str) -> bytes:
    """Answer a digest challenge (RFC 2617, qop=auth, MD5)."""
    challenge = dict(re.findall(r'(\w+)="?([^",]+)"?', response.header("WWW-Authenticate")))
    cnonce = secrets.token_hex(4)

    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    secret = md5(f"{user}:{challenge['realm']}:{password}")
    proof = md5(f"{secret}:{challenge['nonce']}:00000001:{cnonce}:auth:{md5(f'{method}:{uri}')}")
    return (
        f'Authorization: Digest username="{user}", realm="{challenge["realm"]}", nonce="{challenge["nonce"]}", '
        f'uri="{uri}", response="{proof}", algorithm=MD5, qop=auth, nc=00000001, cnonce="{cnonce}", '
        f'opaque="{challenge.get("opaque", "")}"\r\n'
    ).encode()


async def proven(
    caller: Caller, method: str, to: str, user: str, password: str, headers: bytes = b"", body: str = ""
) -> Response:
    """Send a request as ``user``, answer the challenge if there is one, and return the last answer."""
    name = f"<sip:{user}@{caller.host}>".encode()
    answer = await caller.request(method, to, name, headers, body)
    if answer.code != 401:
        return answer
    proof = authorization(answer, method, f"sip:{to}@{caller.host}", user, password)
    return await caller.request(method, to, name, headers + proof, body)


async def register(caller: Caller, user: str, password: str) -> Response:
    """Try to register ``user`` and return the last answer."""
    return await proven(caller, "REGISTER", user, user, password)


@asynccontextmanager
async def over_udp(
    server: str, port: int = 0, asked: list[str] | None = None
) -> AsyncIterator[Callable[[], Caller]]:
    """Open a socket; what is yielded makes a caller that uses it.

    ``asked`` gets the first line of each request that the server sends; an INVITE is answered with 302 to a
    number abroad, anything else with 200.
    """
    callers: list[Caller] = []

    class Protocol(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: object) -> None:
            if data.startswith(b"SIP/2.0"):
                for caller in callers:
                    if caller.call_id == Response(data).header("Call-ID"):
                        caller.received.put_nowait(Response(data))
            elif asked is not None and not data.startswith(b"ACK"):
                asked.append(data.split(b"\r\n", 1)[0].decode(errors="replace"))
                transport.sendto(_answered(data), (host, int(server_port)))

    host, _, server_port = server.partition(":")
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        Protocol, local_addr=("127.0.0.1", port)
    )
    via = f"127.0.0.1:{transport.get_extra_info('sockname')[1]}"

    async def send(data: bytes) -> None:
        transport.sendto(data, (host, int(server_port)))

    def caller() -> Caller:
        callers.append(Caller(send, "UDP", server, via))
        return callers[-1]

    try:
        yield caller
    finally:
        transport.close()


def _answered(request: bytes) -> bytes:
    kept = (b"via:", b"from:", b"to:", b"call-id:", b"cseq:")
    lines = [line for line in request.split(b"\r\n") if line.lower().startswith(kept)]
    moved = request.startswith(b"INVITE")
    first = b"SIP/2.0 302 Moved" if moved else b"SIP/2.0 200 OK"
    tagged = [line + b";tag=1" if line.lower().startswith(b"to:") and moved else line for line in lines]
    contact = [b"Contact: <sip:+14155550100@127.0.0.1>"] if moved else []
    return b"\r\n".join((first, *tagged, *contact, b"Content-Length: 0", b"", b""))


@asynccontextmanager
async def over_websocket(url: str) -> AsyncIterator[Caller]:
    """Connect as a browser's phone does (RFC 7118). The certificate is self-signed and not checked."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, protocols=("sip",), ssl=False) as socket,
    ):
        assert socket.protocol == "sip"

        async def read() -> None:
            async for message in socket:
                data = message.data if isinstance(message.data, bytes) else str(message.data).encode()
                if data.startswith(b"SIP/2.0"):
                    caller.received.put_nowait(Response(data))

        async def send(data: bytes) -> None:
            await socket.send_str(data.decode())

        caller = Caller(send, "WSS", "127.0.0.1", "browser.invalid")
        async with asyncio.TaskGroup() as tasks:
            reader = tasks.create_task(read())
            yield caller
            reader.cancel()
