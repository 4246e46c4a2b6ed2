"""What is sent about customers: drafts and cases. ``crm.model`` has the answers."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec

from desk.bodies import Body, Note, Word

When: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=4_102_444_800_000)]
"""Milliseconds since 1970 UTC, before 2100."""


class NewDraft(Body, frozen=True):
    """What the agent has written so far."""

    text: Note = ""
    category: Word | None = None
    follow_up: bool = False
    due: When | None = None


class CaseChange(Body, frozen=True):
    """What changes of a case; what is null stays."""

    due: When | None = None
    done: bool | None = None
