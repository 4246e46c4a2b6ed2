"""Video calls as the centre describes them: topics, consent, what to prepare, appointments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.document import IDENTIFIER, Node
from core.ids import QueueId
from sambung.centre_words import Label
from video.appointment import GRACE_MS, LONGEST_MS, SHORTEST_MS, AppointmentRules


@dataclass(frozen=True, slots=True)
class Topic:
    """What a visitor may come for."""

    id: str
    name: Label
    queue: QueueId


@dataclass(frozen=True, slots=True)
class Consent:
    """What a visitor agrees to before being recorded."""

    version: str
    text: Label
    without: bool
    """Whether who does not agree is served, unrecorded."""


@dataclass(frozen=True, slots=True)
class VideoDesk:
    """Everything about video calls."""

    hours: str
    topics: Mapping[str, Topic]
    consent: Consent
    prepare: tuple[Label, ...]
    appointments: AppointmentRules


def read_video(
    document: Node, languages: Sequence[str], queues: Sequence[str], hours: Sequence[str]
) -> VideoDesk:
    """Read ``video.yaml``. What is wrong is noted in the document's problems."""
    it = document.fields("hours", "topics", "consent", "prepare", "appointments")
    topics = {}
    for id_, entry in it["topics"].entries(names=IDENTIFIER).items():
        topic = entry.fields("name", "queue")
        queue = QueueId(topic["queue"].choice(queues))
        topics[id_] = Topic(id_, _label(topic["name"], languages), queue)
    if it["topics"].present and not topics:
        it["topics"].wrong("empty; a visitor has to come for something")
    consent = it["consent"].fields("version", "text", "without")
    return VideoDesk(
        hours=it["hours"].choice(hours),
        topics=topics,
        consent=Consent(
            version=consent["version"].text(),
            text=_label(consent["text"], languages),
            without=consent["without"].flag(False),
        ),
        prepare=tuple(_label(node, languages) for node in it["prepare"].items(optional=True)),
        appointments=_appointments(it["appointments"]),
    )


def _appointments(node: Node) -> AppointmentRules:
    it = node.fields("priority", "length", "before", "after", optional=True)
    usual = AppointmentRules()
    return AppointmentRules(
        priority=it["priority"].integer(0, 1_000, usual.priority),
        length_ms=it["length"].duration(SHORTEST_MS, LONGEST_MS, usual.length_ms),
        before_ms=it["before"].duration(0, GRACE_MS, usual.before_ms),
        after_ms=it["after"].duration(0, GRACE_MS, usual.after_ms),
    )


def _label(node: Node, languages: Sequence[str]) -> Label:
    it = node.fields(*languages)
    return {language: it[language].prose() for language in languages}
