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
    """One call and its dialog: who is at either end, and what was last asked."""

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
        self.local = self.remote = self.target = ""
        self.number = int(invite["cseq"].partition(" ")[0])

    @classmethod
    def ringing_here(cls, name: str, sound: Sound, invite: Message, peer: Address) -> Call:
        """Return a call that came in."""
        call = cls(name, sound, invite, peer)
        call.state, call.is_incoming, call.number = State.RINGING, True, 0
        call.local, call.remote = f"{invite['to']};tag={call.tag}", invite["from"]
        call.target = sip.address_uri(invite["contact"])
        return call

    def accepted(self, answer: Message) -> None:
        """Note who answered."""
        self.local, self.remote = self.invite["from"], answer["to"]
        self.target = sip.address_uri(answer["contact"])

    def within(self, method: str, via: str) -> Message:
        """Return the next request of the dialog; an ACK carries the number of its INVITE."""
        self.number += method != "ACK"
        headers = (
            ("Via", via),
            ("Max-Forwards", "70"),
            ("From", self.local),
            ("To", self.remote),
            ("Call-ID", self.invite["call-id"]),
            ("CSeq", f"{self.number} {method}"),
        )
        return Message(f"{method} {self.target} SIP/2.0", headers)


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
