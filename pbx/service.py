"""The shell of voice: takes events from Asterisk and effects from the line, asks step.py, does what it says.

Actions of one call are carried out in order, those of different calls side by side.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Final

import structlog

from acd import effects as line_effects
from acd.events import Failed
from core.clock import Clock
from core.errors import Fatal, Gone, SambungError, TryLater
from core.ids import InteractionId, LegId
from ivr import effects as menu
from pbx.call import Asked, Call, CustomerCame, Happening, NotTaken, Outstayed
from pbx.commands import Command, Consult, Dial
from pbx.dial_order import place
from pbx.dial_recover import DIALLED, to_dial
from pbx.directory import Directory
from pbx.effects import Action, Arm, Bound, Follow, Forget, HangUp, Play, Pledge, Predict, Tell
from pbx.model import (
    AriEvent,
    KeyPressed,
    Leg,
    LegDestroyed,
    LegEntered,
    LegLeft,
    PlaybackEnded,
    RecordingEnded,
    RecordingLost,
    Replaced,
    message_of,
)
from pbx.orders import Order, check_target, not_taken
from pbx.outbound_model import CallbackRules
from pbx.ports import Line, Menus
from pbx.recover import Plan, Wire, customer_id, dialled, plan, stasis_arguments
from pbx.step import step
from pbx.talk_step import FROM_LINE
from pbx.track import Track, said_by
from pbx.view import CallView, view
from pbx.wire import Wiring

_log = structlog.get_logger("voice")

_PLAYBACK_GRACE_MS: Final = 2000
"""A playback may end without an event (ari4java issue 172); so long after its length it is taken as ended."""


class Voice:
    """Every call on one Asterisk. It owns the ARI connection and performs the line's effects on voice."""

    def __init__(
        self,
        wiring: Wiring,
        menus: Menus,
        clock: Clock,
        generation: str,
        callback: CallbackRules | None = None,
    ) -> None:
        """``generation`` names the journal: legs made for another one are not ours."""
        self._wiring = wiring
        self._menus = menus
        self._clock = clock
        self._generation = generation
        self._callback = callback or CallbackRules()
        self._tracks: dict[InteractionId, Track] = {}
        self._directory = Directory(generation)
        self._tasks: asyncio.TaskGroup | None = None
        self._line: Line | None = None
        self.up = asyncio.Event()
        """Set while Asterisk is connected and agrees with the line."""
        self.on_link: Callable[[bool], None] = lambda up: None
        """Called when Asterisk comes and goes."""
        self.on_predicted: Callable[[Predict], None] = lambda told: None
        """Called when a caller is told of its place or wait."""
        self.on_change: Callable[[InteractionId], None] = lambda call: None
        """Called when what ``calls_view`` says of a call has changed."""
        self.on_code: Callable[[Leg, str], None] = lambda leg, code: None
        """Called when an agent's phone dials a code."""

    @property
    def calls(self) -> int:
        """How many calls are on the wire."""
        return len(self._tracks)

    @property
    def tracks(self) -> tuple[Track, ...]:
        """Every call on the wire, to compare with what is there; nothing of it may be changed."""
        return tuple(self._tracks.values())

    async def run(self, line: Line, started: asyncio.Event) -> None:
        """Own the tasks of all calls until cancelled. ``started`` is set once events may come."""
        self._line = line
        async with asyncio.TaskGroup() as self._tasks:
            started.set()
            await asyncio.get_running_loop().create_future()

    # --- from the desk -------------------------------------------------------------------------------------

    def calls_view(self) -> tuple[CallView, ...]:
        """Return every call in which somebody talks, and every parked one."""
        return tuple(track.seen for track in self._tracks.values() if track.seen is not None)

    def call_view(self, call: InteractionId) -> CallView | None:
        """Return one of them; of a consultation, the call that it is about."""
        track = self._tracks.get(self._directory.consults.get(call, call))
        return track.seen if track else None

    async def command(self, want: Command) -> None:
        """Do what somebody at the desk asks, and return once it is done and written down.

        Raises:
            Refused: it cannot be; the sentence says what to do instead.
            Gone: the call is over.
            TryLater: the telephone system did not do it, or not in time.
        """
        line = self._the_line
        if isinstance(want, Dial):
            await line.submit(*await place(line, self._wiring.outside, want, self._clock.now_ms()))
            return
        track = self._tracks.get(self._directory.consults.get(want.id, want.id))
        if not self.up.is_set():
            raise TryLater("The telephone system is out of reach; calls go on. Try again in a moment.")
        if track is None:
            raise Gone("This call is over.")
        await check_target(line, self._wiring.outside, want)
        async with track.lock:
            await self._carry_out(track, want)
        await line.submit()

    async def _carry_out(self, track: Track, want: Command) -> None:
        contact = self._the_line.contact(track.call.id)
        asked = Asked(want, self._clock.now_ms(), contact.queue if contact else None)
        actions = step(track.call, asked, track.flow)
        if isinstance(want, Consult):
            self._directory.consults[want.consult] = track.call.id
            track.consults.append(want.consult)
        events = [event for action in actions if isinstance(action, Tell) for event in action.events]
        order = Order()
        track.todo.extend((order, *(a for a in actions if not isinstance(a, Tell)), order))
        self._start(track)
        taken = not events or await self._the_line.submit(*events)
        if not taken and (refusal := not_taken(want)) is not None:
            order.done.cancel()
            self._dispatch(track.call.id, NotTaken())
            raise refusal
        await order.done

    # --- from the line -------------------------------------------------------------------------------------

    def perform(self, effects: Sequence[line_effects.Effect]) -> None:
        """Start what the line decided. Ringing goes before music, for the caller hears silence either way."""
        routed = [effect for effect in effects if isinstance(effect, FROM_LINE)]
        routed.sort(key=lambda effect: not isinstance(effect, line_effects.SendOffer))
        for effect in routed:
            owner = self._directory.consults.get(effect.id, effect.id)
            if isinstance(effect, line_effects.SendOffer):
                self._expect(owner, effect)
            self._dispatch(owner, effect)

    def _expect(self, owner: InteractionId, offer: line_effects.SendOffer) -> None:
        if owner not in self._tracks and offer.kind in DIALLED:
            contact = self._the_line.contact(owner)
            if contact is not None:
                self._keep(to_dial(contact, self._generation, self._callback), "", contact.caller)
        if owner in self._tracks:
            self._directory.offers[offer.offer] = owner
            self._tracks[owner].offers.append(offer.offer)

    # --- from Asterisk -------------------------------------------------------------------------------------

    async def on_up(self) -> None:
        """Take a snapshot and drive every call to agree with it."""
        wire = await self._wiring.snapshot()
        await self._wiring.prepare(wire)
        seen = [track.call.id for track in self._tracks.values() if track.seen is not None]
        for track in self._tracks.values():
            track.drop()
        self._tracks.clear()
        self._directory.clear()
        found = plan(
            self._the_line.live_calls(), wire, self._generation, self._callback, self._clock.now_ms()
        )
        await self._follow(found, wire)
        for call in seen:
            if self.call_view(call) is None:
                self.on_change(call)
        self.up.set()
        self.on_link(True)
        _log.info("calls agree with asterisk", resumed=len(found.calls), lost=len(found.events))

    def on_down(self) -> None:
        """Asterisk is out of reach: nobody can be rung."""
        self.up.clear()
        self.on_link(False)

    def on_event(self, event: AriEvent) -> None:
        """Hand an event to the call that it belongs to."""
        match event:
            case LegEntered(channel=leg, args=args):
                self._entered(leg, args)
            case LegLeft(channel=leg):
                self._left(leg, 0)
            case LegDestroyed(channel=leg, cause=cause):
                self._left(leg, cause)
            case KeyPressed(channel=leg, digit=digit):
                if (owner := self._directory.customer(leg.id)) is not None:
                    self._dispatch(owner, menu.Key(digit))
            case PlaybackEnded(playback=playback):
                if (said := said_by(playback.id)) is not None:
                    self._dispatch(said[0], menu.Played(said[1]))
            case RecordingEnded(recording=recording) | RecordingLost(recording=recording):
                if (left := message_of(recording.name)) is not None:
                    ms = self._wiring.messages.length_ms(recording.name, recording.silence_duration)
                    self._dispatch(left[0], menu.Recorded(left[1], ms))
            case Replaced():
                raise Fatal("another process took over the calls of this Asterisk")
            case _:
                pass

    def _entered(self, leg: Leg, args: Sequence[str]) -> None:
        customer = customer_id(args)
        if customer is not None:
            if customer not in self._tracks:
                self._take(customer, leg, dialled(args))
        elif (found := self._directory.entered(leg.id)) is not None and found[0] in self._tracks:
            self._dispatch(*found)
        else:
            if args and args[0] == "code":
                self.on_code(leg, args[1] if len(args) > 1 else "")
            self._spawn(self._end(leg.id), f"end:{leg.id}")

    def _take(self, customer: InteractionId, leg: Leg, number: str) -> None:
        self._keep(Call(customer, leg.id, self._generation), number, leg.caller.number)
        came = CustomerCame(self._clock.now_ms(), leg.caller.number, number)
        self._dispatch(customer, came)

    def _left(self, leg: Leg, cause: int) -> None:
        if (found := self._directory.left(leg.id, cause, self._clock.now_ms())) is not None:
            self._dispatch(*found)

    # --- after an absence ----------------------------------------------------------------------------------

    async def _follow(self, found: Plan, wire: Wire) -> None:
        for call, happenings in found.calls:
            leg = wire.legs.get(call.leg, Leg(call.leg))
            self._keep(call, dialled(stasis_arguments(leg)), leg.caller.number)
            self._directory.remember(self._tracks[call.id])
            self._see(self._tracks[call.id])
            for happening in happenings:
                self._dispatch(call.id, happening)
        for event in found.events:
            self._the_line.post(event)
        for stray in found.strays:
            came_of_it = await self._try(stray)
            if isinstance(stray, Follow) and came_of_it is not None:
                self._dispatch(stray.id, came_of_it)
        known = await self._the_line.known([customer for customer, _ in found.unknown])
        for customer, leg in found.unknown:
            if customer in known:
                await self._end(leg.id)
            else:
                self._take(customer, leg, dialled(stasis_arguments(leg)))

    # --- one call ------------------------------------------------------------------------------------------

    @property
    def _the_line(self) -> Line:
        if self._line is None:
            raise Fatal("voice was used before it was started")
        return self._line

    def _keep(self, call: Call, dialled: str, caller: str) -> None:
        self._tracks[call.id] = Track(call, self._menus.menu(call.id, dialled, caller))
        if call.dial is None:
            self._directory.customers[call.leg] = call.id

    def _dispatch(self, owner: InteractionId, happening: Happening) -> None:
        track = self._tracks.get(owner)
        if track is None:
            return
        for action in step(track.call, happening, track.flow):
            match action:
                case Tell(events=events):
                    for event in events:
                        self._the_line.post(event)
                case Arm():
                    self._arm(track, action)
                case Bound(ms=ms):
                    if track.bound is not None:
                        track.bound.cancel()
                    track.bound = self._later(ms, owner, Outstayed())
                case Pledge():
                    self._spawn(self._pledge(owner, action), f"pledge:{owner}")
                case Predict():
                    self.on_predicted(action)
                case _:
                    track.todo.append(action)
        self._start(track)
        self._see(track)

    def _see(self, track: Track) -> None:
        if (seen := view(track.call)) != track.seen:
            track.seen = seen
            for id_ in (track.call.id, *track.consults):
                self.on_change(id_)

    def _start(self, track: Track) -> None:
        if track.todo and track.worker is None:
            track.worker = self._spawn(self._work(track), f"call:{track.call.id}")

    async def _pledge(self, owner: InteractionId, pledge: Pledge) -> None:
        try:
            await self._the_line.submit(*pledge.events)
        except SambungError as error:
            _log.warning("a promise could not be written down", reason=str(error))
            self._dispatch(owner, pledge.broken)
        else:
            self._dispatch(owner, pledge.kept)

    def _arm(self, track: Track, arm: Arm) -> None:
        if track.listen is not None:
            track.listen.cancel()
            track.listen = None
        if arm.token is not None:
            given = menu.TimedOut(arm.token)
            track.listen = self._later(arm.ms, track.call.id, given)

    def _later(self, ms: int, owner: InteractionId, happening: Happening) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(ms / 1000, self._dispatch, owner, happening)

    async def _work(self, track: Track) -> None:
        """Carry out what is to be done for one call, in order, until nothing is left."""
        try:
            while track.todo:
                action = track.todo.popleft()
                if isinstance(action, Order):
                    track.order = None if action.begun else action
                    if action.begun:
                        action.end()
                    action.begun = True
                    continue
                if isinstance(action, Forget):
                    self._forget(track)
                    continue
                if isinstance(action, Play):
                    self._limit(track, action)
                came_of_it = await self._try(action, track.order)
                if came_of_it is not None:
                    self._dispatch(track.call.id, came_of_it)
        except Exception:
            # Whatever is wrong with one call must not end the others.
            _log.exception("a call could not go on", interaction=track.call.id)
            self._the_line.post(Failed(id=track.call.id, cause="internal_error"))
            track.drop()
        finally:
            track.worker = None

    def _limit(self, track: Track, play: Play) -> None:
        if track.limit is not None:
            track.limit.cancel()
        ms = self._wiring.length_ms(play) + _PLAYBACK_GRACE_MS
        track.limit = self._later(ms, track.call.id, menu.Played(play.token))

    async def _try(self, action: Action, order: Order | None = None) -> Happening | None:
        try:
            came_of_it = await self._wiring.do(action)
            if order is not None:
                order.hear(action, came_of_it)
            return came_of_it
        except SambungError as error:
            if order is not None:
                order.hear(action, error)
            _log.warning("asterisk would not do it", action=type(action).__name__, reason=str(error))
            return menu.Played(action.token) if isinstance(action, Play) else None

    async def _end(self, leg: LegId) -> None:
        await self._try(HangUp(leg))

    def _forget(self, track: Track) -> None:
        track.disarm()
        if self._tracks.get(track.call.id) is track:
            del self._tracks[track.call.id]
            self._directory.forget(track)

    def _spawn(self, work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        if self._tasks is None:
            raise Fatal("voice was used before it was started")
        return self._tasks.create_task(work, name=name)
