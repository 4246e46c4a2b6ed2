"""The menu's interpreter: ``step(flow, session, input, surroundings) -> (session, effects)``.

One key is carried forward: the key that interrupts an announcement answers the question after it, if it is among
that question's answers, so that a caller who knows the menu need not hear it.

Late and repeated reports are normal: each ``Say``, ``Listen``, ``Promise`` and ``Record`` has a number of its own, and
only a report of the latest one counts. After ``HangUp`` nothing has any effect.

Where to read on: ``asking`` (questions), ``waiting`` (in line), ``leaving`` (callback, voicemail).
"""

from __future__ import annotations

from typing import Final, TypeAlias

from msgspec.structs import replace

from ivr import asking, leaving, waiting
from ivr.effects import (
    Announced,
    Began,
    Effect,
    Hush,
    Input,
    Key,
    Left,
    Over,
    Played,
    Promised,
    Recorded,
    Recovered,
    Remember,
    Say,
    Served,
    Surroundings,
    TakenAlong,
    TimedOut,
    Waiting,
)
from ivr.model import (
    KEYS,
    LINE,
    BranchNode,
    CallbackNode,
    CollectNode,
    Flow,
    GotoNode,
    HandoverNode,
    HangUpNode,
    HoursNode,
    MenuNode,
    Node,
    Phase,
    QueueNode,
    SayNode,
    Session,
    SetNode,
    StatusNode,
    SurveyNode,
    VoicemailNode,
)
from ivr.turn import Scene, Turn, hang_up, interrupt, say

Step: TypeAlias = tuple[Session, tuple[Effect, ...]]

# Numbers given out between the last Remember and the loss of the process are in nobody's memory but may still be
# reported. A recovered session starts far beyond them.
_RECOVERY_GAP: Final = 1_000_000


def step(flow: Flow, session: Session, given: Input, around: Surroundings) -> Step:
    """Return the session after ``given`` and what is to be done, in order.

    ``HangUp`` comes at most once in a session's life, as its last effect.
    """
    scene = Scene(flow, around)
    match given:
        case Began() if session.phase is Phase.NEW:
            return _walk(scene, Turn(session, to=flow.start))
        case Recovered() if session.phase is not Phase.DONE:
            return _recover(scene, session)
        case Waiting() | Left() | Served() | Over() | TakenAlong() if session.phase is not Phase.DONE:
            return _walk(scene, _from_the_line(scene, session, given))
        case Key(digit) if len(digit) == 1 and digit in KEYS:
            return _walk(scene, _pressed(scene, session, digit))
        case Played() | TimedOut() | Promised() | Recorded():
            return _walk(scene, _reported(scene, session, given))
    return session, ()


def _walk(scene: Scene, turn: Turn) -> Step:
    """Go on until there is something to wait for or the call ends."""
    first, moved = turn.session.phase is Phase.NEW, bool(turn.to)
    effects = list(turn.effects)
    # A way without an answer never comes back to itself (the parser sees to that), and a key is carried once.
    for _ in range(2 * len(scene.flow.nodes) + 2):
        if not turn.to:
            break
        name = turn.session.queued if turn.to == LINE else turn.to
        if name not in scene.flow.nodes:
            turn = hang_up(turn.session, "failed")
            effects += turn.effects
            break
        cleared = replace(turn.session, node=name, failures=0, digits="", part="", index=0, held="")
        turn = _arrive(scene, cleared, scene.flow.nodes[name], turn.key)
        effects += turn.effects
    else:
        turn = hang_up(turn.session, "failed")
        effects += turn.effects
    told = any(isinstance(effect, Announced) for effect in effects)
    if ((moved and not first) or told) and effects and isinstance(effects[-1], Say):
        effects.append(Remember())
    return turn.session, tuple(effects)


def _arrive(scene: Scene, session: Session, node: Node, key: str) -> Turn:
    match node:
        case MenuNode() | CollectNode() | CallbackNode() | SurveyNode():
            return asking.arrive(scene, session, node, key)
        case GotoNode():
            return Turn(session, to=node.next, key=key)
        case HoursNode():
            return Turn(session, to=_by_the_clock(scene, node), key=key)
        case SetNode():
            return Turn(replace(session, collected=session.collected | node.values), to=node.next, key=key)
        case BranchNode():
            values = session.collected | {"language": scene.language(session)}
            return Turn(session, to=node.ways.get(values.get(node.variable, ""), node.otherwise), key=key)
        case StatusNode():
            return waiting.status(scene, session, node)
        case QueueNode():
            return waiting.join(scene, session, node)
        case HandoverNode():
            return leaving.hand_over(scene, session, node)
        case HangUpNode(prompts=()):
            return hang_up(session, node.outcome)
        case SayNode() | VoicemailNode() | HangUpNode():
            return say(scene, session, node.prompts)


def _by_the_clock(scene: Scene, node: HoursNode) -> str:
    if scene.around.closure(node.hours):
        return node.emergency or node.closed
    return node.open if scene.around.is_open(node.hours) else node.closed


