"""What may be done with a message that a caller left, by its state and by whoever has it. Pure."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Final

from core.ids import AgentId, QueueId
from desk.errors import Answered, over
from desk.policy import Right, Who, may
from recording.voicemail import OPEN, State, Voicemail


class Act(StrEnum):
    """Something that is done with a message."""

    HEAR = "hear"
    TAKE = "take"
    CALL_BACK = "call-back"
    PUT_BACK = "put-back"
    FINISH = "done"
    DELETE = "delete"


_WORK: Final = (Act.TAKE, Act.CALL_BACK, Act.PUT_BACK, Act.FINISH)


def queues_of(who: Who, own: Collection[QueueId]) -> frozenset[QueueId] | None:
    """Return the queues of whose messages somebody may know; None: of all. ``own``: those the agent works in."""
    return None if may(who, Right.LISTEN) else frozenset(own)


def refused(message: Voicemail, act: Act, who: Who) -> Answered | None:
    """Return why somebody who may know of a message may not do this with it now, or None."""
    state = message.state
    if state is State.DELETED or (state is State.DONE and act in _WORK):
        return over("message")
    if state not in OPEN and state is not State.DONE:
        return Answered(409, "conflict", "this message is not complete yet")
    if act is Act.HEAR:
        return None if message.file else over("sound")
    mine = who.agent is not None and message.agent == who.agent
    if state is State.TAKEN and not mine:
        leads = act in (Act.PUT_BACK, Act.FINISH, Act.DELETE) and may(who, Right.LEAD)
        return None if leads else taken(message.agent)
    if act is Act.PUT_BACK and state is not State.TAKEN:
        return Answered(409, "conflict", "nobody has this message")
    if act is Act.FINISH and state is not State.TAKEN and not may(who, Right.LEAD):
        return Answered(409, "conflict", "take this message before you finish it")
    if act is Act.CALL_BACK and not message.caller:
        return Answered(409, "no_number", "the caller's number was withheld: there is nobody to call")
    return None


def taken(agent: AgentId) -> Answered:
    """A colleague was faster."""
    return Answered(409, "taken", f"taken by {agent}")
