"""What comes of one input at one node, and the few moves that every node makes. Pure.

A node's handler returns a ``Turn``: the session after it, what is to be done, and the node to go on to, if the
caller does not stay. ``ivr.step`` walks on from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from msgspec.structs import replace

from ivr import spoken, telling
from ivr.effects import Effect, HangUp, Hush, Listen, Prompt, Say, Surroundings
from ivr.model import (
    Flow,
    Needs,
    Node,
    Phase,
    QueueNode,
    Relaxed,
    Session,
    Spoken,
    Telling,
    Told,
    Utterance,
)

HELD: Final = ""
"""Stands for the number that waits to be confirmed, where a variable's name does otherwise."""


class Scene(NamedTuple):
    """What every decision looks at."""

    flow: Flow
    around: Surroundings

    def node(self, session: Session) -> Node | None:
        """Return where the caller is; None before the beginning, or if the flow has no such node any more."""
        return self.flow.nodes.get(session.node)

    def language(self, session: Session) -> str:
        """Return the language in which the caller is spoken to."""
        return session.language or self.flow.language

    def needs(self, session: Session) -> Needs:
        """Return what an agent must know for the caller's language."""
        return self.flow.needs.get(self.language(session), ())

    def relaxed(self, node: QueueNode, session: Session) -> Relaxed:
        """Return what is asked of an agent later on."""
        return tuple((after, needs + self.needs(session)) for after, needs in node.relax)


@dataclass(frozen=True, slots=True)
class Turn:
    """A session, what is to be done for it, and where it goes on: ``to`` a node, or nowhere if that is empty."""

    session: Session
    effects: tuple[Effect, ...] = ()
    to: str = ""
    key: str = ""
    """A key pressed already, which answers the question at that node if it is among its answers."""

    def after(self, *effects: Effect) -> Turn:
        """Return the turn with ``effects`` done first."""
        return Turn(self.session, (*effects, *self.effects), self.to, self.key)


def say(scene: Scene, session: Session, utterances: tuple[Utterance, ...]) -> Turn:
    """Speak. What is told of a queue's line is remembered, and announced first."""
    said = tuple(prompt for utterance in utterances for prompt in voiced(scene, session, utterance))
    session, announced = telling.note(scene.around, session, utterances)
    session = replace(session, phase=Phase.SPEAKING, token=session.token + 1)
    return Turn(session, (*announced, Say(session.token, said)))


def listen(session: Session, ms: int, phase: Phase = Phase.LISTENING) -> Turn:
    """Wait for ``ms``."""
    session = replace(session, phase=phase, token=session.token + 1)
    return Turn(session, (Listen(session.token, ms),))


def hang_up(session: Session, outcome: str) -> Turn:
    """End the call, with the outcome that was decided before if one was."""
    done = replace(session, phase=Phase.DONE)
    return Turn(done, (HangUp(session.settled or outcome, session.node),))


def interrupt(session: Session, turn: Turn) -> Turn:
    """Return ``turn``, ending what is being said before."""
    return turn.after(Hush()) if session.phase is Phase.SPEAKING else turn


def voiced(scene: Scene, session: Session, utterance: Utterance) -> tuple[Prompt, ...]:
    """Return the prompts by which ``utterance`` is spoken now; none if there is nothing to tell."""
    language = utterance.language or scene.language(session)
    if isinstance(utterance, Spoken):
        return (Prompt(utterance.prompt, language),)
    return tuple(Prompt(piece, language) for piece in _told(scene, session, utterance, language))


def _told(scene: Scene, session: Session, told: Told, language: str) -> tuple[str, ...]:
    around = scene.around
    match told.telling:
        case Telling.DIGITS:
            return spoken.digits(session.held if told.of == HELD else session.collected.get(told.of, ""))
        case Telling.NUMBER:
            value = session.collected.get(told.of, "")
            return spoken.number(int(value), language) if value.isascii() and value.isdigit() else ()
        case Telling.OPENING:
            at = around.next_opening(told.of)
            return spoken.opening(at, around.now, language) if at else ()
        case Telling.CLOSURE:
            return (prompt,) if (prompt := around.closure(told.of)) else ()
        case Telling.POSITION:
            place = telling.worth(around, session, told)
            return spoken.position(place, language) if place else ()
        case Telling.WAIT:
            minutes = telling.worth(around, session, told)
            return spoken.wait(minutes, language) if minutes else ()
