"""Journal entries of calls, told step by step: what the line would have journalled."""

from __future__ import annotations

from acd.effects import (
    AgentMoved,
    Effect,
    Moved,
    Receipt,
    Release,
    Rule,
    SendOffer,
    StartWrapUp,
    Wait,
    WrapUpOver,
)
from acd.events import (
    AgentSignedIn,
    Arrived,
    Connected,
    Dismissed,
    Ended,
    Event,
    Failed,
    Held,
    IntentSet,
    OfferAccepted,
    OfferRejected,
    Queued,
    Requeued,
    Resumed,
    Tick,
    WrapUpDone,
)
from acd.model import Channel, Outcome, Party, Phase
from acd.ports import Entry
from core.ids import AgentId, InteractionId, OfferId, QueueId

START = 1_790_000_000_000
OSS = QueueId("oss")
TAX = QueueId("tax")


def iid(number: int) -> InteractionId:
    return InteractionId(f"{number:032x}")


class Story:
    """Entries in order; each step takes the seconds since START at which it happens."""

    def __init__(self, after: int = 0, offers: int = 0) -> None:
        self.entries: list[Entry] = []
        self._after = after
        self._offers = offers
        self._with: dict[InteractionId, tuple[QueueId, AgentId, OfferId]] = {}

    def add(self, s: float, event: Event, *effects: Effect) -> None:
        seq = self._after + len(self.entries) + 1
        self.entries.append(Entry(seq, START + round(s * 1000), event, effects))

    def moved(
        self,
        number: int,
        phase: Phase,
        cause: str,
        actor: Party = Party.SYSTEM,
        *,
        outcome: Outcome | None = None,
        abandoned_in: Phase | None = None,
    ) -> Moved:
        queue, agent, offer = self._with.get(iid(number), (None, None, None))
        return Moved(iid(number), phase, cause, actor, queue, agent, offer, outcome, abandoned_in)

    def sign_in(self, s: float, agent: str) -> None:
        who = AgentId(agent)
        self.add(s, AgentSignedIn(who), AgentMoved(who, True, False, "", ("voice",), Party.AGENT))

    def ready(self, s: float, agent: str, *, ready: bool, reason: str = "") -> None:
        who = AgentId(agent)
        moved = AgentMoved(who, True, ready, reason, ("voice",), Party.AGENT)
        self.add(s, IntentSet(who, ready, reason), moved)

    def arrive(self, s: float, number: int, channel: Channel = Channel.VOICE, caller: str = "+62811") -> None:
        arrived = Arrived(iid(number), channel, START + round(s * 1000), caller=caller, dialled="169")
        self.add(s, arrived, self.moved(number, Phase.IN_MENU, "arrived", Party.CUSTOMER))

    def queue(self, s: float, number: int, queue: QueueId = OSS) -> None:
        waiting = Moved(iid(number), Phase.WAITING, "queued", Party.SYSTEM, queue)
        self.add(s, Queued(iid(number), queue), waiting, Wait(iid(number), queue))

    def offer(self, s: float, number: int, agent: str, queue: QueueId = OSS) -> OfferId:
        self._offers += 1
        offer, who, at = OfferId(self._offers), AgentId(agent), START + round(s * 1000)
        self._with[iid(number)] = queue, who, offer
        receipt = Receipt(
            iid(number), offer, Rule.CONTACT_SEARCHED, queue, who, 0, at, None, at, 1, 0, 5, 4, 3, 2, 1
        )
        moved = self.moved(number, Phase.OFFERED, "offered")
        self.add(s, Tick(), receipt, moved, SendOffer(offer, iid(number), who, at + 20_000))
        return offer

    def reject(self, s: float, number: int, queue: QueueId = OSS) -> None:
        _, agent, offer = self._with[iid(number)]
        back = Moved(iid(number), Phase.WAITING, "rejected", Party.AGENT, queue, agent, offer)
        self.add(s, OfferRejected(offer), back)

    def accept(self, s: float, number: int) -> None:
        offer = self._with[iid(number)][2]
        self.add(s, OfferAccepted(offer), self.moved(number, Phase.CONNECTING, "accepted", Party.AGENT))

    def connect(self, s: float, number: int) -> None:
        self.add(s, Connected(iid(number)), self.moved(number, Phase.TALKING, "connected"))

    def hold(self, s: float, number: int) -> None:
        self.add(s, Held(iid(number)), self.moved(number, Phase.HELD, "held", Party.AGENT))

    def resume(self, s: float, number: int) -> None:
        self.add(s, Resumed(iid(number)), self.moved(number, Phase.TALKING, "resumed", Party.AGENT))

    def transfer(self, s: float, number: int, queue: QueueId) -> None:
        _, agent, _ = self._with[iid(number)]
        moved = Moved(iid(number), Phase.WAITING, "transferred", Party.AGENT, queue)
        wrap_up = StartWrapUp(iid(number), agent, START + round(s * 1000) + 30_000)
        self.add(s, Requeued(iid(number), queue), moved, Wait(iid(number), queue), wrap_up)

    def end(self, s: float, number: int) -> None:
        self.add(
            s,
            Ended(iid(number), Party.CUSTOMER, "hangup"),
            self.moved(number, Phase.WRAPPING, "hangup", Party.CUSTOMER),
            Release(iid(number)),
        )

    def wrapped(self, s: float, number: int) -> None:
        moved = self.moved(number, Phase.CLOSED, "wrapped", Party.AGENT, outcome=Outcome.HANDLED)
        over = WrapUpOver(iid(number), self._with[iid(number)][1], Party.AGENT)
        self.add(s, WrapUpDone(iid(number)), over, moved)

    def wrapped_after_transfer(self, s: float, number: int, agent: str) -> None:
        who = AgentId(agent)
        self.add(s, WrapUpDone(iid(number), who), WrapUpOver(iid(number), who, Party.AGENT))

    def abandon(self, s: float, number: int, phase: Phase) -> None:
        moved = self.moved(
            number,
            Phase.CLOSED,
            "hangup",
            Party.CUSTOMER,
            outcome=Outcome.ABANDONED,
            abandoned_in=phase,
        )
        self.add(s, Ended(iid(number), Party.CUSTOMER, "hangup"), moved, Release(iid(number)))

    def dismiss(self, s: float, number: int, outcome: Outcome) -> None:
        moved = self.moved(number, Phase.CLOSED, "menu", outcome=outcome)
        self.add(s, Dismissed(iid(number), outcome), moved)

    def fail(self, s: float, number: int, cause: str = "asterisk_restarted", *, talked: bool = False) -> None:
        moved = self.moved(number, Phase.CLOSED, cause, outcome=Outcome.FAILED)
        over = [WrapUpOver(iid(number), moved.agent, Party.SYSTEM)] if talked and moved.agent else []
        self.add(s, Failed(iid(number), cause), moved, *over)

    def handled(self, s: float, number: int, agent: str) -> None:
        """Tell a whole call: 2 s in the menu, 3 s waiting, 5 s ringing, 60 s talking, 30 s of wrap-up."""
        self.arrive(s, number)
        self.queue(s + 2, number)
        self.offer(s + 5, number, agent)
        self.accept(s + 9, number)
        self.connect(s + 10, number)
        self.end(s + 70, number)
        self.wrapped(s + 100, number)
