"""What a video call does next: one match over what happened, returning actions as data.

The line (acd) decides who talks to whom. Every happening may come late, twice, or for somebody who is gone.
"""

from __future__ import annotations

from acd import effects as line
from acd.events import Arrived, Connected, Ended, Event, OfferFailed, Queued, Requeued
from acd.model import Channel, DeviceFault, Kind, Party
from core.ids import InteractionId, OfferId
from video.model import Role
from video.visit import (
    AGENT_GRACE_MS,
    GRACE_MS,
    Action,
    Arm,
    ByTelephone,
    Came,
    Closed,
    CloseRoom,
    Forget,
    Guest,
    Happening,
    Invite,
    Lapsed,
    Left,
    Listened,
    MediaDown,
    MediaUp,
    Opened,
    OpenRoom,
    PutOut,
    RoomLost,
    Show,
    Stage,
    Stayed,
    Tell,
    Unplug,
    Visit,
    agent_participant,
    listener_participant,
)


def visit_step(visit: Visit, happening: Happening) -> list[Action]:
    """Return what to do about ``happening``, and change ``visit`` accordingly."""
    match happening:
        case Opened() | Closed() | Left() | MediaUp() | MediaDown() | Lapsed():
            guest = visit.guest(happening.participant)
            return [] if guest is None else _guest(visit, guest, happening)
        case _ if visit.stage is Stage.OVER:
            return _late(happening)
        case Came():
            return _came(visit, happening)
        case Stayed():
            return _stayed(visit, happening)
        case RoomLost():
            return _again(visit)
        case ByTelephone():
            return _by_telephone(visit, happening)
        case Listened(agent=agent, on=True):
            listener = Guest(listener_participant(agent), agent=agent, role=Role.LISTENER)
            return _admit(visit, visit.listeners.setdefault(listener.id, listener))
        case Listened(agent=agent):
            gone = visit.listeners.pop(listener_participant(agent), None)
            return [PutOut(gone.id)] if gone else []
        case _:
            return _line(visit, happening)


# --- pages and media ---------------------------------------------------------------------------------------


def _guest(
    visit: Visit, guest: Guest, happening: Opened | Closed | Left | MediaUp | MediaDown | Lapsed
) -> list[Action]:
    match happening:
        case Opened():
            guest.here = True
            return [*_presence(visit, guest), *_invitation(visit, guest), Show()]
        case Closed():
            guest.here = False
            return _presence(visit, guest)
        case MediaUp():
            guest.media = True
            return [*_presence(visit, guest), *_connected(visit), Show()]
        case MediaDown():
            guest.media = False
            return [*_presence(visit, guest), Show()]
        case Left():
            return _left(visit, guest, "hung_up")
        case Lapsed(timer=timer):
            return _lapsed(visit, guest) if timer and timer == guest.deadline else []


def _presence(visit: Visit, guest: Guest) -> list[Action]:
    """Run a timer for whoever is away, and stop it for whoever is back."""
    if visit.stage is Stage.OVER or guest.role is Role.LISTENER:
        return []
    if guest.here or guest.media or guest.phone:
        guest.deadline = 0
        return []
    if guest.deadline:
        return []
    visit.timers += 1
    guest.deadline = visit.timers
    return [Arm(guest.id, guest.deadline, GRACE_MS if guest is visit.visitor else AGENT_GRACE_MS)]


def _lapsed(visit: Visit, guest: Guest) -> list[Action]:
    guest.deadline = 0
    if visit.stage is Stage.OVER:
        return []
    if guest is visit.visitor:
        return _left(visit, guest, "lost")
    if guest is not visit.agent:
        return _left(visit, guest, "device_lost")
    if guest.told:
        # The agent's browser is gone, the visitor is not: back to the line, at the old place.
        return _tell(Requeued(id=visit.id, queue=visit.queue))
    return _tell(OfferFailed(offer=guest.offer, fault=DeviceFault.UNREACHABLE)) if guest.offer else []


