"""Video calls put together: rooms, visits, their part of the public interface, and what the desk asks of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from aiohttp import web

from acd.engine import Engine
from acd.events import Event
from acd.model import Channel, Phase
from core.clock import Clock
from core.errors import Gone, Refused
from core.ids import AgentId, InteractionId, QueueId
from desk.app import Interface
from desk.desk import Desk
from desk.model import CallLive, Label, Party
from desk.ports import Calls, Closure
from desk.visit_callback import CallbackRoutes
from desk.visit_door import VisitDoor
from desk.visit_entrance import Entrance
from desk.visit_files import FileRoutes
from desk.visit_routes import VisitRoutes
from desk.visit_telephone import TelephoneRoutes
from pbx import commands as ask
from pbx import secrets
from sambung.centre import Centre
from sambung.centre_video import Topic
from sambung.handover import Handovers
from sambung.outside import outbound_rules
from sambung.room_telephones import RoomTelephones
from sambung.settings import Settings
from sambung.visit_parts import CentreLobby, OutgoingNumbers, VisitEngineLine, first_name
from store.database import Database, parse
from store.visit_files import SqlFiles
from store.visits import SqlBook
from video import visit_commands as facts
from video.files import FileKeeper
from video.service import VideoService
from video.visit_track import Attendant
from video.visits import Visits


class VideoCalls:
    """All of video in the control process."""

    def __init__(self, settings: Settings, centre: Centre, clock: Clock) -> None:
        self._settings = settings
        self._centre = centre
        self._clock = clock
        self._database = Database(parse(settings.database))
        self._book = SqlBook(self._database)
        self.visits = Visits(self._book, clock, lambda agent: first_name(centre, agent), settings.video.turn)
        self._files = FileKeeper(SqlFiles(self._database), settings.recordings, clock)
        workers = range(settings.video.workers)
        self.telephones: RoomTelephones | None = None
        """Brings telephones outside into rooms; without it none comes in."""
        self.service = VideoService([settings.video.worker_socket(n) for n in workers], self.visits)

    async def run(
        self, engine: Engine, predicted: Callable[[InteractionId], int | None], started: asyncio.Event
    ) -> None:
        """Own every visit and the connections to the workers until cancelled. ``started``: effects may come."""
        line = VisitEngineLine(engine, predicted)
        try:
            await self._files.tidy()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.visits.run(line, self.service, started), name="visits")
                await started.wait()
                tasks.create_task(self.service.run(), name="video-workers")
        finally:
            await self._database.close()

    def routes(self, desk: Desk, interface: Interface, closure: Closure) -> Sequence[web.RouteDef]:
        """Return the visitors' part of the interface; none where the centre takes no video calls."""
        video = self._centre.video
        if video is None:
            return ()
        number = self._settings.asterisk.trunk.numbers[0]
        engine = desk.live.engine
        lobby = CentreLobby(self._centre, video, engine, closure, number, self._clock)
        lobby.up = lambda: self.service.up
        rules = outbound_rules(self._settings)
        lobby.calls_back = bool(rules.allow)
        self._show_visitors(desk, video.topics)
        door = VisitDoor(interface, desk.wall_token)
        places = Handovers(engine, secrets.load(self._settings.home).agents, self._clock)
        numbers = OutgoingNumbers(engine, rules)
        phones = self.telephones
        return (
            *(TelephoneRoutes(door, self.visits, numbers, phones).routes() if phones else ()),
            *VisitRoutes(desk, door, self.visits, self._book, lobby, Entrance(desk, lobby, places)).routes(),
            *CallbackRoutes(door, self.visits, numbers).routes(),
            *FileRoutes(desk, door, self.visits, self._files).routes(),
        )

    def _show_visitors(self, desk: Desk, topics: Mapping[str, Topic]) -> None:
        """Say what visitors came for and who has an appointment, also of those who came before the desk was there."""

        def known(id_: InteractionId) -> tuple[int | None, Label | None]:
            visitor = self.visits.visitor(id_)
            topic = topics.get(visitor.topic) if visitor is not None else None
            return visitor.appointment_at if visitor else None, dict(topic.name) if topic else None

        desk.live.views.visitor = known
        for contact in desk.live.engine.state.live():
            if self.visits.has(contact.id):
                desk.live.feed.touch(contact=contact.id)


