"""A call in conversation, with a small Asterisk that says where everybody's leg is, for tests."""

from __future__ import annotations

from acd import effects as line
from acd.model import Kind
from core.ids import AgentId, BridgeId, InteractionId, LegId, OfferId, QueueId
from pbx.call import (
    AgentAnswered,
    AgentLeft,
    Asked,
    Call,
    CustomerLeft,
    DialDenied,
    Dialled,
    Happening,
    Joined,
    LegDown,
    LegUp,
    Muted,
    OutsideDown,
    RecordingMuted,
    Seated,
    SeatFailed,
)
from pbx.commands import Command, Consult, ToAgent
from pbx.effects import (
    Action,
    DialOut,
    Drop,
    Enter,
    HangUp,
    Hold,
    Join,
    Mute,
    MuteRecording,
    Ring,
    RingTone,
    RingWatcher,
    Seat,
    SendKeys,
    Spy,
    Stop,
    Tell,
    Unhold,
)
from pbx.model import LINE_BRIDGE, agent_leg
from pbx.outbound_model import Denial
from tests.unit.pbx.calls import ID, LEG, Wired

QUEUE = QueueId("licensing")
ASKER, HELPER, BOSS = AgentId("ag101"), AgentId("ag102"), AgentId("ag900")
FIRST, SECOND = OfferId(7), OfferId(8)
ASKER_LEG, HELPER_LEG = agent_leg(FIRST, "j"), agent_leg(SECOND, "j")
CONSULT = InteractionId("c" * 32)
NOW = 1_000_000


class SmallAsterisk:
    """Where legs are. ``refuse`` names legs that cannot be moved."""

    def __init__(self) -> None:
        self.where: dict[LegId, BridgeId | None] = {LEG: None}
        self.spied: dict[LegId, tuple[LegId, bool]] = {}
        self.muted: set[LegId] = set()
        self.keys: dict[LegId, str] = {}
        self.silenced = False
        self.refuse: set[LegId] = set()
        self.tones: set[str] = set()
        """What rings, by playback."""
        self.denial: Denial | None = None

    def do(self, action: Action) -> list[Happening]:
        match action:
            case Ring(leg=leg) | RingWatcher(leg=leg):
                self.where[leg] = None
            case DialOut(leg=leg) if self.denial is not None:
                return [DialDenied(leg, self.denial, 0)]
            case DialOut(leg=leg):
                self.where[leg] = None
                return [Dialled(leg, 1)]
            case Hold(leg=leg):
                self._move(leg, LINE_BRIDGE)
            case Unhold(leg=leg):
                self._move(leg, None)
            case Join(offer=offer, bridge=bridge, customer=customer, agent=agent):
                self._move(customer, bridge)
                self._move(agent, bridge)
                return [Joined(offer)]
            case Seat():
                return [self._seat(action)]
            case Enter(leg=leg, bridge=bridge):
                self._move(leg, bridge)
            case Spy(leg=leg, spy=spy, spied=spied, bridge=bridge, whisper=whisper):
                self._move(leg, bridge)
                self.where[spy], self.spied[spy] = None, (spied, whisper)
                return [LegUp(spy)]
            case HangUp(leg=leg):
                return self._end(leg)
            case Drop(bridge=bridge):
                self.tones.discard(f"ring-{bridge}")
                self.where = {leg: None if at == bridge else at for leg, at in self.where.items()}
            case _:
                return self._rest(action)
        return []

    def _rest(self, action: Action) -> list[Happening]:
        match action:
            case Mute(leg=leg, on=on):
                self.muted = self.muted | {leg} if on else self.muted - {leg}
                return [Muted(leg, on)]
            case MuteRecording(on=on, reason=reason, by=by):
                self.silenced = on
                return [RecordingMuted(on, reason, by)]
            case RingTone(playback=playback):
                self.tones.add(playback)
            case Stop(playback=playback):
                self.tones.discard(playback)
            case SendKeys(leg=leg, keys=keys):
                self.keys[leg] = self.keys.get(leg, "") + keys
        return []

    def _seat(self, seat: Seat) -> Happening:
        failed = tuple(leg for leg in (*seat.music, *seat.talk) if leg in self.refuse)
        for leg in seat.music:
            if leg not in failed:
                self._move(leg, LINE_BRIDGE)
        for leg in seat.talk:
            if leg not in failed:
                self._move(leg, seat.bridge)
        if failed:
            return SeatFailed(seat.seating, seat.before, failed, seat.again)
        return Seated(seat.seating)

    def _move(self, leg: LegId, bridge: BridgeId | None) -> None:
        if leg in self.where:
            self.where[leg] = bridge

    def _end(self, leg: LegId) -> list[Happening]:
        if leg not in self.where:
            return []
        del self.where[leg]
        self.spied.pop(leg, None)
        if leg == LEG:
            return [CustomerLeft()]
        if leg.startswith("ag-"):
            return [AgentLeft(OfferId(int(leg.rpartition("-")[2])), 16)]
        return [OutsideDown(leg, 16, 0)] if leg.startswith("out-") else [LegDown(leg)]

    def hears(self, leg: LegId) -> set[LegId]:
        """Return whose voices reach ``leg``, by bridge and by whispering."""
        bridge = self.where.get(leg)
        near = {other for other, at in self.where.items() if at == bridge and other != leg}
        if bridge is None or bridge == LINE_BRIDGE:
            near = set()
        heard = {other for other in near if other not in self.muted and other not in self.spied}
        for spy in near & self.spied.keys():
            spied, _ = self.spied[spy]
            heard |= self.hears(spied) | ({spied} - self.muted)
        for spy, (spied, whisper) in self.spied.items():
            if spied == leg and whisper:
                heard |= {
                    other
                    for other, at in self.where.items()
                    if at == self.where[spy] and other not in self.spied
                }
        return heard - {leg}

    def music(self, leg: LegId) -> bool:
        return self.where.get(leg) == LINE_BRIDGE


