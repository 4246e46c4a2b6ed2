"""What may be done with a message by its state and by whoever has it, decided without any server."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from core.ids import AgentId, InteractionId, QueueId
from desk.model import Voicemails
from desk.policy import Who
from desk.voicemail_policy import Act, queues_of, refused
from desk.voicemail_watch import figures
from recording.voicemail import Count, State, Voicemail
from workforce.accounts import Role

ME, OTHER = AgentId("ag101"), AgentId("ag102")
LICENSING, LKPM = QueueId("licensing"), QueueId("lkpm")
AGENT = Who("agen", Role.AGENT, ME)
LEADER = Who("penyelia", Role.SUPERVISOR)
REVIEWER = Who("mutu", Role.QA)
MESSAGE = Voicemail(InteractionId("1" * 32), State.NEW, LICENSING, "id", 1, caller="0812", file="a.wav")
MINE = replace(MESSAGE, state=State.TAKEN, agent=ME)
THEIRS = replace(MESSAGE, state=State.TAKEN, agent=OTHER)
LOST = replace(MESSAGE, state=State.MISSING, file="")
DONE = replace(MESSAGE, state=State.DONE, agent=OTHER)
DELETED = replace(MESSAGE, state=State.DELETED)
UNFINISHED = replace(MESSAGE, state=State.LEFT, file="")
ALLOWED = {
    "new": (MESSAGE, AGENT, "hear take call-back delete"),
    "new, to a leader": (MESSAGE, LEADER, "hear take call-back done delete"),
    "mine": (MINE, AGENT, "hear take call-back put-back done delete"),
    "another's": (THEIRS, AGENT, "hear"),
    "another's, to a leader": (THEIRS, LEADER, "hear put-back done delete"),
    "lost": (LOST, AGENT, "take call-back delete"),
    "done": (DONE, AGENT, "hear delete"),
    "deleted": (DELETED, LEADER, ""),
    "unfinished": (UNFINISHED, LEADER, ""),
}


@pytest.mark.parametrize(("case", "act"), list(itertools.product(ALLOWED, Act)))
def test_what_may_be_done_follows_from_the_state_and_the_holder(case: str, act: Act) -> None:
    message, who, allowed = ALLOWED[case]
    assert (refused(message, act, who) is None) is (act in allowed.split())


@pytest.mark.parametrize(
    ("message", "act", "status", "code"),
    [
        (THEIRS, Act.TAKE, 409, "taken"),
        (THEIRS, Act.CALL_BACK, 409, "taken"),
        (THEIRS, Act.PUT_BACK, 409, "taken"),
        (MESSAGE, Act.PUT_BACK, 409, "conflict"),
        (MESSAGE, Act.FINISH, 409, "conflict"),
        (replace(MINE, caller=""), Act.CALL_BACK, 409, "no_number"),
        (LOST, Act.HEAR, 410, "over"),
        (DONE, Act.TAKE, 410, "over"),
        (DELETED, Act.HEAR, 410, "over"),
        (UNFINISHED, Act.HEAR, 409, "conflict"),
    ],
)
def test_a_refusal_says_why(message: Voicemail, act: Act, status: int, code: str) -> None:
    refusal = refused(message, act, AGENT)
    assert refusal is not None
    assert (refusal.status, refusal.problem.code) == (status, code)


def test_an_agent_knows_of_the_own_queues_only_and_who_leads_or_reviews_of_all() -> None:
    assert queues_of(AGENT, (LICENSING,)) == frozenset({LICENSING})
    assert queues_of(LEADER, ()) is None
    assert queues_of(REVIEWER, ()) is None


def test_figures_count_what_is_free_and_what_is_taken_and_say_what_is_due_first() -> None:
    counts = [
        Count(LICENSING, State.NEW, 2, 500, 900),
        Count(LICENSING, State.MISSING, 1, 400, None),
        Count(LICENSING, State.TAKEN, 1, 300, 950),
        Count(LKPM, State.TAKEN, 1, 700, None),
    ]
    assert figures(counts, lambda at: at + 10) == {
        LICENSING: Voicemails(new=3, taken=1, oldest_at=400, due_at=310, changed_at=950),
        LKPM: Voicemails(new=0, taken=1, oldest_at=None, due_at=710, changed_at=None),
    }