class ChannelCalls:
    """Calls by telephone and by video, behind one door: fills desk.ports.Calls."""

    def __init__(
        self,
        voice: Calls,
        engine: Engine,
        visits: Visits,
        clock: Clock,
        telephones: RoomTelephones | None = None,
    ) -> None:
        """``telephones`` brings telephones outside into rooms; without it none comes in."""
        self._telephones = telephones
        self._voice = voice
        self._engine = engine
        self._visits = visits
        self._clock = clock

    async def command(self, command: ask.Command) -> None:
        """Carry a command out, or begin to. Errors as ``desk.ports.Calls`` says."""
        contact = self._engine.state.interaction(command.id)
        if contact is None or contact.channel is not Channel.VIDEO:
            await self._voice.command(command)
            return
        if await self._telephone(command, contact.phase, contact.consults):
            return
        events = self._video(command, contact.queue or QueueId(""), contact.consults)
        if events:
            await self._engine.submit(*events)

    def view(self, id_: InteractionId) -> CallLive | None:
        """Return who is in a call."""
        contact = self._engine.state.interaction(id_)
        if contact is None or contact.channel is not Channel.VIDEO:
            return self._voice.view(id_)
        if contact.phase in (Phase.IN_MENU, Phase.WAITING, Phase.OFFERED):
            return None
        room = contact.parent or contact.id
        present = self._visits.present(room)
        return CallLive(
            parties=() if present is None else tuple(_party(one) for one in present.people),
            recording="on" if present is not None and present.recorded else "off",
            consult=next(iter((*contact.consults, *self._asked(room))), None),
            # In a room everybody hears everybody.
            talking_to="all" if contact.consults or contact.parent or self._asked(room) else "customer",
            room=room,
        )

    async def _telephone(self, command: ask.Command, phase: Phase, consults: Sequence[InteractionId]) -> bool:
        """Carry out what concerns a telephone outside, and return whether it did."""
        asked = self._asked(command.id)
        match command:
            case ask.Consult(id=room, agent=agent, to=ask.ToNumber(number=number), consult=consult):
                if self._telephones is None or phase is not Phase.TALKING:
                    raise Refused("A telephone comes into a conversation: begin that first.")
                await self._telephones.bring(room, agent, number, consult)
            case ask.Complete() if asked and not consults:
                raise Refused("A visitor by video cannot be left to a telephone outside.")
            case ask.EndConsult(consult=named) if self._telephones is not None and asked:
                if named not in asked and (named is not None or consults):
                    return False
                self._telephones.end(named or asked[-1])
            case _:
                return False
        return True

    def _asked(self, room: InteractionId) -> Sequence[InteractionId]:
        return self._telephones.asked(room) if self._telephones else ()

    def _video(
        self, command: ask.Command, queue: QueueId, consults: Sequence[InteractionId]
    ) -> tuple[Event, ...]:
        match command:
            case ask.HangUp(id=id_, agent=agent):
                self._visits.hang_up(id_, agent)
                return ()
            case ask.Monitor(id=id_, supervisor=supervisor, mode=mode):
                if mode not in (None, ask.Monitoring.LISTEN):
                    raise Refused("In a video call a supervisor can listen or take over.")
                self._visits.listen(id_, supervisor, on=mode is not None)
                return ()
            case ask.TakeOver(id=id_, supervisor=supervisor):
                return facts.take_over(id_, supervisor)
            case ask.Transfer(id=id_, to=to):
                return facts.transfer(id_, *_place(to, queue))
            case ask.Consult(id=id_, to=to, consult=consult):
                if consults:
                    raise Refused("A colleague is being asked already: end that consultation first.")
                return facts.invite(id_, consult, *_place(to, queue), self._clock.now_ms())
            case ask.EndConsult(consult=named):
                if named is not None and named not in consults:
                    raise Gone("nobody is in this call by that consultation any more")
                return facts.send_away(named or _only(consults))
            case ask.Complete(id=id_):
                return facts.complete(id_, _only(consults))
        raise Refused(f"{type(command).__name__} is done on the page of a video call.")


def _party(one: Attendant) -> Party:
    who = "customer" if one.side == "visitor" else one.side
    return Party(who, one.agent, joined=one.here, consult=one.consult)


def _place(to: ask.Target, queue: QueueId) -> tuple[QueueId, AgentId | None]:
    if isinstance(to, ask.ToNumber):
        raise Refused("A visitor by video cannot be handed to a telephone outside.")
    return (to.queue, None) if isinstance(to, ask.ToQueue) else (queue, to.agent)


def _only(consults: Sequence[InteractionId]) -> InteractionId:
    if not consults:
        raise Gone("no colleague is being asked about this call")
    return consults[0]
