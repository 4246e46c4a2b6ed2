"""SIP messages as values: read, written, answered and signed (RFC 3261), and their sound (RFC 4566).

Only what a telephone on the loopback needs: UDP, no proxies, G.711 and telephone events.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

Address = tuple[str, int]
Headers = tuple[tuple[str, str], ...]

ALLOW: Final = "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE"
PCMU: Final = 0
PCMA: Final = 8
_EVENTS: Final = 101
_COMPACT: Final = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length"}
_REASONS: Final = {
    100: "Trying",
    180: "Ringing",
    183: "Session Progress",
    200: "OK",
    405: "Method Not Allowed",
    408: "Request Timeout",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    603: "Decline",
}


@dataclass(frozen=True, slots=True)
class Message:
    """A request or a response."""

    start: str
    headers: Headers
    body: str = ""

    @property
    def status(self) -> int:
        """The status code; 0 for a request."""
        return int(self.start.split(" ", 2)[1]) if self.start.startswith("SIP/2.0 ") else 0

    @property
    def reason(self) -> str:
        """The words beside the status code."""
        return self.start.split(" ", 2)[2] if self.start.count(" ") > 1 else ""

    @property
    def method(self) -> str:
        """The method of the request, or of the request that was answered."""
        return self["cseq"].partition(" ")[2].strip()

    @property
    def uri(self) -> str:
        """The request URI."""
        return self.start.split(" ")[1]

    @property
    def branch(self) -> str:
        """What names the transaction."""
        return parameter(self["via"], "branch")

    def __getitem__(self, name: str) -> str:
        """Return the first header of this (lower-case) name, or an empty text."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    def encode(self) -> bytes:
        """Return the datagram."""
        body = self.body.encode()
        lines = [self.start, *(f"{name}: {value}" for name, value in self.headers)]
        lines += [f"Content-Length: {len(body)}", "", ""]
        return "\r\n".join(lines).encode() + body


def parse(datagram: bytes) -> Message | None:
    """Return the message in a datagram, or None if there is none (keep-alives, noise)."""
    head, _, body = datagram.decode(errors="replace").partition("\r\n\r\n")
    start, *lines = re.sub(r"\r\n[ \t]+", " ", head).split("\r\n")
    headers = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            return None
        name = name.strip().lower()
        headers.append((_COMPACT.get(name, name), value.strip()))
    message = Message(start, tuple(headers), body)
    complete = re.fullmatch(r"SIP/2\.0 [1-6]\d\d .*|[A-Z]+ \S+ SIP/2\.0", start)
    return message if complete and all(message[name] for name in ("via", "call-id", "cseq")) else None


def reply(request: Message, code: int, tag: str = "", more: Headers = (), body: str = "") -> Message:
    """Return the response to ``request``; ``tag`` marks this end of the dialog."""
    copied = [(name, value) for name, value in request.headers if name in {"via", "from", "call-id", "cseq"}]
    to = request["to"]
    if tag and not parameter(to, "tag"):
        to += f";tag={tag}"
    start = f"SIP/2.0 {code} {_REASONS.get(code, 'Response')}"
    return Message(start, (*copied, ("To", to), ("Allow", ALLOW), *more), body)


def acknowledge(invite: Message, response: Message) -> Message:
    """Return the ACK of a refusal, which belongs to the transaction of the INVITE (RFC 3261, 17.1.1.3)."""
    number = invite["cseq"].partition(" ")[0]
    kept = tuple(
        item for item in invite.headers if item[0].lower() in {"via", "from", "call-id", "max-forwards"}
    )
    return Message(f"ACK {invite.uri} SIP/2.0", (*kept, ("To", response["to"]), ("CSeq", f"{number} ACK")))


def cancel(invite: Message) -> Message:
    """Return the CANCEL of an INVITE that has not been answered."""
    number = invite["cseq"].partition(" ")[0]
    kept = tuple(
        item for item in invite.headers if item[0].lower() in {"via", "from", "to", "call-id", "max-forwards"}
    )
    return Message(f"CANCEL {invite.uri} SIP/2.0", (*kept, ("CSeq", f"{number} CANCEL")))


