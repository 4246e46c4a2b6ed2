"""What a telephone process is told and what it tells, one JSON object a line.

The process is started as ``python -m MODULE --port N --folder DIR``, reads requests from its standard input
and ends when that closes. The first line it writes is ``Ready``. Calls are named by whoever begins them: the
client names the calls it dials, the process those that come in. What call ``X`` hears goes to ``DIR/X.wav``.
Times are seconds of the machine's monotonic clock, which all processes share.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

# --- requests ----------------------------------------------------------------------------------------------


class _Command(msgspec.Struct, frozen=True, tag_field="do"):
    pass


class Register(_Command, frozen=True, tag="register"):
    """Register ``user`` at ``registrar`` (host:port); calls to it come in here from then on."""

    user: str
    password: str
    registrar: str
    expires_s: int = 300


class Unregister(_Command, frozen=True, tag="unregister"):
    """Take the registration back."""

    user: str


class Dial(_Command, frozen=True, tag="dial"):
    """Begin call ``call`` to a SIP URI. ``account`` is a registered user, or empty to call as a stranger."""

    call: str
    uri: str
    account: str = ""
    display: str = ""
    user: str = ""
    """The user part of the From header; only for a stranger."""
    asserted: str = ""
    """The URI of a P-Asserted-Identity header (RFC 3325)."""
    tone: int = 0
    """Hertz to send once connected; 0 is silence."""


class Answer(_Command, frozen=True, tag="answer"):
    """Answer an incoming call with a 1xx or 2xx."""

    call: str
    code: int = 200
    tone: int = 0


class HangUp(_Command, frozen=True, tag="hang_up"):
    """End a call; one that came in and was not answered is refused with ``code``."""

    call: str
    code: int = 603


class Press(_Command, frozen=True, tag="press"):
    """Send keys as telephone events (RFC 4733)."""

    call: str
    keys: str


class Send(_Command, frozen=True, tag="send"):
    """Send another tone from now on; 0 is silence."""

    call: str
    tone: int


class Say(_Command, frozen=True, tag="say"):
    """Send a sound from now on, again and again: a WAV file of 16 bits, mono, 8,000 samples a second."""

    call: str
    file: str


Command: TypeAlias = Register | Unregister | Dial | Answer | HangUp | Press | Send | Say


class Request(msgspec.Struct, frozen=True):
    """A command and the number that its reply will carry."""

    id: int
    command: Command


# --- what comes back ---------------------------------------------------------------------------------------


class _Message(msgspec.Struct, frozen=True, tag_field="event"):
    pass


class Reply(_Message, frozen=True, tag="reply"):
    """Request ``id`` was taken, or could not be: ``error`` says why. What comes of it is told by events."""

    id: int
    error: str = ""


class Ready(_Message, frozen=True, tag="ready"):
    """The telephone listens on this UDP port."""

    port: int


class Registered(_Message, frozen=True, tag="registered"):
    """The registrar answered for ``user``; ``active`` says whether a registration stands now."""

    at: float
    user: str
    code: int
    active: bool


class Incoming(_Message, frozen=True, tag="incoming"):
    """A call rings here. ``account`` is the registered user it is for, or empty."""

    at: float
    call: str
    caller: str
    """The From header's content, as received."""
    account: str = ""
    dialled: str = ""
    """The user part of the address that was called."""


class Ringing(_Message, frozen=True, tag="ringing"):
    """The other side rings (180) or sends sound before it answers (183)."""

    at: float
    call: str
    code: int


class Confirmed(_Message, frozen=True, tag="confirmed"):
    """The call is answered and acknowledged."""

    at: float
    call: str


class Disconnected(_Message, frozen=True, tag="disconnected"):
    """The call is over and its sound file is complete. ``code`` is the SIP status, 200 after a normal end."""

    at: float
    call: str
    code: int
    reason: str


class KeyHeard(_Message, frozen=True, tag="key"):
    """The other side sent a key."""

    at: float
    call: str
    key: str


Message: TypeAlias = Reply | Ready | Registered | Incoming | Ringing | Confirmed | Disconnected | KeyHeard

CallMessage: TypeAlias = Incoming | Ringing | Confirmed | Disconnected | KeyHeard
