"""What the line keeps of an agent and of a contact. Changed in place, by the line only."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from acd.effects import Rule
from acd.model import Channel, Kind, Need, Phase, Relax
from core.ids import AgentId, InteractionId, LegId, OfferId, ProfileId, QueueId, SkillId

if TYPE_CHECKING:
    from acd.tables import Lane

Asked: TypeAlias = tuple[tuple[SkillId, int], ...]
"""Skills and their levels, sorted, each skill once."""

Ladder: TypeAlias = tuple[tuple[int, Asked], ...]
"""What is asked from which age in milliseconds on; the first step is from 0."""

Entry: TypeAlias = "tuple[int, int, Contact]"
"""A place in line: score, arrival number, contact. The number is unique, so contacts are never compared."""

Place: TypeAlias = tuple[int, ...]
"""An agent's ``key``, or nothing."""


_NOBODY: Mapping[int, int] = MappingProxyType({})
"""Most contacts exclude nobody, and share this."""


class Shelf(IntEnum):
    """Where a waiting contact stands."""

    POOL = 0
    """Open to all."""
    KEPT = 1
    """Kept for its preferred agent for a while."""
    DIRECTED = 2
    """For one agent alone, outside the queue's order."""
    PAUSED = 3
    """In a queue that offers nothing."""


class WrapUp:
    """An agent's work after a contact: a lease that costs what the contact did."""

    __slots__ = ("agent", "channel", "extended", "id", "queue", "timer", "timer_at", "until")

    def __init__(
        self, interaction: InteractionId, channel: Channel, queue: QueueId, agent: Agent, until: int
    ) -> None:
        self.id = interaction
        self.channel = channel
        self.queue = queue
        """The queue by whose rule it ends; the contact may be in another by now."""
        self.agent = agent
        self.until = until
        self.extended = 0
        """How often it was extended."""
        self.timer = 0
        self.timer_at = 0


Timed: TypeAlias = "Contact | WrapUp"
"""What has at most one timer; the token ``timer`` tells it from those before."""


class Agent:
    """Three facts (intent, reach, work) and what is derived from them."""

    __slots__ = (
        "failures",
        "fits",
        "id",
        "intent_since",
        "load",
        "named",
        "owed",
        "owed_to",
        "place",
        "profile",
        "reach",
        "ready",
        "reason",
        "signed_in",
        "since",
        "skills",
        "slot",
        "used",
        "work",
        "wrap_ups",
    )

    def __init__(self, slot: int, agent: AgentId) -> None:
        self.slot = slot
        """The agent's bit in every mask; never given to another."""
        self.id = agent
        self.named = False
        """Whether the rules in force know the agent."""
        self.profile = ProfileId("")
        self.skills: dict[SkillId, int] = {}
        self.signed_in = False
        self.ready = False
        self.reason = ""
        self.reach: set[Channel] = set()
        self.work: dict[InteractionId, Contact] = {}
        """What the agent is offered or has."""
        self.wrap_ups: dict[InteractionId, WrapUp] = {}
        """What the agent finishes, whoever has the contact by now."""
        self.since = 0
        """When the last contact ended, or when the agent signed in."""
        self.intent_since = 0
        """When intent or its reason last changed."""
        self.failures = 0
        """Offers in a row that failed on the device."""
        self.load = 0
        self.used: list[int] = []
        """Load as each kind of contact sees it (``Tables.kinds``): what it may interrupt does not count."""
        self.fits = 0
        """Kinds the agent has room for, as bits; none unless signed in and ready."""
        self.place: Place = ()
        """The agent's key on the bench, empty if there is no room for anything."""
        self.owed: tuple[int, int, int] | None = None
        """Rank, score and number of an overdue contact for which the agent drains."""
        self.owed_to: Contact | None = None

    @property
    def key(self) -> tuple[int, int, int]:
        """Who goes first: the least loaded, then the longest since the last contact, then the slot."""
        return self.load, self.since, self.slot


