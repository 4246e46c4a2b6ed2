"""A call, the real line and a small Asterisk, with people who do anything at any time.

Whatever they do: no customer hears silence, what the line says is what sounds, and in the end nothing is left.
"""

from __future__ import annotations

import random
from collections import deque
from typing import Final

import pytest

from acd import effects as line
from acd.effects import Effect
from acd.events import Event
from acd.model import Phase, QueueRule
from acd.views import InteractionView
from core.errors import Gone, Refused
from core.ids import AgentId, InteractionId, LegId, OfferId, QueueId
from pbx import commands as ask
from pbx.call import (
    AgentAnswered,
    AgentLeft,
    Asked,
    Call,
    CustomerCame,
    Happening,
    LegDown,
    LegUp,
    NotTaken,
    Stage,
)
from pbx.commands import Monitoring
from pbx.effects import HangUp, Ring, RingWatcher, Tell
from pbx.model import LINE_BRIDGE
from pbx.step import step
from tests.unit.acd.world import World, agent, profile, row, rules
from tests.unit.pbx.calls import ID, LEG, STRAIGHT, OneFlow
from tests.unit.pbx.talks import SmallAsterisk

AGENTS: Final = [AgentId(name) for name in ("ag101", "ag102", "ag103")]
QUEUE: Final = QueueId("licensing")
STEPS: Final = 40