def parameter(value: str, name: str) -> str:
    """Return a parameter of a header, or an empty text."""
    found = re.search(rf";\s*{name}\s*=\s*([^;,\s>]+)", value.rpartition(">")[2] or value, re.IGNORECASE)
    return found[1] if found else ""


def address_uri(value: str) -> str:
    """Return the URI in a From, To or Contact header."""
    found = re.match(r'\s*(?:"(?:[^"\\]|\\.)*"|[^<"]*)\s*<([^>]*)>', value)
    return found[1] if found else value.partition(";")[0].strip()


def user_of(uri: str) -> str:
    """Return the user part of a SIP URI, or an empty text."""
    found = re.match(r"sips?:([^@;]*)@", uri)
    return found[1] if found else ""


def place_of(uri: str) -> Address | None:
    """Return host and port of a SIP URI, or None if it is none."""
    found = re.match(r"sips?:(?:[^@]*@)?([\w.-]+)(?::(\d+))?(?:[;?].*)?$", uri)
    return (found[1], int(found[2] or 5060)) if found else None


def authorization(challenge: str, method: str, uri: str, user: str, password: str, cnonce: str) -> str:
    """Return the value of the Authorization header that answers a Digest challenge (RFC 7616)."""
    asked = {
        key.lower(): quoted or bare
        for key, quoted, bare in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', challenge)
    }
    algorithm = asked.get("algorithm", "MD5")

    def hashed(text: str) -> str:
        if algorithm.upper() == "SHA-256":
            return hashlib.sha256(text.encode()).hexdigest()
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    realm, nonce = asked.get("realm", ""), asked.get("nonce", "")
    secret, what = hashed(f"{user}:{realm}:{password}"), hashed(f"{method}:{uri}")
    fields = f'username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", algorithm={algorithm}'
    if "opaque" in asked:
        fields += f', opaque="{asked["opaque"]}"'
    if "auth" in asked.get("qop", "").split(","):
        proof = hashed(f"{secret}:{nonce}:00000001:{cnonce}:auth:{what}")
        return f'Digest {fields}, qop=auth, nc=00000001, cnonce="{cnonce}", response="{proof}"'
    return f'Digest {fields}, response="{hashed(f"{secret}:{nonce}:{what}")}"'


class Media(NamedTuple):
    """Where the other side wants its sound, and how."""

    to: Address
    codec: int
    """Payload type: 0 mu-law, 8 A-law."""
    events: int | None
    """Payload type of telephone events, if it takes any."""


def describe(
    port: int, session: int, codecs: Sequence[int] = (PCMA, PCMU), events: int | None = _EVENTS
) -> str:
    """Return a session description: sound at 127.0.0.1:``port``."""
    kinds = {PCMA: "PCMA", PCMU: "PCMU"}
    numbers = [*codecs, *([] if events is None else [events])]
    lines = [
        "v=0",
        f"o=- {session} {session} IN IP4 127.0.0.1",
        "s=-",
        "c=IN IP4 127.0.0.1",
        "t=0 0",
        f"m=audio {port} RTP/AVP {' '.join(map(str, numbers))}",
        *(f"a=rtpmap:{codec} {kinds[codec]}/8000" for codec in codecs),
    ]
    if events is not None:
        lines += [f"a=rtpmap:{events} telephone-event/8000", f"a=fmtp:{events} 0-15"]
    return "\r\n".join([*lines, "a=ptime:20", "a=sendrecv", ""])


def media_of(description: str) -> Media | None:
    """Return the first sound of a session description that this telephone can take part in, or None."""
    audio = re.search(r"^m=audio (\d+) RTP/\S+ ([\d ]+?)\s*$", description, re.MULTILINE)
    host = re.search(r"^c=IN IP4 (\S+?)\s*$", description, re.MULTILINE)
    if not audio or not host:
        return None
    codec = next((number for number in map(int, audio[2].split()) if number in {PCMA, PCMU}), None)
    events = re.search(r"^a=rtpmap:(\d+) telephone-event/8000", description, re.MULTILINE)
    if codec is None:
        return None
    return Media((host[1], int(audio[1])), codec, int(events[1]) if events else None)