class Talk(Wired):
    """A call whose actions are carried out at once, and whose line is the test."""

    def __init__(self) -> None:
        super().__init__()
        self.wire = SmallAsterisk()
        self.come()
        self.offered(FIRST, ASKER)

    def give(self, happening: Happening) -> list[Action]:
        done = super().give(happening)
        for action in done:
            for came in self.wire.do(action):
                self.give(came)
        return done

    def offered(self, offer: OfferId, agent: AgentId, id_: InteractionId = ID) -> None:
        """Let an agent be rung, answer and be connected."""
        self.ring(offer, agent, id_)
        self.give(AgentAnswered(offer, agent_leg(offer, "j")))
        self.give(line.Connect(offer=offer, id=id_, agent=agent))

    def ring(self, offer: OfferId, agent: AgentId, id_: InteractionId) -> None:
        kind, parent = (Kind.CONSULT, ID) if id_ == CONSULT else (Kind.INBOUND, InteractionId(""))
        self.give(line.SendOffer(offer=offer, id=id_, agent=agent, until=9, kind=kind, parent=parent))

    def ask(self, command: Command) -> list[Action]:
        return self.give(Asked(command, NOW, QUEUE))

    def leave(self, leg: LegId) -> None:
        """Let somebody hang up."""
        for came in self.wire.do(HangUp(leg)):
            self.give(came)

    def consult(self, *, answered: bool = True) -> None:
        """Let the agent ask a colleague."""
        self.ask(Consult(ID, ASKER, ToAgent(HELPER), CONSULT))
        if answered:
            self.offered(SECOND, HELPER, CONSULT)

    def hears(self, leg: LegId) -> set[LegId]:
        return self.wire.hears(leg)


__all__ = ["Call", "Talk", "Tell"]
