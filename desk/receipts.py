"""Why a contact went where it went, in plain words: Indonesian and English. Only facts from the journal. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from acd.effects import Receipt, Rule
from acd.explain import ELIGIBLE, Explanation
from core.ids import AgentId
from desk.bodies import Decision, Verdict
from desk.model import Label

_SHOWN: Final = 20

Said = tuple[str, str]
"""Indonesian, English."""


class Words(NamedTuple):
    """How people and times are said."""

    name: Callable[[AgentId], str]
    zone: ZoneInfo

    def clock(self, at: int) -> Said:
        """Return a time of day: ``10.41.52`` and ``10:41:52``."""
        moment = datetime.fromtimestamp(at / 1000, self.zone)
        return f"{moment:%H.%M.%S}", f"{moment:%H:%M:%S}"


class Ending(NamedTuple):
    """How an offer ended."""

    kind: str
    """``expired``, ``rejected``, ``failed``, ``accepted``, ``cancelled`` or another cause of the line."""
    at: int
    lasted_ms: int
    excluded_ms: int
    """So long this agent is kept out."""


def duration(ms: int) -> Said:
    """Return a length of time in words: ``3 mnt 10 dtk`` and ``3 min 10 s``."""
    seconds = max(round(ms / 1000), 0)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    id_: list[str] = []
    en: list[str] = []
    for value, one, other in ((hours, "j", "h"), (minutes, "mnt", "min"), (seconds, "dtk", "s")):
        if value or (other == "s" and not id_):
            id_.append(f"{value} {one}")
            en.append(f"{value} {other}")
    return " ".join(id_), " ".join(en)


def offered(receipt: Receipt, at: int, seq: int, ending: Ending | None, words: Words) -> Decision:
    """Return why an agent was offered a contact, and what became of it: at most three sentences."""
    name = words.name(receipt.winner)
    said = [_chosen(receipt, at, name, words), _who_could(receipt)]
    if ending is not None and (end := _ended(ending, name)) is not None:
        said.append(end)
    elif receipt.step:
        said.append(
            (
                f"Syarat keahlian sudah diturunkan {receipt.step} kali karena lama menunggu.",
                f"The skills asked for had been lowered {receipt.step} times after a long wait.",
            )
        )
    question = f"Mengapa {name}?", f"Why {name}?"
    return Decision(receipt.offer, seq, at, _label(question), _joined(said), ())


def waiting(found: Explanation, words: Words) -> Decision:
    """Return why a contact still waits."""
    kinds = Counter(_kind(c.verdict) for c in found.candidates)
    relevant = [c for c in found.candidates if c.verdict != "not in the queue"]
    waited = duration(found.waited_ms)
    said = [
        (
            f"Sudah menunggu {waited[0]}, urutan {found.position}.",
            f"Has waited {waited[1]}, place {found.position}.",
        )
    ]
    if found.kept_for is not None:
        name = words.name(found.kept_for)
        said.append(
            (f"Ditahan untuk {name}, agen yang dikehendaki.", f"Kept for {name}, the preferred agent.")
        )
    elif kinds["paused"]:
        said.append(
            (
                "Antrean ini dijeda: kontak tetap menunggu di urutannya dan tidak ditawarkan.",
                "The queue is paused: contacts keep their places and none is offered.",
            )
        )
    elif kinds["eligible"]:
        said.append(("Segera ditawarkan: ada agen yang bisa.", "About to be offered: an agent can take it."))
    else:
        said.append(_nobody(kinds))
    verdicts = tuple(
        Verdict(c.agent, words.name(c.agent), c.verdict, c.load, c.since) for c in relevant[:_SHOWN]
    )
    question = "Mengapa masih menunggu?", "Why is it still waiting?"
    return Decision(None, None, found.at, _label(question), _joined(said), verdicts, len(relevant))


def moved(at: int, by: str, origin: str, to: str) -> Decision:
    """Return that a person moved a waiting contact."""
    said = (
        f"Dipindahkan oleh {by} dari {origin} ke {to}; waktu datang asli tetap.",
        f"Moved by {by} from {origin} to {to}; original arrival kept.",
    )
    return Decision(
        None, None, at, _label(("Mengapa pindah antrean?", "Why another queue?")), _label(said), ()
    )


def _chosen(receipt: Receipt, at: int, name: str, words: Words) -> Said:
    id_time, en_time = words.clock(at)
    if receipt.rule is Rule.PREFERRED:
        return (
            f"Ditahan untuk {name}, agen yang dikehendaki, lalu ditawarkan pada {id_time}.",
            f"Held for {name}, the preferred agent, then offered at {en_time}.",
        )
    if receipt.rule is Rule.AGENT_PULLED:
        return (
            f"Ditawarkan ke {name} pada {id_time} karena {name} punya tempat lagi (beban {receipt.winner_load}) "
            "dan kontak ini yang terdepan baginya.",
            f"Offered to {name} at {en_time} because {name} had room again (load {receipt.winner_load}) "
            "and this contact was first in line for that agent.",
        )
    if receipt.not_excluded <= 1 or receipt.runner_up is None:
        return (
            f"Ditawarkan ke {name} pada {id_time}: satu-satunya agen yang bisa.",
            f"Offered to {name} at {en_time}: the only agent who could take it.",
        )
    other = words.name(AgentId(receipt.runner_up))
    id_since, en_since = words.clock(receipt.winner_since)
    return (
        f"Ditawarkan ke {name} pada {id_time}: beban paling kecil ({receipt.winner_load}) dan paling lama "
        f"menganggur (sejak {id_since}); berikutnya {other}.",
        f"Offered to {name} at {en_time}: least loaded ({receipt.winner_load}) and idle longest "
        f"(since {en_since}); {other} was next.",
    )


def _who_could(receipt: Receipt) -> Said:
    r = receipt
    return (
        f"Dari {r.in_queue} agen antrean ini, {r.skilled} punya keahlian, {r.reachable} terjangkau, "
        f"{r.ready_with_room} siap dan punya tempat, {r.not_excluded} boleh dipilih.",
        f"Of {r.in_queue} agents of the queue, {r.skilled} had the skills, {r.reachable} were reachable, "
        f"{r.ready_with_room} ready with room, {r.not_excluded} left to choose from.",
    )


def _ended(ending: Ending, name: str) -> Said | None:
    lasted, out = duration(ending.lasted_ms), duration(ending.excluded_ms)
    match ending.kind:
        case "expired":
            return (
                f"{name} tidak menjawab dalam {lasted[0]}; urutan kontak tetap, {name} dikecualikan {out[0]}.",
                f"{name} did not answer within {lasted[1]}; the contact kept its place, "
                f"{name} is excluded for {out[1]}.",
            )
        case "rejected":
            return (
                f"{name} melewatkannya setelah {lasted[0]}; urutan kontak tetap.",
                f"{name} declined after {lasted[1]}; the contact kept its place.",
            )
        case "failed" | "unreachable" | "busy" | "error":
            return (
                f"Tawaran dibatalkan karena perangkat {name} tidak terjangkau; {name} tidak dianggap melewatkan.",
                f"The offer was withdrawn because the device of {name} could not be reached; "
                "it does not count as missed.",
            )
        case "rescinded":
            return (
                f"Tawaran ditarik karena {name} tidak lagi siap.",
                f"The offer was withdrawn because {name} was no longer ready.",
            )
        case "accepted":
            return f"Diterima setelah {lasted[0]}.", f"Accepted after {lasted[1]}."
    return None


def _kind(verdict: str) -> str:
    if verdict == ELIGIBLE:
        return "eligible"
    for start, kind in (
        ("not in", "elsewhere"),
        ("lacks", "unskilled"),
        ("device", "unreachable"),
        ("excluded", "excluded"),
        ("signed out", "signed_out"),
        ("not ready", "not_ready"),
        ("no room", "full"),
        ("drains", "drains"),
        ("the queue is paused", "paused"),
        ("for another", "reserved"),
        ("kept for", "reserved"),
    ):
        if verdict.startswith(start):
            return kind
    return "other"


def _nobody(kinds: Counter[str]) -> Said:
    words = (
        ("full", "penuh", "full"),
        ("not_ready", "jeda", "not ready"),
        ("unskilled", "tanpa keahlian", "without the skill"),
        ("unreachable", "tidak terjangkau", "unreachable"),
        ("excluded", "dikecualikan sementara", "excluded for a while"),
        ("signed_out", "belum masuk", "signed out"),
        ("drains", "menahan tempat untuk kontak lain", "keeping room for another contact"),
        ("reserved", "bukan agen yang dituju", "not the agent it is for"),
        ("other", "karena sebab lain", "for another reason"),
    )
    id_ = ", ".join(f"{kinds[kind]} {one}" for kind, one, _ in words if kinds[kind])
    en = ", ".join(f"{kinds[kind]} {other}" for kind, _, other in words if kinds[kind])
    return f"Belum ada agen: {id_ or 'tidak ada'}.", f"No agent yet: {en or 'there is none'}."


def _joined(said: Sequence[Said]) -> Label:
    return {"id": " ".join(one for one, _ in said), "en": " ".join(other for _, other in said)}


def _label(said: Said) -> Label:
    return {"id": said[0], "en": said[1]}