def _left(visit: Visit, guest: Guest, cause: str) -> list[Action]:
    if visit.stage is Stage.OVER:
        return []
    if guest is visit.visitor:
        return _tell(Ended(id=visit.id, by=Party.CUSTOMER, cause=cause))
    if guest is visit.agent:
        return _tell(Ended(id=visit.id, by=Party.AGENT, cause=cause))
    if guest.consult is not None:
        return _tell(Ended(id=guest.consult, by=Party.AGENT, cause=cause))
    visit.listeners.pop(guest.id, None)
    return [PutOut(guest.id)]


def _invitation(visit: Visit, guest: Guest) -> list[Action]:
    return [Invite(guest.id, guest.role)] if guest.invited and not guest.media else []


def _connected(visit: Visit) -> list[Action]:
    """Tell the line of each agent who and the visitor now hear each other, once."""
    if not (visit.visitor.media or visit.visitor.phone) or visit.stage is Stage.OVER:
        return []
    events: list[Event] = []
    agent = visit.agent
    if agent and agent.media:
        visit.stage = Stage.TALKING
        if not agent.told:
            agent.told = True
            events.append(Connected(id=visit.id))
    for consult, colleague in visit.colleagues.items():
        if colleague.media and not colleague.told:
            colleague.told = True
            events.append(Connected(id=consult))
    return [Tell(tuple(events))] if events else []


def _by_telephone(visit: Visit, happening: ByTelephone) -> list[Action]:
    """Whoever closes the page goes on by telephone; whoever then hangs up has left."""
    visitor = visit.visitor
    visitor.phone = happening.here
    if happening.hung_up and not visitor.here and not visitor.media:
        return _left(visit, visitor, "hung_up")
    return [*_presence(visit, visitor), *_connected(visit), Show()]


# --- the line ----------------------------------------------------------------------------------------------


def _came(visit: Visit, came: Came) -> list[Action]:
    arrived = Arrived(
        id=visit.id,
        channel=Channel.VIDEO,
        at=came.at,
        caller=came.name,
        takes=came.takes or InteractionId(""),
    )
    queued = Queued(
        id=visit.id,
        queue=visit.queue,
        language=came.language,
        needs=came.needs,
        priority=came.priority,
    )
    # Whoever never opens the page it was asked on must not wait for ever.
    return [*_presence(visit, visit.visitor), Tell((arrived, queued))]


def _stayed(visit: Visit, stayed: Stayed) -> list[Action]:
    """Go on after a restart. Who is here shows as their pages come back; whoever does not is away from now on."""
    visit.stage = stayed.stage
    actions = _presence(visit, visit.visitor)
    if stayed.stage is Stage.WAITING or stayed.agent is None or stayed.offer is None:
        return actions
    visit.room = visit.visitor.invited = True
    visit.agent = Guest(agent_participant(stayed.offer), agent=stayed.agent, offer=stayed.offer, invited=True)
    visit.agent.told = stayed.stage is Stage.TALKING
    return [*actions, OpenRoom(), *_presence(visit, visit.agent)]


def _line(visit: Visit, effect: Happening) -> list[Action]:
    match effect:
        case line.Wait(queue=queue):
            visit.stage, visit.queue = Stage.WAITING, queue
            return [*_put_out_agent(visit), *_unplug(visit), Show()]
        case line.SendOffer(kind=Kind.CONSULT, id=consult, agent=agent, offer=offer):
            visit.colleagues[consult] = Guest(
                agent_participant(offer), agent=agent, offer=offer, consult=consult
            )
            return []
        case line.SendOffer(agent=agent, offer=offer):
            visit.agent = Guest(agent_participant(offer), agent=agent, offer=offer)
            return []
        case line.CancelOffer(offer=offer):
            return [*_withdraw(visit, offer), Show()]
        case line.Connect(offer=offer):
            return _connect(visit, offer)
        case line.Handover():
            return _hand_over(visit, effect)
        case line.Release(id=released) if released in visit.colleagues:
            return [PutOut(visit.colleagues.pop(released).id), Show()]
        case line.Release(id=released) if released == visit.id:
            return _release(visit)
        case _:
            return []


