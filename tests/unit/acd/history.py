"""A busy day of made-up contacts; as a program it prints what the line decided, for comparing processes."""

from __future__ import annotations

import hashlib
import random
import sys

import msgspec

from acd.effects import Effect, SendOffer
from acd.events import Ended, IntentSet, OfferAccepted, OfferRejected
from acd.model import Channel, Need, Party, Relax
from acd.snapshot import dump
from core.ids import AgentId, SkillId
from tests.unit.acd.world import World, agent, iid, only, profile, row, rules

_CHANNELS = (Channel.VOICE, Channel.WHATSAPP)
_SKILLS = tuple(SkillId(name) for name in ("legal", "english", "tax", "oss"))


def busy_day(seed: int = 169, contacts: int = 400) -> World:
    """Let contacts come to agents who differ in everything, and be taken, rejected, missed and lost."""
    rng = random.Random(seed)
    profiles = tuple(
        profile(
            f"p{n}",
            *(row(q, c, rng.randint(1, 2), rng.choice((0, 30))) for q in ("oss", "tax") for c in _CHANNELS),
        )
        for n in range(4)
    )
    people = [
        agent(f"a{n}", f"p{n % 4}", **{skill: rng.randint(1, 3) for skill in rng.sample(_SKILLS, 2)})
        for n in range(20)
    ]
    world = World(rules(*people, profiles=profiles))
    world.sign_in(*(a.id for a in people))
    for number in range(1, contacts + 1):
        needs = tuple(Need(skill, rng.randint(1, 3)) for skill in rng.sample(_SKILLS, rng.randint(0, 2)))
        world.queue(
            number,
            rng.choice(("oss", "tax")),
            rng.choice(_CHANNELS),
            needs=needs,
            relax=(Relax(40_000, needs[:1]), Relax(90_000)),
            priority=rng.randint(0, 2),
            preferred=rng.choice((None, AgentId("a3"))),
            grace_ms=15_000,
        )
        world.after(rng.choice((0, 1, 9)))
        _something_happens(world, rng, number)
    return world


def _something_happens(world: World, rng: random.Random, newest: int) -> None:
    for sent in only(SendOffer, world.effects[-30:]):
        luck = rng.random()
        if luck < 0.6:
            world.do(OfferAccepted(sent.offer))
        elif luck < 0.8:
            world.do(OfferRejected(sent.offer))
    world.do(Ended(iid(rng.randint(1, newest)), Party.CUSTOMER))
    world.do(IntentSet(AgentId(f"a{rng.randrange(20)}"), rng.random() < 0.8))


def fingerprint(world: World) -> str:
    """Return a digest of every effect in order and of the state they led to."""
    effects: list[Effect] = world.effects
    return hashlib.sha256(msgspec.json.encode(effects) + dump(world.state)).hexdigest()


if __name__ == "__main__":
    day = busy_day()
    sys.stdout.write(f"{len(only(SendOffer, day.effects))} {fingerprint(day)}\n")
