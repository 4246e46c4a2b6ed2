"""In line: music, announcements, keys, and the ways out. Pure.

Only news is announced in line (``ivr.telling``). While there is none, comfort messages are said in turn.
"""

from __future__ import annotations

from msgspec.structs import replace

from core.ids import QueueId
from ivr import telling
from ivr.effects import Effect, JoinQueue, LeaveQueue, Listen, Music, Remember
from ivr.model import (
    AS_WAITED,
    OVERFLOW,
    Phase,
    QueueNode,
    Session,
    StatusNode,
    Telling,
    Told,
    Treatment,
    Utterance,
)
from ivr.turn import Scene, Turn, hang_up, interrupt, listen, say

PLAIN = Treatment()
"""For a caller whose node is not in the flow any more."""


def in_line(scene: Scene, session: Session) -> bool:
    """Whether the caller stands in line, or is with an agent."""
    if session.phase in {Phase.JOINING, Phase.WAITING, Phase.SERVED}:
        return True
    return session.phase is Phase.SPEAKING and isinstance(scene.node(session), QueueNode)


def join(scene: Scene, session: Session, node: QueueNode) -> Turn:
    """Ask the line for a place. After the conversation there is none."""
    if session.settled:
        return hang_up(session, session.settled)
    if session.queued != session.node:
        session = replace(session, queued=session.node, comforts=0)
    session = replace(session, phase=Phase.JOINING, token=session.token + 1)
    needs, relax = node.needs + scene.needs(session), scene.relaxed(node, session)
    language = scene.language(session)
    return Turn(session, (Remember(), JoinQueue(node.queue, language, needs, node.priority, relax)))


def stand(scene: Scene, session: Session) -> Turn:
    """The caller stands in line: a welcome to the one who just came, music to all."""
    treatment, came = _treatment(scene, session), session.phase is Phase.JOINING
    session = replace(session, phase=Phase.WAITING)
    if not came:
        return _music(session, treatment.first_ms, treatment)
    news = _news(scene, session, treatment)
    return _announce(scene, session, treatment.welcome, news) or _music(
        session, treatment.first_ms, treatment
    )


def announce(scene: Scene, session: Session) -> Turn:
    """It is time to tell the caller something."""
    treatment = _treatment(scene, session)
    news = _news(scene, session, treatment)
    comfort: tuple[Utterance, ...] = ()
    if not news and treatment.comfort:
        comfort = treatment.comfort[session.comforts % len(treatment.comfort)]
        session = replace(session, comforts=session.comforts + 1)
    turn = _announce(scene, session, comfort, news, treatment.offer)
    return turn or listen(session, treatment.every_ms, Phase.WAITING)


def announced(scene: Scene, session: Session) -> Turn:
    """What was said has ended: music until the next time."""
    treatment = _treatment(scene, session)
    return _music(session, treatment.every_ms, treatment)


def pressed(scene: Scene, session: Session, key: str) -> Turn:
    """Take a key: one that has a meaning takes the caller out of the line."""
    choice = _treatment(scene, session).keys.get(key)
    if choice is None or session.phase is Phase.SERVED:
        return Turn(session)
    spoken_to = replace(session, language=choice.language or session.language)
    return interrupt(session, Turn(spoken_to, (LeaveQueue(choice.next),), choice.next))


def left(scene: Scene, session: Session, why: str) -> Turn:
    """The line does not keep the caller."""
    ways = _treatment(scene, session).ways
    way = ways.get(why) or (ways.get("waited") if why in AS_WAITED else None) or OVERFLOW
    turn = Turn(session, to=way) if way in scene.flow.nodes else hang_up(session, "overflowed")
    return interrupt(session, turn)


def status(scene: Scene, session: Session, node: StatusNode) -> Turn:
    """Say how things stand at a queue that the caller has not joined."""
    outlook = scene.around.outlook(node.queue)
    if not outlook.joins:
        return Turn(session, to=node.closed)
    if node.long_ms and outlook.wait_ms is not None and outlook.wait_ms >= node.long_ms:
        return Turn(session, to=node.long)
    told = tuple(one for one in _told(node.queue, node) if telling.worth(scene.around, session, one))
    return say(scene, session, told) if told else Turn(session, to=node.next)


def _news(scene: Scene, session: Session, treatment: Treatment) -> tuple[Told, ...]:
    node = scene.node(session)
    told = _told(node.queue, treatment) if isinstance(node, QueueNode) else ()
    return tuple(one for one in told if telling.news(scene.around, session, one))


def _told(queue: QueueId, asked: StatusNode | Treatment) -> tuple[Told, ...]:
    return (
        *((Told(Telling.POSITION, queue),) if asked.position else ()),
        *((Told(Telling.WAIT, queue),) if asked.wait else ()),
    )


def _announce(
    scene: Scene,
    session: Session,
    before: tuple[Utterance, ...],
    news: tuple[Told, ...],
    after: tuple[Utterance, ...] = (),
) -> Turn | None:
    if not (before or news or after):
        return None
    turn = say(scene, session, (*before, *news, *after))
    return Turn(turn.session, (*turn.effects, Remember()))


def _music(session: Session, ms: int, treatment: Treatment) -> Turn:
    session = replace(session, phase=Phase.WAITING, token=session.token + 1)
    timer: tuple[Effect, ...] = (Listen(session.token, ms),) if treatment.every_ms else ()
    return Turn(session, (Music(), *timer))


def _treatment(scene: Scene, session: Session) -> Treatment:
    node = scene.node(session)
    return node.waiting if isinstance(node, QueueNode) else PLAIN
