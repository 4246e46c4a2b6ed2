"""What an agent reads during a contact."""

from __future__ import annotations

import msgspec

from core.ids import QueueId


class Article(msgspec.Struct, frozen=True):
    """A text in every language of the centre."""

    id: str
    queue: QueueId | None
    """The queue whose script it is; None for what may be of use in any."""
    title: dict[str, str]
    """By language."""
    text: dict[str, str]
    """By language, without the title, in a small part of Markdown: ``##`` headings, paragraphs, ``-`` and ``1.`` lists,
    ``**strong**``, ``*emphasis*`` and ``[words](https://...)``. Nothing else has a meaning.
    """
