"""What a page in a video call and the control process say to each other, one JSON text a WebSocket message."""

from __future__ import annotations

from typing import Final

import msgspec

from core.errors import Refused
from video.book import Message
from video.messages import Shown
from video.model import Label, Mid, ParticipantId, Role
from video.turn import IceServer
from video.visit import Stage

LONGEST: Final = 64 * 1024
"""Bytes of a message: an offer with many sections has some 20,000."""

LONGEST_LINE: Final = 2_000
"""Characters of a line of chat."""

MOST_LINES: Final = 500
"""Of one call: a page that comes back is sent them all."""


# --- from the page -----------------------------------------------------------------------------------------


class _FromPage(msgspec.Struct, frozen=True, tag_field="type", forbid_unknown_fields=True):
    pass


class Join(_FromPage, frozen=True, tag="join"):
    """Connect, or connect anew. Answered by ``Answer``. Only after ``Invited``."""

    sdp: str
    labels: dict[Mid, Label] = {}


class Renew(_FromPage, frozen=True, tag="renew"):
    """A further offer on the same connection: another network, one stream more. Answered by ``Answer``."""

    sdp: str
    labels: dict[Mid, Label] = {}


class Write(_FromPage, frozen=True, tag="write"):
    """A line of chat. ``key`` is the page's own; a line sent again with it is kept once."""

    key: str
    text: str


class Device(_FromPage, frozen=True, tag="device"):
    """What the person has switched on."""

    microphone: bool
    camera: bool
    screen: bool


class Leave(_FromPage, frozen=True, tag="leave"):
    """End the call, or stop waiting."""


FromPage = Join | Renew | Write | Device | Leave

_decoder: Final = msgspec.json.Decoder(FromPage)


def parse(raw: bytes | str) -> FromPage:
    """Return a page's message. Raises Refused for anything else."""
    try:
        message: FromPage = _decoder.decode(raw)
    except (msgspec.MsgspecError, ValueError) as error:
        raise Refused(f"not a message of a call: {error}") from None
    if isinstance(message, Write) and not (message.key and len(message.key) <= 64 and message.text.strip()):
        raise Refused("a line needs a key of 64 characters at most, and a text")
    if isinstance(message, Write) and len(message.text) > LONGEST_LINE:
        raise Refused(f"a line has at most {LONGEST_LINE} characters")
    return message


# --- to the page -------------------------------------------------------------------------------------------


class _ToPage(msgspec.Struct, frozen=True, tag_field="type"):
    pass


class Person(msgspec.Struct, frozen=True):
    """Somebody in the call, as the others see it. Listeners are nobody's business."""

    participant: ParticipantId
    name: str
    """A visitor's own words, or an agent's first name."""
    side: str
    """``visitor``, ``agent``, ``colleague``, or ``outside``: a telephone, without name and picture."""
    here: bool
    """Picture and sound run."""
    microphone: bool
    camera: bool
    screen: bool


class State(_ToPage, frozen=True, tag="state"):
    """All that a page shows beside pictures and chat. Replaces the one before."""

    me: ParticipantId
    stage: Stage
    since: int
    """When the stage began; milliseconds UTC."""
    now: int
    position: int | None
    """Place in line, from 1."""
    wait_ms: int | None
    """By when four of five have been answered; never more than what was said before. Null: not known."""
    people: tuple[Person, ...]
    recorded: bool
    telephone: str = ""
    """The visitor's own telephone: ``ringing``, ``here`` (the sound is there, not in the page), or empty."""


class Invited(_ToPage, frozen=True, tag="invited"):
    """Connect now: send ``Join``, with the devices there are. Sent again when the connection has to be made anew."""

    role: Role
    ice: tuple[IceServer, ...] = ()
    """Ways in from closed networks, for an hour."""


class Answer(_ToPage, frozen=True, tag="answer"):
    """The answer to the last ``Join`` or ``Renew``."""

    sdp: str
    shown: tuple[Shown, ...]


class Slots(_ToPage, frozen=True, tag="slots"):
    """Who is seen in which section."""

    shown: tuple[Shown, ...]


class Chat(_ToPage, frozen=True, tag="chat"):
    """Lines of chat, each once."""

    lines: tuple[Message, ...]


class Rules(_ToPage, frozen=True, tag="rules"):
    """What may be handed over. Sent once, when a page is opened; files go by HTTP (``desk.visit_files``)."""

    largest: int
    """Bytes of one file."""
    most: int
    """Files of the visit, of everybody together."""
    kinds: tuple[str, ...]
    """Media types."""


class Problem(_ToPage, frozen=True, tag="problem"):
    """A message of the page was not taken."""

    code: str
    """``later``: the same again after ``after_ms``; ``gone``: not invited, or over; ``refused``."""
    message: str
    after_ms: int = 0


ToPage = State | Invited | Answer | Slots | Chat | Rules | Problem


def dump(message: ToPage) -> str:
    """Return a message as text."""
    return msgspec.json.encode(message).decode()