class Chaos:
    """People with a random will."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.world = World(
            rules(
                *(agent(name, "calls") for name in AGENTS),
                profiles=(profile("calls", row(QUEUE)),),
                queues=(QueueRule(QUEUE, wrap_up_ms=0, exclude_ms=1_000),),
            )
        )
        self.world.sign_in(*AGENTS)
        self.call = Call(ID, LEG, "j")
        self.flow = OneFlow(STRAIGHT)
        self.wire = SmallAsterisk()
        self.ringing: set[LegId] = set()
        self.consults = 0
        self.did: list[str] = []
        self.todo: deque[Happening] = deque()
        self.give(CustomerCame(at=self.world.now, caller="0811", dialled="169"))

    # --- the machinery -------------------------------------------------------------------------------------

    def give(self, happening: Happening) -> None:
        self.todo.append(happening)
        while self.todo:
            self.take(self.todo.popleft())

    def take(self, happening: Happening) -> None:
        events: list[Event] = []
        for action in step(self.call, happening, self.flow):
            match action:
                case Tell(events=told):
                    events += told
                case Ring(leg=leg) | RingWatcher(leg=leg):
                    self.ringing.add(leg)
                    self.wire.do(action)
                case HangUp(leg=leg):
                    self.ringing.discard(leg)
                    self.todo.extend(self.wire.do(action))
                case _:
                    self.todo.extend(self.wire.do(action))
        effects = self.world.do(*events) if events else []
        if isinstance(happening, Asked) and events and not effects:
            self.take(NotTaken())
        self.perform(effects)

    def perform(self, effects: list[Effect]) -> None:
        routed = [
            effect
            for effect in effects
            if isinstance(
                effect,
                line.SendOffer
                | line.CancelOffer
                | line.Connect
                | line.Wait
                | line.Leave
                | line.Handover
                | line.Park
                | line.Release,
            )
        ]
        routed.sort(key=lambda effect: not isinstance(effect, line.SendOffer))
        self.todo.extend(routed)

    # --- the people ----------------------------------------------------------------------------------------

    def anything(self) -> None:
        do = self.chance.choice(
            [self.answer] * 4 + [self.command] * 8 + [self.hang_up, self.decline, self.pass_time]
        )
        do()

    def answer(self) -> None:
        if self.ringing:
            leg = self.chance.choice(sorted(self.ringing))
            self.ringing.discard(leg)
            self.did.append(f"answer {leg}")
            self.give(AgentAnswered(_offer(leg), leg) if leg.startswith("ag-") else LegUp(leg))

    def decline(self) -> None:
        if self.ringing:
            leg = self.chance.choice(sorted(self.ringing))
            self.ringing.discard(leg)
            self.wire.where.pop(leg, None)
            self.did.append(f"decline {leg}")
            self.give(AgentLeft(_offer(leg), 21) if leg.startswith("ag-") else LegDown(leg))

    def hang_up(self, leg: LegId | None = None) -> None:
        up = sorted(self.wire.where.keys() - self.ringing - self.wire.spied.keys())
        if up:
            # Customers are patient, or there would be little else to see.
            leg = leg or self.chance.choice([*up, *(other for other in up if other != LEG)])
            self.did.append(f"hang up {leg}")
            for came in self.wire.do(HangUp(leg)):
                self.give(came)

    def pass_time(self) -> None:
        seconds = self.chance.choice([1, 5, 25, 45])
        self.did.append(f"{seconds} s")
        self.perform(self.world.after(seconds))
        while self.todo:
            self.take(self.todo.popleft())

    def command(self) -> None:
        who, other = self.chance.sample(AGENTS, 2)
        if self.call.agent and self.chance.random() < 0.7:
            who = self.call.agent.agent
        targets: tuple[ask.Target, ...] = (ask.ToAgent(other), ask.ToAgent(other), ask.ToQueue(QUEUE))
        to = self.chance.choice(targets)
        self.consults += 1
        asked = InteractionId(f"{self.consults:032x}")
        wants: tuple[ask.Command, ...] = (
            ask.Hold(ID, who),
            ask.Resume(ID, who),
            ask.Mute(ID, who, self.chance.random() < 0.5),
            ask.Consult(ID, who, to, asked),
            ask.Consult(ID, who, to, asked),
            ask.Toggle(ID, who),
            ask.Confer(ID, who),
            ask.Complete(ID, who),
            ask.EndConsult(ID, who),
            ask.Transfer(ID, who, to),
            ask.Park(ID, who, 20_000),
            ask.Retrieve(ID, who),
            ask.Monitor(ID, who, self.chance.choice([*Monitoring, None])),
            ask.TakeOver(ID, who),
            ask.PauseRecording(ID, who, self.chance.random() < 0.5, "card"),
            *((ask.HangUp(ID, who),) if self.chance.random() < 0.3 else ()),
        )
        want = self.chance.choice(wants)
        view = self.world.state.interaction(ID)
        try:
            self.give(Asked(want, self.world.now, view.queue if view else None))
        except (Refused, Gone):
            return
        self.did.append(str(want))

    # --- what must be so -----------------------------------------------------------------------------------

    def check(self) -> None:
        story = "\n".join(self.did)
        view = self.world.state.interaction(ID)
        if LEG in self.wire.where:
            assert self.accompanied(LEG), f"the customer hears nothing:\n{story}"
            assert f"ring-{self.wire.where[LEG]}" not in self.wire.tones, (
                f"the customer hears ringing:\n{story}"
            )
        if view is not None and view.phase in (Phase.TALKING, Phase.HELD):
            agent = self.call.agent
            assert agent is not None, story
            assert agent.agent == view.agent, story
            assert agent.leg in self.wire.where, story
            if LEG in self.wire.where:
                assert self.wire.music(LEG) is (view.phase is Phase.HELD), story
            self.check_consults(view, story)
        for watch in self.call.watches.values():
            if watch.up and watch.mode is Monitoring.LISTEN:
                heard_by = [leg for leg in self.wire.where if watch.leg in self.wire.hears(leg)]
                assert not [leg for leg in heard_by if leg not in self.wire.spied], story

    def check_consults(self, view: InteractionView, story: str) -> None:
        for consult in view.consults:
            found = self.world.state.interaction(consult)
            assert found is not None
            assert self.call.consult is not None, story
            assert self.call.consult.id == consult, story
            if found.phase in (Phase.TALKING, Phase.HELD):
                other = self.call.consult.other
                assert other is not None, story
                assert self.wire.music(other.leg) is (found.phase is Phase.HELD), story

    def accompanied(self, leg: LegId) -> bool:
        at = self.wire.where[leg]
        if at == LINE_BRIDGE:
            return True
        others = {other for other, bridge in self.wire.where.items() if bridge == at and other != leg}
        return at is not None and bool(others - self.ringing - self.wire.spied.keys())

    def end(self) -> None:
        for _ in range(20):
            for leg in sorted(self.wire.where.keys() - self.wire.spied.keys()):
                if leg in self.ringing:
                    self.ringing.discard(leg)
                    self.wire.where.pop(leg, None)
                    self.give(AgentLeft(_offer(leg), 21) if leg.startswith("ag-") else LegDown(leg))
                elif leg in self.wire.where:
                    self.hang_up(leg)
        story = "\n".join(self.did)
        assert self.wire.where == {}, story
        assert list(self.world.state.live()) == [], story
        assert [a.load for a in self.world.state.agents()] == [0, 0, 0], story


def _offer(leg: LegId) -> OfferId:
    return OfferId(int(leg.rpartition("-")[2]))


@pytest.mark.parametrize("block", range(10))
def test_whatever_people_do_nobody_hears_silence_and_nothing_is_left(block: int) -> None:
    for seed in range(block * 60, block * 60 + 60):
        chaos = Chaos(seed)
        while chaos.call.stage is not Stage.OVER and len(chaos.did) < STEPS:
            chaos.anything()
            chaos.check()
        chaos.end()
