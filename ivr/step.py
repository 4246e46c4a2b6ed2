"""The menu's interpreter: ``step(flow, session, input, surroundings) -> (session, effects)``.

Keys. While prompts with barge-in are spoken a key interrupts them and counts; otherwise it is dropped, because
what has not been asked cannot be answered. One key is carried forward: the key that interrupts an announcement
answers the question after it, if it is among that question's answers, so that a caller who knows the menu need not
hear it.

Late and repeated reports are normal: each ``Say`` and ``Listen`` has a number of its own, and only a report of
the latest one counts. After ``JoinQueue`` or ``HangUp`` nothing has any effect.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from msgspec.structs import replace

from ivr.effects import (
    Began,
    Effect,
    HangUp,
    Hush,
    Input,
    JoinQueue,
    Key,
    Listen,
    Played,
    Prompt,
    Recovered,
    Remember,
    Say,
    Surroundings,
    TimedOut,
)
from ivr.model import (
    KEYS,
    CollectNode,
    Flow,
    GotoNode,
    HangUpNode,
    HoursNode,
    MenuNode,
    Phase,
    QueueNode,
    SayNode,
    Session,
    Spoken,
)

Step: TypeAlias = tuple[Session, tuple[Effect, ...]]

# Numbers given out between the last Remember and the loss of the process are in nobody's memory but may still be
# reported. A recovered session starts far beyond them.
_RECOVERY_GAP: Final = 1_000_000


def step(flow: Flow, session: Session, given: Input, around: Surroundings) -> Step:
    """Return the session after ``given`` and what is to be done, in order.

    At most one of ``JoinQueue`` and ``HangUp`` comes in a session's life, as the last effect.
    """
    speaking, listening = session.phase is Phase.SPEAKING, session.phase is Phase.LISTENING
    match given:
        case Began() if session.phase is Phase.NEW:
            return _enter(flow, session, flow.start, around)
        case Recovered() if session.phase is not Phase.DONE:
            return _recover(flow, session, around)
        case Played(token) if speaking and token == session.token:
            return _spoken(flow, session, around)
        case TimedOut(token) if listening and token == session.token:
            return _silent(flow, session, around)
        case Key(digit) if (speaking or listening) and len(digit) == 1 and digit in KEYS:
            return _pressed(flow, session, digit, around)
    return session, ()


def _enter(flow: Flow, session: Session, name: str, around: Surroundings, key: str = "") -> Step:
    """Go to the node ``name`` and on, until there is something to wait for or the menu is done."""
    first = session.phase is Phase.NEW
    for _ in range(len(flow.nodes) + 1):
        session = replace(session, node=name, failures=0, digits="")
        node = flow.nodes[name]
        match node:
            case GotoNode():
                name = node.next
            case HoursNode():
                name = node.open if around.is_open(node.hours) else node.closed
            case QueueNode():
                language = session.language or flow.language
                needs = node.needs + flow.needs.get(language, ())
                return _done(session, JoinQueue(node.queue, language, needs, node.priority))
            case HangUpNode(prompts=()):
                return _done(session, HangUp(node.outcome, name))
            case MenuNode() | CollectNode() if node.patience.barge_in and _answers(node, key):
                return _pressed(flow, replace(session, phase=Phase.LISTENING), key, around)
            case SayNode() | MenuNode() | CollectNode() | HangUpNode():
                session, said = _say(flow, session, node.prompts)
                return session, said if first else (*said, Remember())
    return _done(session, HangUp("failed", session.node))


def _recover(flow: Flow, session: Session, around: Surroundings) -> Step:
    """Enter the node again, or the flow if it has no such node any more."""
    name = session.node if session.node in flow.nodes else flow.start
    recovered, effects = _enter(flow, replace(session, token=session.token + _RECOVERY_GAP), name, around)
    # The flow may have changed meanwhile: the tries at one question do not count at another.
    return (
        replace(recovered, failures=session.failures) if recovered.node == session.node else recovered
    ), effects


def _spoken(flow: Flow, session: Session, around: Surroundings) -> Step:
    match flow.nodes[session.node]:
        case SayNode(next=name):
            return _enter(flow, session, name, around)
        case HangUpNode(outcome=outcome):
            return _done(session, HangUp(outcome, session.node))
        case MenuNode(patience=patience) | CollectNode(patience=patience):
            return _listen(session, patience.timeout_ms)
    return session, ()


def _silent(flow: Flow, session: Session, around: Surroundings) -> Step:
    match flow.nodes[session.node]:
        case CollectNode() as node if session.digits:
            return _collected(flow, session, node, around)
        case MenuNode() | CollectNode() as node:
            patience = node.patience
            return _again(flow, session, patience.silence, patience.on_timeout, around)
    return session, ()


def _pressed(flow: Flow, session: Session, key: str, around: Surroundings) -> Step:
    speaking = session.phase is Phase.SPEAKING
    match flow.nodes[session.node]:
        case SayNode(barge_in=True, next=name):
            answer = _enter(flow, session, name, around, key)
        case MenuNode() as node if node.patience.barge_in or not speaking:
            answer = _chosen(flow, session, node, key, around)
        case CollectNode() as node if node.patience.barge_in or not speaking:
            if not _answers(node, key) and key != node.terminator:
                return session, ()
            answer = _digit(flow, session, node, key, around)
        case _:
            return session, ()
    return (answer[0], (Hush(), *answer[1])) if speaking else answer


def _chosen(flow: Flow, session: Session, node: MenuNode, key: str, around: Surroundings) -> Step:
    choice = node.choices.get(key)
    if choice:
        return _enter(
            flow, replace(session, language=choice.language or session.language), choice.next, around
        )
    if key == node.repeat:
        return _say(flow, session, node.prompts)
    return _again(flow, session, node.patience.invalid, node.patience.on_invalid, around)


def _digit(flow: Flow, session: Session, node: CollectNode, key: str, around: Surroundings) -> Step:
    if key == node.terminator:
        return _collected(flow, session, node, around)
    session = replace(session, digits=session.digits + key)
    if len(session.digits) == node.max_digits:
        return _collected(flow, session, node, around)
    return _listen(session, node.digit_ms)


def _collected(flow: Flow, session: Session, node: CollectNode, around: Surroundings) -> Step:
    if len(session.digits) < node.min_digits:
        return _again(flow, session, node.patience.invalid, node.patience.on_invalid, around)
    collected = session.collected | {node.variable: session.digits}
    return _enter(flow, replace(session, collected=collected), node.next, around)


def _again(flow: Flow, session: Session, word: Spoken, otherwise: str, around: Surroundings) -> Step:
    """Ask once more, or give the question up."""
    node = flow.nodes[session.node]
    session = replace(session, failures=session.failures + 1, digits="")
    if not isinstance(node, MenuNode | CollectNode) or session.failures >= node.patience.tries:
        return _enter(flow, session, otherwise, around)
    return _say(flow, session, (word, *node.prompts))


def _answers(node: MenuNode | CollectNode, key: str) -> bool:
    return key in node.choices if isinstance(node, MenuNode) else key.isdecimal()


def _say(flow: Flow, session: Session, prompts: tuple[Spoken, ...]) -> Step:
    language = session.language or flow.language
    said = tuple(Prompt(spoken.prompt, spoken.language or language) for spoken in prompts)
    session = replace(session, phase=Phase.SPEAKING, token=session.token + 1)
    return session, (Say(session.token, said),)


def _listen(session: Session, ms: int) -> Step:
    session = replace(session, phase=Phase.LISTENING, token=session.token + 1)
    return session, (Listen(session.token, ms),)


def _done(session: Session, last: JoinQueue | HangUp) -> Step:
    return replace(session, phase=Phase.DONE), (last,)
