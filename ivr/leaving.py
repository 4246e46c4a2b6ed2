"""What a caller leaves behind instead of waiting: a promise to be called back, a message, or the telephone. Pure."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from ivr import spoken
from ivr.effects import Listen, Record, Remember, Settle
from ivr.model import CallbackNode, HandoverNode, Phase, Session, Spoken, VoicemailNode
from ivr.turn import Scene, Turn, hang_up, say

KEPT: Final = "kept"
"""The part in which the caller is told that it worked."""
FAILED: Final = "failed"
"""The part in which the caller is told that it did not."""

TAKEN: Final = "handed_over"
"""The outcome of a call whose caller goes on by another channel."""

_RECORD_GUARD_MS: Final = 10_000


def promised(scene: Scene, session: Session, *, kept: bool) -> Turn:
    """Tell the caller what came of the promise."""
    if kept:
        kept_session = replace(session, part=KEPT, settled="callback")
        return say(scene, kept_session, (Spoken("callback.kept"),))
    return say(scene, replace(session, part=FAILED), (Spoken("callback.failed"),))


def told(session: Session, node: CallbackNode | VoicemailNode) -> Turn:
    """The caller was told what came of it."""
    if session.part == FAILED and isinstance(node, CallbackNode):
        return Turn(session, to=node.patience.on_invalid)
    return Turn(session, to=node.next) if node.next else hang_up(session, session.settled)


def hand_over(scene: Scene, session: Session, node: HandoverNode) -> Turn:
    """Tell the code, twice: it is written down."""
    code = tuple(Spoken(piece) for piece in spoken.digits(scene.around.place_code()))
    if not code:
        return Turn(session, to=node.back)
    words = (Spoken("handover.code"), *code, Spoken("handover.again"), *code, Spoken("handover.back"))
    return say(scene, session, words)


def taken(scene: Scene, session: Session) -> Turn:
    """The code was used: say goodbye."""
    return say(scene, replace(session, settled=TAKEN), (Spoken("handover.taken"),))


def record(session: Session, node: VoicemailNode) -> Turn:
    """The greeting was heard: record."""
    return _recording(replace(session, phase=Phase.RECORDING, token=session.token + 2), node)


def record_on(session: Session, node: VoicemailNode) -> Turn:
    """After a restart: the caller goes on speaking, or has ended."""
    return _recording(session, node, begun=True)


def _recording(session: Session, node: VoicemailNode, *, begun: bool = False) -> Turn:
    doing = Record(session.token - 1, node.queue, node.max_ms, node.silence_ms, node.least_ms, begun)
    # Remembered, for a recording goes on without us: who comes back must not begin another over it.
    return Turn(session, (doing, Listen(session.token, node.max_ms + _RECORD_GUARD_MS), Remember()))


def recorded(scene: Scene, session: Session, node: VoicemailNode, ms: int) -> Turn:
    """Thank for a message; ask again for one that is too short to be one."""
    if ms >= node.least_ms:
        settled = replace(session, part=KEPT, settled="voicemail")
        thanks = say(scene, settled, (Spoken("voicemail.kept"),))
        return thanks.after(Settle("voicemail", session.node))
    session = replace(session, failures=session.failures + 1)
    if session.failures >= node.tries:
        return Turn(session, to=node.otherwise)
    return say(scene, session, (Spoken("voicemail.empty"), *node.prompts))
