"""What each node asks, what an answer to it means, and where giving up leads. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from msgspec.structs import replace

from ivr.effects import Answer, Effect, Listen, Promise
from ivr.model import (
    Asking,
    CallbackNode,
    CollectNode,
    Confirm,
    MenuNode,
    Patience,
    Phase,
    QueueNode,
    Session,
    Spoken,
    SurveyNode,
    Telling,
    Told,
    Utterance,
)
from ivr.turn import HELD, Scene, Turn

CONFIRM: Final = "confirm"
"""The part in which a number is read back."""
NUMBER: Final = "number"
"""The part in which another number than the caller's own is asked for."""

YES, OTHER, BACK = "1", "2", "*"
"""The keys of a callback: at this number, at another one, rather not."""

FEWEST_DIGITS, MOST_DIGITS = 6, 16
"""Of a telephone number: a local one, and E.164 behind the two noughts of abroad, near enough."""

_NUMBER_DIGIT_MS: Final = 5_000
_ANSWER_MS: Final = 10_000
"""So long at most to write a promise down."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A question: one of ``keys``, or a number of ``digits`` (fewest, most)."""

    prompts: tuple[Utterance, ...]
    patience: Patience
    keys: Collection[str] = ()
    digits: tuple[int, int] | None = None
    terminator: str = ""
    digit_ms: int = 0
    repeat: str = ""


class Again(NamedTuple):
    """The answer is wrong: say ``word`` and ask again."""

    word: Spoken


class AskNext(NamedTuple):
    """Ask what the session has come to, after ``effects``."""

    session: Session
    effects: tuple[Effect, ...] = ()


Reply: TypeAlias = Turn | Again | AskNext


def begin(scene: Scene, session: Session, node: Asking) -> Session:
    """Return the session at the node's first question."""
    if not isinstance(node, CallbackNode):
        return session
    caller = scene.around.caller
    if caller and scene.around.flaw(caller) is None:
        return replace(session, part=CONFIRM, held=caller)
    return replace(session, part=NUMBER)


def ask_of(node: Asking, session: Session) -> Ask:
    """Return the question at which the session is."""
    match node:
        case MenuNode(prompts=prompts, choices=choices, patience=patience, repeat=repeat):
            return Ask(prompts, patience, choices, repeat=repeat)
        case CollectNode(confirm=Confirm() as confirm) if session.part == CONFIRM:
            prompts = (confirm.before, Told(Telling.DIGITS, HELD), confirm.after)
            return Ask(prompts, node.patience, (confirm.yes, confirm.no))
        case CollectNode():
            digits = (node.min_digits, node.max_digits)
            return Ask(node.prompts, node.patience, (), digits, node.terminator, node.digit_ms)
        case CallbackNode() if session.part == NUMBER:
            digits = (FEWEST_DIGITS, MOST_DIGITS)
            return Ask((Spoken("callback.ask"),), node.patience, (), digits, "#", _NUMBER_DIGIT_MS)
        case CallbackNode():
            prompts = (Spoken("callback.number"), Told(Telling.DIGITS, HELD), Spoken("callback.confirm"))
            return Ask(prompts, node.patience, (YES, OTHER, BACK))
        case SurveyNode():
            question = node.questions[session.index]
            before = () if session.index or session.failures else node.prompts
            digits = (1, len(str(question.high)))
            return Ask((*before, *question.prompts), node.patience, (), digits, "#", node.digit_ms)


def answered(scene: Scene, session: Session, node: Asking, answer: str) -> Reply:
    """Return what an answer that has the right form comes to."""
    match node:
        case MenuNode(choices=choices):
            choice = choices[answer]
            return Turn(replace(session, language=choice.language or session.language), to=choice.next)
        case CollectNode():
            return _collected(session, node, answer)
        case CallbackNode() if session.part == NUMBER:
            flaw = scene.around.flaw(answer)
            if flaw is not None:
                return Again(Spoken(f"callback.{flaw}"))
            return AskNext(replace(session, part=CONFIRM, held=answer, failures=0))
        case CallbackNode():
            return _called_back(scene, session, node, answer)
        case SurveyNode():
            return _rated(session, node, answer)


def gave_up(session: Session, node: Asking, *, timed_out: bool) -> Turn:
    """Return where a caller goes who gives no answer, or none that fits, once too often."""
    patience = node.patience
    return Turn(session, to=patience.on_timeout if timed_out else patience.on_invalid)


def _collected(session: Session, node: CollectNode, answer: str) -> Reply:
    if node.confirm is None:
        return _remembered(session, node, answer)
    if session.part != CONFIRM:
        return AskNext(replace(session, part=CONFIRM, held=answer, failures=0))
    if answer == node.confirm.yes:
        return _remembered(session, node, session.held)
    return AskNext(replace(session, part="", held=""))


def _remembered(session: Session, node: CollectNode, value: str) -> Turn:
    return Turn(replace(session, collected=session.collected | {node.variable: value}), to=node.next)


def _called_back(scene: Scene, session: Session, node: CallbackNode, key: str) -> Reply:
    if key == OTHER:
        return AskNext(replace(session, part=NUMBER, held="", failures=0))
    if key == BACK:
        return Turn(session, to=node.back)
    stood = scene.flow.nodes.get(session.queued)
    line = stood if isinstance(stood, QueueNode) else None
    queue = node.queue or (line.queue if line else None)
    if queue is None:
        return Turn(session, to=node.back)
    # In another line than the one left, what was asked there means nothing.
    kept = line if line and line.queue == queue else QueueNode(queue)
    promise = Promise(
        session.token + 1,
        session.held,
        queue,
        scene.language(session),
        kept.needs + scene.needs(session),
        kept.priority,
        scene.relaxed(kept, session),
    )
    # The guard bears the next number: each is given out once.
    session = replace(session, phase=Phase.PROMISING, token=promise.token + 1)
    return Turn(session, (promise, Listen(session.token, _ANSWER_MS)))


def _rated(session: Session, node: SurveyNode, answer: str) -> Reply:
    question, score = node.questions[session.index], int(answer)
    if not question.low <= score <= question.high:
        return Again(node.patience.invalid)
    told = Answer(question.name, score)
    if session.index + 1 == len(node.questions):
        return Turn(session, (told,), to=node.next)
    return AskNext(replace(session, index=session.index + 1, failures=0), (told,))
