"""What control and the process that codes a telephone's sound say to each other: JSON, a text a line.

Apart from ``video.telephone``, so that control does not load the codecs: 28 MB, and 0.2 s of its start.
"""

from __future__ import annotations

import msgspec


class _Said(msgspec.Struct, frozen=True, tag_field="type"):
    pass


class Offer(_Said, frozen=True, tag="offer"):
    """Make an offer for a room; an earlier connection is given up. Answered by ``Offered``."""


class Answer(_Said, frozen=True, tag="answer"):
    """What the room answered; ``host`` is where its worker listens for us."""

    sdp: str
    host: str


class Source(_Said, frozen=True, tag="source"):
    """Where Asterisk sends from. Nothing is taken from elsewhere."""

    host: str
    port: int


class Offered(msgspec.Struct, frozen=True):
    """Our offer, and the port on which we wait for Asterisk."""

    sdp: str
    port: int
