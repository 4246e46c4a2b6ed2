"""What the desk needs of customers: what was before, drafts, and what was promised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from core.ids import AgentId, InteractionId
from crm.model import Case, Draft, Past


class Customers(Protocol):
    """Kept beside the line."""

    async def earlier(self, id_: InteractionId, before: InteractionId | None, limit: int) -> Past:
        """Return other contacts of the same customer, the newest first; after ``before``, which was shown."""
        ...

    async def drafts(self, agent: AgentId) -> Sequence[Draft]:
        """Return what an agent has not handed in."""
        ...

    async def keep(self, agent: AgentId, draft: Draft) -> None:
        """Keep a draft in place of the one before."""
        ...

    async def handed_in(self, agent: AgentId, id_: InteractionId) -> None:
        """Remove a draft."""
        ...

    async def open_case(self, id_: InteractionId, agent: AgentId, due: int, now: int) -> None:
        """Note that something was promised, or that it is due at another time."""
        ...

    async def withdraw_case(self, id_: InteractionId, agent: AgentId) -> None:
        """Remove the case of a contact if it is the agent's and not done."""
        ...

    async def case(self, id_: InteractionId) -> Case | None:
        """Return the case of a contact."""
        ...

    async def cases(self, agent: AgentId | None, done_since: int, limit: int) -> Sequence[Case]:
        """Return what is open, and what was done since then, the first due first; of one agent or of all."""
        ...

    async def change_case(self, id_: InteractionId, values: Mapping[str, Any]) -> None:
        """Set ``due``, ``done_at`` or ``done_by``."""
        ...