def _connect(visit: Visit, offer: OfferId) -> list[Action]:
    guests = [guest for guest in visit.guests() if guest.offer == offer]
    if not guests:
        return []
    opening: list[Action] = [] if visit.room else [OpenRoom()]
    visit.room = True
    if guests[0] is visit.agent:
        visit.stage = Stage.CONNECTING
    actions = [*opening, *_admit(visit, visit.visitor), *_admit(visit, guests[0])]
    return [*actions, *_presence(visit, guests[0]), *_connected(visit), Show()]


def _admit(visit: Visit, guest: Guest) -> list[Action]:
    guest.invited = True
    return _invitation(visit, guest) if guest.here else []


def _withdraw(visit: Visit, offer: OfferId) -> list[Action]:
    if visit.agent and visit.agent.offer == offer:
        return _put_out_agent(visit)
    for consult, guest in list(visit.colleagues.items()):
        if guest.offer == offer:
            del visit.colleagues[consult]
            return [PutOut(guest.id)]
    return []


def _put_out_agent(visit: Visit) -> list[Action]:
    agent, visit.agent = visit.agent, None
    return [PutOut(agent.id)] if agent else []


def _hand_over(visit: Visit, effect: line.Handover) -> list[Action]:
    """A colleague who is in the room, or a supervisor who takes over, has the visitor from here on."""
    if effect.consult is not None and effect.consult in visit.colleagues:
        before = _put_out_agent(visit)
        visit.agent = visit.colleagues.pop(effect.consult)
        visit.agent.consult = None
        return [*before, Show()]
    listener = visit.listeners.pop(listener_participant(effect.agent), None)
    if listener is None:
        return []
    before = _put_out_agent(visit)
    taker = visit.agent = Guest(
        agent_participant(effect.offer), agent=effect.agent, offer=effect.offer, here=listener.here, told=True
    )
    taker.invited = True
    return [*before, PutOut(listener.id), *_invitation(visit, taker), *_presence(visit, taker), Show()]


def _unplug(visit: Visit) -> list[Action]:
    """Who waits again is neither seen nor heard, and connects anew when somebody else has accepted."""
    visitor = visit.visitor
    if not visitor.invited:
        return []
    visitor.invited = visitor.media = False
    return [Unplug(visitor.id), *_presence(visit, visitor)]


def _release(visit: Visit) -> list[Action]:
    visit.stage = Stage.OVER
    out: list[Action] = [PutOut(guest.id) for guest in visit.guests()]
    visit.agent = None
    visit.colleagues.clear()
    visit.listeners.clear()
    return [*out, *([CloseRoom()] if visit.room else []), Show(), Forget()]


def _again(visit: Visit) -> list[Action]:
    """Everybody connects anew, to a room of the same name."""
    if not visit.room:
        return []
    actions: list[Action] = [OpenRoom()]
    for guest in visit.guests():
        guest.media = False
        actions += _presence(visit, guest)
        if guest.here:
            actions += _invitation(visit, guest)
    return [*actions, Show()]


def _late(happening: Happening) -> list[Action]:
    if isinstance(happening, line.SendOffer):
        return _tell(OfferFailed(offer=happening.offer, fault=DeviceFault.ERROR))
    return []


def _tell(event: Event) -> list[Action]:
    return [Tell((event,))]


def room_of(effect: line.Effect) -> InteractionId | None:
    """Return whose visit an effect concerns: a consultation belongs to the contact that it is about."""
    match effect:
        case line.SendOffer(kind=Kind.CONSULT, parent=parent):
            return parent
        case (
            line.Wait(id=owner)
            | line.SendOffer(id=owner)
            | line.CancelOffer(id=owner)
            | line.Connect(id=owner)
            | line.Handover(id=owner)
            | line.Release(id=owner)
        ):
            return owner
        case _:
            return None
