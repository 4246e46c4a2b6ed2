"""Video calls as the centre describes them: topics, consent, what to prepare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.document import IDENTIFIER, Node
from core.ids import QueueId
from sambung.centre_words import Label


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


def read_video(
    document: Node, languages: Sequence[str], queues: Sequence[str], hours: Sequence[str]
) -> VideoDesk:
    """Read ``video.yaml``. What is wrong is noted in the document's problems."""
    it = document.fields("hours", "topics", "consent", "prepare")
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
    )


def _label(node: Node, languages: Sequence[str]) -> Label:
    it = node.fields(*languages)
    return {language: it[language].prose() for language in languages}
