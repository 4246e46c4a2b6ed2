"""ICE-lite (RFC 8445, 2.5): answer checks that prove to come from a client we answered. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple

from aioice import stun

Address = tuple[str, int]

_COOKIE: Final = b"\x21\x12\xa4\x42"
_LARGEST: Final = 548
"""Bytes of a STUN message over UDP (RFC 8489, 6.1)."""


class Credentials(NamedTuple):
    """What a client must know to reach its connection."""

    ufrag: str
    password: str


class Check(NamedTuple):
    """A connectivity check, not yet proven."""

    message: stun.Message
    ufrag: str
    """Ours."""
    nominated: bool

    @property
    def transaction(self) -> bytes:
        """Its number, made up by the client."""
        return self.message.transaction_id

    def proven(self, credentials: Credentials) -> bool:
        """Whether its sender knows the password."""
        return self.message.check_message_integrity(credentials.password.encode())

    def answer(self, credentials: Credentials, address: Address) -> bytes:
        """Return the response to ``address``, from which it came."""
        response = stun.Message(
            message_method=stun.Method.BINDING,
            message_class=stun.Class.RESPONSE,
            transaction_id=self.message.transaction_id,
            attributes={"XOR-MAPPED-ADDRESS": address},
        )
        response.add_message_integrity(credentials.password.encode())
        return bytes(response)


def read(data: bytes) -> Check | None:
    """Return the check in a datagram, or None if it is none. Raises ValueError and the like if it is malformed."""
    # Cheap first: garbage must not cost a parse.
    if not 20 <= len(data) <= _LARGEST or data[:2] != b"\0\1" or data[4:8] != _COOKIE:
        return None
    if int.from_bytes(data[2:4], "big") != len(data) - 20:
        return None
    message = stun.parse_message(data)
    name = message.attributes.get("USERNAME", "")
    ours, colon, _ = name.partition(":")
    if not colon or "MESSAGE-INTEGRITY" not in message.attributes:
        return None
    return Check(message, ours, "USE-CANDIDATE" in message.attributes)