class Contact:
    """A live interaction. A closed one is forgotten."""

    lane: Lane
    """Set when the contact first joins a queue."""

    __slots__ = (
        "agent",
        "arrived_at",
        "caller",
        "channel",
        "consults",
        "dialled",
        "excluded",
        "grace_until",
        "held",
        "id",
        "kind",
        "ladder",
        "lane",
        "language",
        "late",
        "leg",
        "number",
        "offer",
        "origin",
        "overflowed",
        "parent",
        "parker",
        "phase",
        "place",
        "preferred",
        "priority",
        "queue",
        "queued_at",
        "reopens",
        "score",
        "shelf",
        "since",
        "stage",
        "step",
        "strict",
        "timer",
        "timer_at",
        "unserved_since",
        "until",
        "waits_since",
    )

    def __init__(self, interaction: InteractionId, number: int, channel: Channel, arrived_at: int) -> None:
        self.id = interaction
        self.number = number
        """Order of arrival; decides between equal scores and survives every return to the line."""
        self.channel = channel
        self.arrived_at = arrived_at
        self.origin = arrived_at
        """The arrival that sets the score: an earlier one for a caller who gave up and came back at once."""
        self.kind = Kind.INBOUND
        self.parent = InteractionId("")
        self.consults: tuple[InteractionId, ...] = ()
        """Live consultations about it."""
        self.leg = LegId("")
        self.caller = ""
        self.dialled = ""
        self.language = ""
        self.place = ""
        self.phase = Phase.IN_MENU
        self.since = 0
        # What was asked for
        self.queue = QueueId("")
        """Empty before it joins one."""
        self.queued_at = 0
        """Kept while a contact that waited is asked something in its menu; 0 in a menu otherwise."""
        self.overflowed: tuple[QueueId, ...] = ()
        """Queues that it could not wait in any longer since it was last put in one by somebody: it overflows into none
        of them again."""
        self.waits_since = 0
        """Since when it has waited without a break: in one queue, or moved and overflowed from one to another."""
        self.unserved_since = 0
        """Since when no agent was signed in who could have it, as far as its queue minds; 0 if one is."""
        self.ladder: Ladder = ((0, ()),)
        self.priority = 0
        self.preferred: AgentId | None = None
        self.grace_until = 0
        self.strict = False
        """Whether it is for the preferred agent alone."""
        self.reopens = False
        """Whether a strict contact whose agent did not come is open to all, instead of leaving the line."""
        self.excluded = _NOBODY
        """Slots of agents who may not have the contact, and until when."""
        # Where it stands in line
        self.score = arrived_at
        self.step = 0
        self.stage = 0
        self.late = False
        self.held = -1
        """Slot of the agent for whom the contact is kept or whom it is directed to, or -1."""
        self.shelf = Shelf.POOL
        # Who has it
        self.agent: Agent | None = None
        self.offer = OfferId(0)
        """The offer by which the agent has it, or 0."""
        self.parker: AgentId | None = None
        """Who put it aside."""
        self.until = 0
        """End of the lease while offered, of the stay aside while parked."""
        self.timer = 0
        self.timer_at = 0

    @property
    def stays(self) -> bool:
        """Whether it goes on waiting where others leave the line: nobody listens to a menu who could be told more."""
        return self.kind is Kind.INBOUND and self.channel is not Channel.VOICE

    @property
    def taker(self) -> Agent:
        """The agent of a contact that is offered, connecting, talking or held."""
        if self.agent is None:
            raise LookupError(f"no agent has a contact that is {self.phase}")
        return self.agent

    @property
    def wrapped_by(self) -> Agent | None:
        """The agent for whose wrap-up alone the contact is still open."""
        return self.agent if self.phase is Phase.WRAPPING else None

    @property
    def key(self) -> tuple[int, int]:
        """Who goes first: the lowest score, then the earliest arrival."""
        return self.score, self.number

    @property
    def asks(self) -> Asked:
        """The skills asked for by now."""
        return self.ladder[self.step][1]


class Funnel(NamedTuple):
    """Agents who may have a contact, each mask a subset of the one before."""

    in_queue: int
    skilled: int
    reachable: int
    ready_with_room: int
    not_excluded: int


class Found(NamedTuple):
    """A contact and the agent it goes to."""

    contact: Contact
    agent: Agent
    rule: Rule
    runner_up: AgentId | InteractionId | None
    funnel: Funnel


@lru_cache(maxsize=2_048)
def ladder(needs: tuple[Need, ...], relax: tuple[Relax, ...]) -> Ladder:
    """Return what is asked from which age on. Of two steps at one age the later named counts."""
    # Contacts mostly ask for what others asked for, and then they share it.
    steps = {0: _asked(needs)}
    for step in sorted(relax, key=lambda r: r.after_ms):
        steps[max(step.after_ms, 0)] = _asked(step.needs)
    return tuple(steps.items())


def step_at(ladder: Ladder, age: int) -> int:
    """Return which step is in force at ``age``."""
    step = 0
    while step + 1 < len(ladder) and ladder[step + 1][0] <= age:
        step += 1
    return step


def aged(ladder: Ladder, age: int) -> Ladder:
    """Return what is left of ``ladder`` for a contact that has waited ``age`` and begins to wait anew."""
    step = step_at(ladder, age)
    return (0, ladder[step][1]), *((after - age, asked) for after, asked in ladder[step + 1 :])


def _asked(needs: tuple[Need, ...]) -> Asked:
    highest: dict[SkillId, int] = {}
    for need in needs:
        highest[need.skill] = max(need.level, highest.get(need.skill, 0))
    return tuple(sorted(highest.items()))
