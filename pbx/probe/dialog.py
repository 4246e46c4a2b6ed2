"""Who a plain telephone talks to, and the requests it makes (RFC 3261, 12)."""

from __future__ import annotations

import asyncio
import random
import secrets
from dataclasses import replace
from enum import Enum, auto
from typing import NamedTuple

from pbx.probe import protocol as p
from pbx.probe import sip
from pbx.probe.rtp import Sound
from pbx.probe.sip import Address, Message


class State(Enum):
    """How far a call is."""

    CALLING = auto()
    RINGING = auto()
    UP = auto()
    OVER = auto()


class Here(NamedTuple):
    """This telephone's own address."""

    port: int

    def via(self) -> str:
        """Return a Via header that begins a transaction."""
        return f"SIP/2.0/UDP 127.0.0.1:{self.port};rport;branch=z9hG4bK{secrets.token_hex(8)}"

    def contact(self, user: str) -> str:
        """Return a Contact header."""
        return f"<sip:{user}@127.0.0.1:{self.port}>"


class Dialog(NamedTuple):
    """The two ends of an answered call: tags included, as they go into From and To of this end's requests."""

    local: str
    remote: str
    target: str
    call_id: str

    @classmethod
    def accepted(cls, invite: Message, answer: Message) -> Dialog:
        """Return the dialog that the other end's ``answer`` to our ``invite`` began."""
        return cls(invite["from"], answer["to"], sip.address_uri(answer["contact"]), invite["call-id"])

    @classmethod
    def offered(cls, invite: Message, tag: str) -> Dialog:
        """Return the dialog that the other end's ``invite`` begins, this end being ``tag``."""
        local = f"{invite['to']};tag={tag}"
        return cls(local, invite["from"], sip.address_uri(invite["contact"]), invite["call-id"])

    def request(self, method: str, number: int, via: str) -> Message:
        """Return request ``number`` of this end; an ACK carries the number of its INVITE."""
        headers = (
            ("Via", via),
            ("Max-Forwards", "70"),
            ("From", self.local),
            ("To", self.remote),
            ("Call-ID", self.call_id),
            ("CSeq", f"{number} {method}"),
        )
        return Message(f"{method} {self.target} SIP/2.0", headers)


class Account:
    """A registered user."""

    def __init__(self, command: p.Register, place: Address) -> None:
        self.place = place
        self.user = command.user
        self.password = command.password
        self.registrar = command.registrar
        self.expires_s = command.expires_s
        self.call_id = secrets.token_hex(12)
        self.number = 0
        self.refresh: asyncio.Task[None] | None = None

    @property
    def uri(self) -> str:
        """The address of record."""
        return f"sip:{self.user}@{self.registrar}"


class Call:
    """One call, and what was last asked in it."""

    def __init__(self, name: str, sound: Sound, invite: Message, peer: Address) -> None:
        self.name = name
        self.sound = sound
        self.invite = invite
        self.peer = peer
        self.state = State.CALLING
        self.tone = 0
        self.tag = secrets.token_hex(6)
        self.session = random.getrandbits(31)
        self.is_incoming = False
        self.is_leaving = False
        """This end gave up before there was an answer."""
        self.acked = asyncio.Event()
        self.dialog: Dialog | None = None
        self.number = int(invite["cseq"].partition(" ")[0])
        """The number of this end's last request."""

    @classmethod
    def ringing_here(cls, name: str, sound: Sound, invite: Message, peer: Address) -> Call:
        """Return a call that came in."""
        call = cls(name, sound, invite, peer)
        call.state, call.is_incoming, call.number = State.RINGING, True, 0
        call.dialog = Dialog.offered(invite, call.tag)
        return call


def register(account: Account, here: Here, expires_s: int, challenge: Message | None = None) -> Message:
    """Return the next REGISTER of ``account``; 0 seconds takes the registration back."""
    account.number += 1
    uri = f"sip:{account.registrar}"
    headers = (
        ("Via", here.via()),
        ("Max-Forwards", "70"),
        ("From", f"<{account.uri}>;tag={account.call_id[:8]}"),
        ("To", f"<{account.uri}>"),
        ("Call-ID", account.call_id),
        ("CSeq", f"{account.number} REGISTER"),
        ("Contact", here.contact(account.user)),
        ("Expires", str(expires_s)),
        *(_signed(account, challenge, "REGISTER", uri) if challenge else ()),
    )
    return Message(f"REGISTER {uri} SIP/2.0", headers)


def invite_of(command: p.Dial, account: Account | None, here: Here, session: str) -> Message:
    """Return the INVITE that ``command`` asks for."""
    user = account.user if account else command.user or "probe"
    display = command.display.replace("\\", r"\\").replace('"', r"\"")
    sender = account.uri if account else f"sip:{user}@127.0.0.1:{here.port}"
    headers = (
        ("Via", here.via()),
        ("Max-Forwards", "70"),
        ("From", f'"{display}" <{sender}>;tag={secrets.token_hex(6)}'),
        ("To", f"<{command.uri}>"),
        ("Call-ID", secrets.token_hex(12)),
        ("CSeq", "1 INVITE"),
        ("Contact", here.contact(user)),
        ("Allow", sip.ALLOW),
        *((("P-Asserted-Identity", f"<{command.asserted}>"),) if command.asserted else ()),
        ("Content-Type", "application/sdp"),
    )
    return Message(f"INVITE {command.uri} SIP/2.0", headers, session)


def sign_again(invite: Message, account: Account, challenge: Message, here: Here, number: int) -> Message:
    """Return a challenged INVITE once more, as transaction ``number`` and signed."""
    changed = {"Via": here.via(), "CSeq": f"{number} INVITE"}
    headers = tuple((name, changed.get(name, value)) for name, value in invite.headers)
    return replace(invite, headers=headers + _signed(account, challenge, "INVITE", invite.uri))


def _signed(account: Account, challenge: Message, method: str, uri: str) -> sip.Headers:
    asked, given = "www-authenticate", "Authorization"
    if challenge.status == 407:
        asked, given = "proxy-authenticate", "Proxy-Authorization"
    cnonce = secrets.token_hex(8)
    answer = sip.authorization(challenge[asked], method, uri, account.user, account.password, cnonce)
    return ((given, answer),)