def _recover(scene: Scene, session: Session) -> Step:
    """Enter the node again, or the flow if it has no such node any more. A message goes on being recorded."""
    if session.phase is Phase.RECORDING and isinstance(node := scene.node(session), VoicemailNode):
        turn = leaving.record_on(session, node)
        return turn.session, turn.effects
    name = session.node if session.node in scene.flow.nodes else scene.flow.start
    far = replace(session, token=session.token + _RECOVERY_GAP)
    recovered, effects = _walk(scene, Turn(far, to=name))
    # The flow may have changed meanwhile: the tries at one question do not count at another.
    same = recovered.node == session.node and recovered.phase is not Phase.JOINING
    return (replace(recovered, failures=session.failures) if same else recovered), effects


def _from_the_line(
    scene: Scene, session: Session, given: Waiting | Left | Served | Over | TakenAlong
) -> Turn:
    if session.settled == leaving.TAKEN:
        return Turn(session)
    here = waiting.in_line(scene, session)
    match given:
        case Waiting(restart=True):
            far = replace(session, phase=Phase.WAITING, token=session.token + _RECOVERY_GAP)
            return waiting.stand(scene, far).after(Hush())
        case Waiting() if session.phase in {Phase.JOINING, Phase.SERVED}:
            return waiting.stand(scene, session)
        case Left(why=why) if here or session.phase is Phase.NEW:
            return waiting.left(scene, session, why)
        case Served() if session.phase is not Phase.SERVED and not session.settled:
            # The caller may have been leaving the line: what is said in it is the line's again.
            node = session.queued or session.node
            served = replace(session, phase=Phase.SERVED, node=node, token=session.token + 1)
            return interrupt(session, Turn(served))
        case Over() if not session.settled:
            return _over(scene, session)
        case TakenAlong() if not session.settled:
            return interrupt(session, leaving.taken(scene, session))
    return Turn(session)


def _over(scene: Scene, session: Session) -> Turn:
    over = replace(session, settled="handled")
    stood = scene.flow.nodes.get(session.queued)
    if isinstance(stood, QueueNode) and stood.after:
        return interrupt(session, Turn(over, to=stood.after))
    return interrupt(session, hang_up(over, "handled"))


def _pressed(scene: Scene, session: Session, key: str) -> Turn:
    if session.settled == leaving.TAKEN:
        return Turn(session)
    if waiting.in_line(scene, session):
        return waiting.pressed(scene, session, key)
    if session.phase not in {Phase.SPEAKING, Phase.LISTENING}:
        return Turn(session)
    match scene.node(session):
        case HandoverNode(back=name):
            return interrupt(session, Turn(session, to=name))
        case SayNode(barge_in=True, next=name) | StatusNode(next=name):
            return interrupt(session, Turn(session, to=name, key=key))
        case VoicemailNode() as node if session.part != leaving.KEPT:
            return interrupt(session, leaving.record(session, node))
        case MenuNode() | CollectNode() | CallbackNode() | SurveyNode() as node if not _last_words(session):
            return asking.pressed(scene, session, node, key)
    return Turn(session)


def _reported(scene: Scene, session: Session, given: Played | TimedOut | Promised | Recorded) -> Turn:
    node, latest = scene.node(session), given.token == session.token
    match given, session.phase, node:
        case Played(), Phase.SPEAKING, _ if latest:
            return _spoken(scene, session, node)
        case TimedOut(), Phase.WAITING, _ if latest:
            return waiting.announce(scene, session)
        case TimedOut(), Phase.LISTENING, (MenuNode() | CollectNode() | CallbackNode() | SurveyNode()) if (
            latest
        ):
            return asking.silent(scene, session, node)
        case TimedOut(), Phase.PROMISING, CallbackNode() if latest:
            return leaving.promised(scene, session, kept=False)
        case TimedOut(), Phase.RECORDING, VoicemailNode() if latest:
            return leaving.recorded(scene, session, node, 0)
        case Promised(token=token, kept=kept), Phase.PROMISING, CallbackNode() if token + 1 == session.token:
            return leaving.promised(scene, session, kept=kept)
        case Recorded(token=token, ms=ms), Phase.RECORDING, VoicemailNode() if token + 1 == session.token:
            return leaving.recorded(scene, session, node, ms)
    return Turn(session)


def _spoken(scene: Scene, session: Session, node: Node | None) -> Turn:
    if session.settled == leaving.TAKEN:
        return hang_up(session, session.settled)
    match node:
        case SayNode(next=name) | StatusNode(next=name) | HandoverNode(back=name):
            return Turn(session, to=name)
        case HangUpNode(outcome=outcome):
            return hang_up(session, outcome)
        case QueueNode():
            return waiting.announced(scene, session)
        case VoicemailNode() if session.part != leaving.KEPT:
            return leaving.record(session, node)
        case CallbackNode() | VoicemailNode() if _last_words(session):
            return leaving.told(session, node)
        case MenuNode() | CollectNode() | CallbackNode() | SurveyNode():
            return asking.spoken(session, node)
    return Turn(session)


def _last_words(session: Session) -> bool:
    return session.part in {leaving.KEPT, leaving.FAILED}
