"""A line under test: rules in a few words, events by their effects, and the journal of it all."""

from __future__ import annotations

from typing import TypeVar

from acd.effects import Effect, Moved, Receipt, SendOffer
from acd.events import (
    AgentSignedIn,
    Arrived,
    Configured,
    Connected,
    Ended,
    Event,
    IntentSet,
    OfferAccepted,
    Queued,
    ReachChanged,
    Tick,
)
from acd.model import AgentRule, Channel, ChannelRule, LineRules, Party, Profile, QueueRule, Row
from acd.ports import Entry
from acd.state import State
from acd.step import step
from acd.views import InteractionView
from core.ids import AgentId, InteractionId, OfferId, ProfileId, QueueId, SkillId

E = TypeVar("E", bound=Effect)

START = 1_790_000_000_000
CHANNELS = (
    ChannelRule(Channel.VOICE, 100),
    ChannelRule(Channel.WHATSAPP, 50),
    ChannelRule(Channel.CHAT, 50),
)


def agent(name: str, profile: str = "all", **skills: int) -> AgentRule:
    return AgentRule(AgentId(name), ProfileId(profile), {SkillId(s): level for s, level in skills.items()})


def row(queue: str, channel: Channel = Channel.VOICE, rank: int = 1, delay_s: int = 0) -> Row:
    return Row(QueueId(queue), channel, rank, delay_s * 1_000)


def profile(name: str, *rows: Row) -> Profile:
    return Profile(ProfileId(name), rows)


ALL = profile("all", *(row(q, c) for q in ("oss", "tax") for c in (Channel.VOICE, Channel.WHATSAPP)))


def rules(
    *agents: AgentRule,
    profiles: tuple[Profile, ...] = (ALL,),
    queues: tuple[QueueRule, ...] = (QueueRule(QueueId("oss")), QueueRule(QueueId("tax"))),
    channels: tuple[ChannelRule, ...] = CHANNELS,
) -> LineRules:
    return LineRules(channels, queues, profiles, agents)


class World:
    """Time in seconds since START; contacts are numbered, agents named."""

    def __init__(self, with_rules: LineRules) -> None:
        self.state = State()
        self.now = START
        self.entries: list[Entry] = []
        self.effects: list[Effect] = []
        self.do(Configured(with_rules))

    def do(self, *events: Event) -> list[Effect]:
        """Take events at the present time; return what followed from all of them."""
        out: list[Effect] = []
        for event in events:
            effects = step(self.state, event, self.now)
            self.entries.append(Entry(len(self.entries) + 1, self.now, event, tuple(effects)))
            out += effects
        self.effects += out
        return out

    def after(self, seconds: float) -> list[Effect]:
        """Let time pass, with a tick whenever one is due, as the engine would."""
        until = self.now + round(seconds * 1_000)
        out: list[Effect] = []
        while (wake := self.state.next_wake()) is not None and wake <= until:
            self.now = max(self.now, wake)
            out += self.do(Tick())
        self.now = until
        return out

    def sign_in(self, *names: str, ready: bool = True, reach: tuple[Channel, ...] = tuple(Channel)) -> None:
        for name in names:
            self.do(*(ReachChanged(AgentId(name), c, True) for c in reach))
            self.do(AgentSignedIn(AgentId(name)), IntentSet(AgentId(name), ready))

    def queue(
        self,
        number: int,
        queue: str = "oss",
        channel: Channel = Channel.VOICE,
        at: int | None = None,
        **asked: object,
    ) -> list[Effect]:
        arrived = Arrived(iid(number), channel, self.now if at is None else START + at * 1_000)
        return self.do(arrived, Queued(iid(number), QueueId(queue), **asked))  # type: ignore[arg-type]

    def talk(self, number: int) -> None:
        """Let whoever is offered the contact take it."""
        self.do(OfferAccepted(self.offer(number)), Connected(iid(number)))

    def finish(self, number: int) -> list[Effect]:
        return self.do(Ended(iid(number), Party.CUSTOMER, "hung_up"))

    def view(self, number: int) -> InteractionView:
        found = self.state.interaction(iid(number))
        assert found is not None
        return found

    def offer(self, number: int) -> OfferId:
        offer = self.view(number).offer
        assert offer is not None
        return offer

    def holder(self, number: int) -> str | None:
        """The agent who is offered the contact or has it."""
        return self.view(number).agent

    def load(self, name: str) -> int:
        found = self.state.agent(AgentId(name))
        assert found is not None
        return found.load


def iid(number: int) -> InteractionId:
    return InteractionId(f"{number:032x}")


def only(kind: type[E], effects: list[Effect]) -> list[E]:
    return [e for e in effects if isinstance(e, kind)]


def offers(effects: list[Effect]) -> list[tuple[int, str]]:
    """Who was offered what."""
    return [(int(e.id, 16), e.agent) for e in only(SendOffer, effects)]


def receipt(effects: list[Effect]) -> Receipt:
    (found,) = only(Receipt, effects)
    return found


def moves(effects: list[Effect]) -> list[str]:
    return [f"{int(e.id, 16)} {e.phase}" for e in only(Moved, effects)]
