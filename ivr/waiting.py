"""In line: music, announcements, keys, and the ways out. Pure.

A wait that is told never rises, and neither does a position: what got worse is not told anew. While there is nothing
new to tell, comfort messages are said in turn.
"""

from __future__ import annotations

from typing import NamedTuple

from msgspec.structs import replace

from core.ids import QueueId
from ivr import spoken
from ivr.effects import Announced, Effect, JoinQueue, LeaveQueue, Listen, Music, Remember
from ivr.model import OVERFLOW, Phase, QueueNode, Session, Spoken, StatusNode, Treatment, Utterance
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
        session = replace(session, queued=session.node, comforts=0, position_said=0, wait_said=0)
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
    if not news.pieces and treatment.comfort:
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
    way = _treatment(scene, session).ways.get(why, OVERFLOW)
    turn = Turn(session, to=way) if way in scene.flow.nodes else hang_up(session, "overflowed")
    return interrupt(session, turn)


def status(scene: Scene, session: Session, node: StatusNode) -> Turn:
    """Say how things stand at a queue that the caller has not joined."""
    outlook = scene.around.outlook(node.queue)
    if not outlook.joins:
        return Turn(session, to=node.closed)
    if node.long_ms and outlook.wait_ms is not None and outlook.wait_ms >= node.long_ms:
        return Turn(session, to=node.long)
    news = _told(scene, replace(session, position_said=0, wait_said=0), node.queue, node.position, node.wait)
    if not news.pieces:
        return Turn(session, to=node.next)
    return say(scene, session, news.pieces).after(news.announced)


class _News(NamedTuple):
    """What is new of a position and a wait."""

    pieces: tuple[Utterance, ...]
    announced: Announced
    position: int
    minutes: int


def _news(scene: Scene, session: Session, treatment: Treatment) -> _News:
    node = scene.node(session)
    queue = node.queue if isinstance(node, QueueNode) else QueueId("")
    return _told(scene, session, queue, treatment.position, treatment.wait)


def _told(scene: Scene, session: Session, queue: QueueId, position: bool, wait: bool) -> _News:
    if not position and not wait:
        return _News((), Announced(queue, 0, None), 0, 0)
    outlook, language = scene.around.outlook(queue), scene.language(session)
    place = outlook.position if position else 0
    if session.position_said and place >= session.position_said:
        place = 0
    told = spoken.minutes(outlook.wait_ms) if wait and outlook.wait_ms is not None else 0
    if session.wait_said and told >= session.wait_said:
        told = 0
    pieces = (
        *(spoken.position(place, language) if place else ()),
        *(spoken.wait(told, language) if told else ()),
    )
    announced = Announced(queue, place, outlook.wait_ms if told else None)
    return _News(tuple(Spoken(piece) for piece in pieces), announced, place, told)


def _announce(
    scene: Scene,
    session: Session,
    before: tuple[Utterance, ...],
    news: _News,
    after: tuple[Utterance, ...] = (),
) -> Turn | None:
    if not (before or news.pieces or after):
        return None
    session = replace(
        session,
        position_said=news.position or session.position_said,
        wait_said=news.minutes or session.wait_said,
    )
    turn = say(scene, session, (*before, *news.pieces, *after))
    told: tuple[Effect, ...] = (news.announced,) if news.pieces else ()
    return Turn(turn.session, (*told, *turn.effects, Remember()))


def _music(session: Session, ms: int, treatment: Treatment) -> Turn:
    session = replace(session, phase=Phase.WAITING, token=session.token + 1)
    timer: tuple[Effect, ...] = (Listen(session.token, ms),) if treatment.every_ms else ()
    return Turn(session, (Music(), *timer))


def _treatment(scene: Scene, session: Session) -> Treatment:
    node = scene.node(session)
    return node.waiting if isinstance(node, QueueNode) else PLAIN
