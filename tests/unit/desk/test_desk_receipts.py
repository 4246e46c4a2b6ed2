"""Receipts in words, by situation, in both languages."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from acd.effects import Receipt, Rule
from acd.explain import Candidate, Explanation
from acd.model import Channel
from core.ids import AgentId, InteractionId, OfferId, QueueId
from desk.receipts import Ending, Words, duration, moved, offered, waiting

AT = 1_764_042_112_000  # 2025-11-25 10:41:52 WIB
NAMES = {"ag1": "Rina", "ag2": "Maya"}
WORDS = Words(lambda agent: NAMES.get(agent, agent), ZoneInfo("Asia/Jakarta"))
RECEIPT = Receipt(
    id=InteractionId("a" * 32),
    offer=OfferId(7),
    rule=Rule.CONTACT_SEARCHED,
    queue=QueueId("kbli"),
    winner=AgentId("ag1"),
    winner_load=50,
    winner_since=AT - 242_000,
    runner_up=AgentId("ag2"),
    score=AT - 3_000,
    rank=1,
    step=0,
    in_queue=30,
    skilled=20,
    reachable=15,
    ready_with_room=4,
    not_excluded=3,
)


def said(ending: Ending | None = None, **changes: Any) -> tuple[str, str]:
    decision = offered(msgspec.structs.replace(RECEIPT, **changes), AT, 99, ending, WORDS)
    return decision.answer["id"], decision.answer["en"]


def test_why_this_agent_and_not_the_next() -> None:
    id_, en = said()
    assert id_ == (
        "Ditawarkan ke Rina pada 10.41.52: beban paling kecil (50) dan paling lama menganggur (sejak 10.37.50); "
        "berikutnya Maya. Dari 30 agen antrean ini, 20 punya keahlian, 15 terjangkau, 4 siap dan punya tempat, "
        "3 boleh dipilih."
    )
    assert en == (
        "Offered to Rina at 10:41:52: least loaded (50) and idle longest (since 10:37:50); Maya was next. "
        "Of 30 agents of the queue, 20 had the skills, 15 were reachable, 4 ready with room, 3 left to choose from."
    )


@pytest.mark.parametrize(
    ("changes", "id_", "en"),
    [
        (
            {"runner_up": None, "not_excluded": 1},
            "satu-satunya agen yang bisa",
            "the only agent who could take it",
        ),
        ({"rule": Rule.AGENT_PULLED}, "punya tempat lagi (beban 50)", "had room again (load 50)"),
        ({"rule": Rule.PREFERRED}, "Ditahan untuk Rina", "Held for Rina"),
        ({"step": 2}, "sudah diturunkan 2 kali", "had been lowered 2 times"),
    ],
)
def test_each_rule_has_its_sentence(changes: dict[str, Any], id_: str, en: str) -> None:
    both = said(**changes)
    assert id_ in both[0]
    assert en in both[1]


@pytest.mark.parametrize(
    ("kind", "id_", "en"),
    [
        (
            "expired",
            "Rina tidak menjawab dalam 20 dtk; urutan kontak tetap, Rina dikecualikan 1 mnt.",
            "Rina did not answer within 20 s; the contact kept its place, Rina is excluded for 1 min.",
        ),
        ("rejected", "Rina melewatkannya setelah 20 dtk", "Rina declined after 20 s"),
        ("unreachable", "Rina tidak dianggap melewatkan", "it does not count as missed"),
        ("accepted", "Diterima setelah 20 dtk.", "Accepted after 20 s."),
        ("rescinded", "Rina tidak lagi siap", "Rina was no longer ready"),
    ],
)
def test_what_became_of_it(kind: str, id_: str, en: str) -> None:
    both = said(Ending(kind, AT, 20_000, 60_000))
    assert id_ in both[0]
    assert en in both[1]


def test_nobody_is_counted_by_why() -> None:
    verdicts = ["no room beside a load of 100"] * 18 + ["not ready: break"] * 4 + ["lacks kbli 3"] * 5
    verdicts += ["not in the queue"] * 50
    candidates = tuple(Candidate(AgentId("ag1"), verdict, 1, 0, 0, None) for verdict in verdicts)
    found = Explanation(
        InteractionId("a" * 32), AT, QueueId("kbli"), Channel.VOICE, 190_000, 0, 3, 0, (), None, candidates
    )
    decision = waiting(found, WORDS)
    assert decision.answer == {
        "id": "Sudah menunggu 3 mnt 10 dtk, urutan 3. Belum ada agen: 18 penuh, 4 jeda, 5 tanpa keahlian.",
        "en": "Has waited 3 min 10 s, place 3. No agent yet: 18 full, 4 not ready, 5 without the skill.",
    }
    assert len(decision.candidates) == 20
    assert decision.candidates_in_all == 27
    assert decision.question["id"] == "Mengapa masih menunggu?"


@pytest.mark.parametrize(
    ("verdict", "id_", "en"),
    [
        ("the queue is paused", "Antrean ini dijeda", "The queue is paused"),
        (
            "drains for 7, overdue and in need of more room",
            "2 menahan tempat untuk kontak lain",
            "2 keeping room",
        ),
        ("for another agent alone", "2 bukan agen yang dituju", "2 not the agent it is for"),
        ("no room beside a load of 100", "2 penuh", "2 full"),
    ],
)
def test_why_nobody_has_it_is_not_always_that_all_are_full(verdict: str, id_: str, en: str) -> None:
    candidates = tuple(Candidate(AgentId(name), verdict, 1, 0, 0, None) for name in NAMES)
    found = Explanation(
        InteractionId("a" * 32), AT, QueueId("kbli"), Channel.VOICE, 190_000, 0, 3, 0, (), None, candidates
    )
    answer = waiting(found, WORDS).answer
    assert id_ in answer["id"]
    assert en in answer["en"]


def test_a_person_who_moved_it_is_named() -> None:
    assert moved(AT, "Dimas", "WhatsApp", "LKPM").answer["id"] == (
        "Dipindahkan oleh Dimas dari WhatsApp ke LKPM; waktu datang asli tetap."
    )


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (0, "0 dtk"),
        (400, "0 dtk"),
        (59_600, "1 mnt"),
        (190_000, "3 mnt 10 dtk"),
        (3_660_000, "1 j 1 mnt"),
        (-5, "0 dtk"),
    ],
)
def test_lengths_of_time(ms: int, words: str) -> None:
    assert duration(ms)[0] == words
