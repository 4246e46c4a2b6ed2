"""How every question is asked: barge-in, the next digit, wrong keys, silence, and giving up. Pure.

While prompts with barge-in are spoken a key interrupts them and counts; otherwise it is dropped, because
what has not been asked cannot be answered. What the keys mean is the node's matter (``ivr.questions``).
"""

from __future__ import annotations

from msgspec.structs import replace

from ivr.model import Asking, Phase, Session, Spoken
from ivr.questions import Again, Ask, AskNext, answered, ask_of, begin, gave_up
from ivr.turn import Scene, Turn, interrupt, listen, say


def arrive(scene: Scene, session: Session, node: Asking, key: str) -> Turn:
    """Ask the node's first question, or take ``key`` if it answers it already."""
    session = begin(scene, session, node)
    ask = ask_of(node, session)
    if key and ask.patience.barge_in and _answers(ask, key):
        return _take(scene, replace(session, phase=Phase.LISTENING), node, key) or Turn(session)
    return say(scene, session, ask.prompts)


def spoken(session: Session, node: Asking) -> Turn:
    """The question was asked: wait for a key."""
    return listen(session, ask_of(node, session).patience.timeout_ms)


def pressed(scene: Scene, session: Session, node: Asking, key: str) -> Turn:
    """Take a key; one that cannot be part of the answer to a number means nothing."""
    if session.phase is Phase.SPEAKING and not ask_of(node, session).patience.barge_in:
        return Turn(session)
    turn = _take(scene, session, node, key)
    return Turn(session) if turn is None else interrupt(session, turn)


def silent(scene: Scene, session: Session, node: Asking) -> Turn:
    """No key came in time. Digits that were pressed are the whole answer."""
    ask = ask_of(node, session)
    if session.digits:
        return _complete(scene, session, node, ask)
    return _again(scene, session, node, ask.patience.silence, timed_out=True)


def _answers(ask: Ask, key: str) -> bool:
    return key in ask.keys if ask.digits is None else key.isdecimal()


def _take(scene: Scene, session: Session, node: Asking, key: str) -> Turn | None:
    ask, operator = ask_of(node, session), scene.flow.operator
    if _answers(ask, key):
        return _digit(scene, session, node, ask, key) if ask.digits else _reply(scene, session, node, key)
    if key == ask.repeat:
        return say(scene, session, ask.prompts)
    if ask.digits and key == ask.terminator:
        return _complete(scene, session, node, ask)
    if operator and key == operator.key and not session.settled:
        return Turn(session, to=operator.next)
    return None if ask.digits else _again(scene, session, node, ask.patience.invalid, timed_out=False)


def _digit(scene: Scene, session: Session, node: Asking, ask: Ask, key: str) -> Turn:
    assert ask.digits is not None
    session = replace(session, digits=session.digits + key)
    if len(session.digits) >= ask.digits[1]:
        return _complete(scene, session, node, ask)
    return listen(session, ask.digit_ms)


def _complete(scene: Scene, session: Session, node: Asking, ask: Ask) -> Turn:
    assert ask.digits is not None
    if len(session.digits) < ask.digits[0]:
        return _again(scene, session, node, ask.patience.invalid, timed_out=False)
    return _reply(scene, session, node, session.digits)


def _reply(scene: Scene, session: Session, node: Asking, answer: str) -> Turn:
    match answered(scene, session, node, answer):
        case Again(word):
            return _again(scene, session, node, word, timed_out=False)
        case AskNext(following, effects):
            following = replace(following, digits="")
            return say(scene, following, ask_of(node, following).prompts).after(*effects)
        case turn:
            return turn


def _again(scene: Scene, session: Session, node: Asking, word: Spoken, *, timed_out: bool) -> Turn:
    """Ask once more, or give the question up."""
    session = replace(session, failures=session.failures + 1, digits="")
    if session.failures >= node.patience.tries:
        return gave_up(session, node, timed_out=timed_out)
    return say(scene, session, (word, *ask_of(node, session).prompts))
