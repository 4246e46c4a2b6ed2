"""The shell of video calls: takes what the line, the rooms and the pages say, asks visit_step, does what it says.

Actions of one visit are carried out in order, those of different visits side by side.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Sequence
from contextlib import suppress
from typing import Final

import structlog

from acd.effects import Effect, SendOffer
from acd.events import Failed, Unqueued
from acd.model import Kind, Phase
from core.clock import Clock
from core.errors import Fatal, Gone, Refused, SambungError
from core.ids import AgentId, InteractionId
from video import messages as m
from video import pages
from video import visit_commands as facts
from video.book import Book, Message, Visitor
from video.model import Role, RoomId
from video.turn import TurnSettings
from video.visit import (
    Action,
    Arm,
    Came,
    Closed,
    Destination,
    Happening,
    Lapsed,
    Left,
    Listened,
    MediaDown,
    MediaUp,
    Opened,
    RoomLost,
    Show,
    Stage,
    Stayed,
    Tell,
    Visit,
)
from video.visit_errands import OVER, Errands
from video.visit_pages import join, state_of, welcome, write
from video.visit_ports import Contact, Page, RoomService, VisitLine
from video.visit_step import room_of, visit_step
from video.visit_telephone import Telephone
from video.visit_track import Errand, Present, Track, Who

_log = structlog.get_logger("visits")

_SHOW_S: Final = 5.0
"""Waiting visitors are told their place so often."""

REPLACED: Final = 4409
"""Close code: the same person opened the call elsewhere."""

_STAGES: Final = {Phase.CONNECTING: Stage.CONNECTING, Phase.TALKING: Stage.TALKING, Phase.HELD: Stage.TALKING}


class Visits:
    """Every video call. Performs the line's effects on video, and owns what happens in the rooms."""

    def __init__(
        self, book: Book, clock: Clock, name_of: Callable[[AgentId], str], turn: TurnSettings | None = None
    ) -> None:
        """``name_of`` gives the name by which visitors know an agent; ``turn`` is a way in from closed networks."""
        self._turn = turn
        self._book = book
        self._clock = clock
        self._name_of = name_of
        self._tracks: dict[InteractionId, Track] = {}
        self._consults: dict[InteractionId, InteractionId] = {}
        self._tasks: asyncio.TaskGroup | None = None
        self._line: VisitLine | None = None
        self._rooms: RoomService | None = None
        self._errands: Errands | None = None
        self._ending = False
        self.on_change: Callable[[InteractionId], None] = lambda interaction: None
        """Called when who is in a call has changed."""

    async def run(self, line: VisitLine, rooms: RoomService, started: asyncio.Event) -> None:
        """Go on with every visit the line has, and own their tasks until cancelled."""
        self._line, self._rooms = line, rooms
        self._errands = Errands(line, rooms, self._turn, self._clock, self._forget)
        async with asyncio.TaskGroup() as self._tasks:
            for contact in line.live_visits():
                await self._resume(contact)
            started.set()
            try:
                while True:
                    await asyncio.sleep(_SHOW_S)
                    for track in self._tracks.values():
                        if track.stage is Stage.WAITING:
                            self._show(track)
            finally:
                # The rooms' connections end beside us, and that is no loss to be made good any more.
                self._ending = True

    def has(self, interaction: InteractionId) -> bool:
        """Whether it is a video call that goes on."""
        return interaction in self._tracks

    # --- visitors ------------------------------------------------------------------------------------------

    async def come(self, visitor: Visitor, to: Destination) -> None:
        """Stand a visitor in line. Raises TryLater while the line stops."""
        await self._book.add(visitor)
        track = Track(Visit(visitor.id, to.queue), self._clock.now_ms())
        track.visitor = visitor
        self._tracks[visitor.id] = track
        now = self._clock.now_ms()
        came = Came(now, visitor.name, visitor.language, tuple(to.needs), to.takes, to.priority)
        actions = visit_step(track.visit, came)
        events = [event for action in actions if isinstance(action, Tell) for event in action.events]
        self._do(track, [action for action in actions if not isinstance(action, Tell)])
        try:
            await self._the_line.submit(*events)
        except SambungError:
            self._tracks.pop(visitor.id, None)
            raise

    def open(self, interaction: InteractionId, who: Who, page: Page) -> None:
        """Take somebody's page in; an earlier one of the same person is closed.

        Raises Gone if there is no such call, Refused if this agent has no part in it.
        """
        track = self._track(interaction)
        guest = track.guest(who)
        if guest is None:
            raise Refused("this agent has no part in the call")
        before = track.pages.pop(who, None)
        if before is not None:
            before.close(REPLACED)
        track.pages[who] = page
        self._later(track, lambda: welcome(track, page, self._book))
        self._dispatch(track, Opened(guest.id))

    def closed(self, interaction: InteractionId, who: Who, page: Page) -> None:
        """Note that a page is gone."""
        track = self._tracks.get(interaction)
        if track is None or track.pages.get(who) is not page:
            return
        del track.pages[who]
        if (guest := track.guest(who)) is not None:
            self._dispatch(track, Closed(guest.id))

    def part(self, interaction: InteractionId, who: Who) -> Role | None:
        """Return as what somebody is, or may come, in a call that goes on; None for nobody in it."""
        track = self._tracks.get(interaction)
        guest = None if track is None else track.guest(who)
        return None if guest is None else guest.role

    def present(self, interaction: InteractionId) -> Present | None:
        """Return who is in a call, as the desk shows it; None if it is over. Listeners are nobody's business."""
        track = self._tracks.get(interaction)
        return None if track is None else track.present()

    def visitor(self, interaction: InteractionId) -> Visitor | None:
        """Return who asked for a call that goes on."""
        track = self._tracks.get(interaction)
        return None if track is None else track.visitor

    def said(self, interaction: InteractionId, line: Message) -> None:
        """Show everybody a line of the conversation that was kept elsewhere."""
        if (track := self._tracks.get(interaction)) is not None:
            track.tell_all(pages.Chat((line,)))

    def received(self, interaction: InteractionId, who: Who, page: Page, raw: bytes | str) -> None:
        """Take a message of a page."""
        track = self._tracks.get(interaction)
        guest = None if track is None else track.guest(who)
        if track is None or guest is None or track.pages.get(who) is not page:
            page.close(OVER)
            return
        try:
            message = pages.parse(raw)
        except Refused as error:
            page.send(pages.dump(pages.Problem("refused", str(error))))
            return
        match message:
            case pages.Leave():
                self._dispatch(track, Left(guest.id))
            case pages.Device():
                if track.devices.get(guest.id) != message:
                    track.devices[guest.id] = message
                    self._show(track)
            case pages.Write():
                self._later(track, lambda: write(track, who, page, message, self._book, self._clock.now_ms()))
            case pages.Join() | pages.Renew():
                self._later(track, lambda: join(track, who, page, message, self._the_rooms))

    async def call_back(self, interaction: InteractionId, number: str) -> None:
        """Close a waiting visit, and have the visitor called on ``number`` when the turn comes.

        Raises Gone without such a call, Refused if an agent has taken it, TryLater while the line stops.
        """
        track = self._track(interaction)
        if track.leaving:
            raise Refused("this visit is being turned into a callback already")
        track.leaving = True
        try:
            # First out of the line, or an agent could take it while it is closed.
            await self._the_line.submit(Unqueued(id=interaction, cause="callback_wanted"))
            contact = self._the_line.contact(interaction)
            if contact is None:
                raise Gone("there is no such video call, or it is over")
            if contact.phase is not Phase.IN_MENU:
                raise Refused("an agent has taken the call")
            try:
                await self._the_line.submit(*facts.call_back(contact, number))
            except SambungError:
                self._the_line.post(facts.back_in_line(contact))
                raise
        finally:
            track.leaving = False

    def listen(self, interaction: InteractionId, supervisor: AgentId, on: bool) -> None:
        """Let a supervisor see and hear a call, unseen and unheard, or no longer. Raises Gone without such a call."""
        self._dispatch(self._track(interaction), Listened(supervisor, on))

    def hang_up(self, interaction: InteractionId, agent: AgentId) -> None:
        """End somebody's part, a colleague's by the consultation. Raises Gone without such a call, or Refused."""
        track = self._track(self._consults.get(interaction, interaction))
        guest = track.guest(agent)
        if guest is None:
            raise Refused("this agent has no part in the call")
        self._dispatch(track, Left(guest.id))

    def telephone(self, interaction: InteractionId, telephone: Telephone, *, over: bool = False) -> None:
        """Show that a telephone outside rings, is there, or has left. Raises Gone without such a call."""
        track = self._track(interaction)
        visitors = track.telephones.show(telephone, over=over)
        self._do(track, [Show()] if visitors is None else visit_step(track.visit, visitors))

    # --- from the line -------------------------------------------------------------------------------------

    def perform(self, effects: Sequence[Effect]) -> None:
        """Start what the line decided for video calls."""
        for effect in effects:
            owner = room_of(effect)
            if owner is None:
                continue
            if isinstance(effect, SendOffer) and effect.kind is Kind.CONSULT and owner in self._tracks:
                self._consults[effect.id] = owner
            track = self._tracks.get(self._consults.get(owner, owner))
            if track is not None:
                # ``room_of`` gives only effects that a visit takes.
                self._dispatch(track, effect)  # type: ignore[arg-type]

    # --- from the rooms ------------------------------------------------------------------------------------

    def happened(self, event: m.AnyEvent) -> None:
        """Take what a forwarding unit tells."""
        match event:
            case m.Connected(room=room, participant=participant):
                self._in_room(room, MediaUp(participant))
            case m.Left(room=room, participant=participant):
                self._in_room(room, MediaDown(participant))
            case m.Slots(room=room, participant=participant, shown=shown):
                track = self._tracks.get(InteractionId(room))
                if track is not None and (page := track.page(participant)) is not None:
                    page.send(pages.dump(pages.Slots(shown)))
            case _:
                pass

    def worker_lost(self, rooms: Collection[RoomId]) -> None:
        """Have everybody in these rooms connect anew."""
        for room in rooms:
            self._in_room(room, RoomLost())

    def worker_found(self, rooms: Collection[RoomId]) -> None:
        """After an absence of ours: see who is still there, and end what is nobody's."""
        for room in rooms:
            self._spawn(self._see(room), f"see:{room}")

    def _in_room(self, room: RoomId, happening: Happening) -> None:
        track = self._tracks.get(InteractionId(room))
        if track is not None:
            self._dispatch(track, happening)
            for again in track.telephones.errands() if isinstance(happening, RoomLost) else ():
                self._later(track, again)

    async def _see(self, room: RoomId) -> None:
        track = self._tracks.get(InteractionId(room))
        with suppress(SambungError):
            if track is None:
                await self._the_rooms.close_room(room)
                return
            for one in (await self._the_rooms.stats(room)).room:
                if track.visit.guest(one.participant) is None:
                    await self._the_rooms.leave(room, one.participant)
                elif one.connected:
                    self._dispatch(track, MediaUp(one.participant))

    # --- after an absence ----------------------------------------------------------------------------------

    async def _resume(self, contact: Contact) -> None:
        if contact.phase is Phase.WRAPPING or contact.queue is None:
            return
        if contact.kind is Kind.CONSULT:
            # Nobody knows whose page asked for it; the asking agent can ask again.
            self._the_line.post(Failed(id=contact.id, cause="control_restarted"))
            return
        track = Track(Visit(contact.id, contact.queue), self._clock.now_ms())
        track.visitor = await self._book.visitor(contact.id)
        self._tracks[contact.id] = track
        stage = _STAGES.get(contact.phase, Stage.WAITING)
        self._dispatch(track, Stayed(stage, contact.agent, contact.offer))
        if contact.phase is Phase.IN_MENU:
            # It left the line for a callback that was not journalled any more.
            self._the_line.post(facts.back_in_line(contact))
        if contact.phase is Phase.OFFERED and contact.agent is not None and contact.offer is not None:
            self._dispatch(track, SendOffer(contact.offer, contact.id, contact.agent, 0))

    # --- one visit -----------------------------------------------------------------------------------------

    @property
    def _the_line(self) -> VisitLine:
        if self._line is None:
            raise Fatal("visits were used before they were started")
        return self._line

    @property
    def _the_errands(self) -> Errands:
        if self._errands is None:
            raise Fatal("visits were used before they were started")
        return self._errands

    @property
    def _the_rooms(self) -> RoomService:
        if self._rooms is None:
            raise Fatal("visits were used before they were started")
        return self._rooms

    def _track(self, interaction: InteractionId) -> Track:
        track = self._tracks.get(interaction)
        if track is None:
            raise Gone("there is no such video call, or it is over")
        return track

    def _dispatch(self, track: Track, happening: Happening) -> None:
        self._do(track, visit_step(track.visit, happening))
        for guest in track.visit.guests():
            # A page may have been open before its agent had a part in the call.
            if not guest.here and guest.agent in track.pages:
                self._do(track, visit_step(track.visit, Opened(guest.id)))

    def _do(self, track: Track, actions: Sequence[Action]) -> None:
        track.moved(self._clock.now_ms())
        track.telephones.settle(track.stage)
        for action in actions:
            match action:
                case Tell(events=events):
                    for event in events:
                        self._the_line.post(event)
                case Arm():
                    self._arm(track, action)
                case Show():
                    self._show(track)
                    self.on_change(track.visit.id)
                case _:
                    track.todo.append(action)
        self._start(track)

    def _arm(self, track: Track, arm: Arm) -> None:
        track.disarm(arm.participant)
        loop = asyncio.get_running_loop()
        lapsed = Lapsed(arm.participant, arm.timer)
        track.timers[arm.participant] = loop.call_later(arm.ms / 1_000, self._dispatch, track, lapsed)

    def _later(self, track: Track, errand: Errand) -> None:
        track.todo.append(errand)
        self._start(track)

    def _start(self, track: Track) -> None:
        if track.todo and track.worker is None and not self._ending:
            track.worker = self._spawn(self._the_errands.run(track), f"visit:{track.visit.id}")

    def _forget(self, track: Track) -> None:
        """Let go. The visitor's page was shown the end; what it still says (a rating) needs no call."""
        self._tracks.pop(track.visit.id, None)
        for consult in [consult for consult, owner in self._consults.items() if owner == track.visit.id]:
            del self._consults[consult]

    def _show(self, track: Track) -> None:
        now = self._clock.now_ms()
        for who, page in track.pages.items():
            if (guest := track.guest(who)) is not None:
                page.send(pages.dump(state_of(track, guest, self._the_line, self._name_of, now)))

    def _spawn(self, work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        if self._tasks is None:
            raise Fatal("visits were used before they were started")
        return self._tasks.create_task(work, name=name)
