"""A forwarding worker: rooms, port and timers, driven by commands from control. All of its state can be made again.

It knows no users and decides nothing: who may join which room as what is control's to know. Without control its
rooms go on.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Final

import structlog

from core.errors import Gone, Refused
from video import messages as m
from video.edge import Client, Edge, Listener, bind
from video.forward import Forwarder, Out
from video.messages import AnyCommand, AnyEvent, AnyResult
from video.model import Label, Limits, ParticipantId, Role, RoomId
from video.reception import Rate
from video.rooms import Participant, Published, Room, Rooms, measure
from video.sdp import Host, read_offer, write_answer
from video.settings import VideoSettings
from video.tap import Begin, End, Finish, RecorderLink, Report

log: Final = structlog.get_logger(__name__)

_TICK_S: Final = 0.05
_FLOWING_S: Final = 2.0
"""A stream that carried nothing for so long does not flow."""


class Worker:
    """One process's worth of rooms."""

    def __init__(self, settings: VideoSettings, number: int, emit: Callable[[AnyEvent], None]) -> None:
        """``number`` counts the workers of the machine from 0. ``emit`` is told what happens."""
        self.port: Final = settings.port + number
        self.emit: Final = emit
        self._settings = settings
        self._limits = Limits(bitrate=settings.bitrate)
        self._forwarder = Forwarder(self._limits.packet)
        self._ssrcs: set[int] = set()
        self._rooms = Rooms(self._forwarder, self._limits, settings.prefer, self._new_ssrc)
        self._recorder = RecorderLink(
            settings.recorder_socket, self._track_wants_keyframe, lambda away: emit(m.RecorderAway(away))
        )
        self._talk: dict[int, Rate] = {}
        self._tracks: dict[int, Published] = {}
        self._reported: dict[int, float] = {}
        self._edge: Edge
        self._host: Host
        self._lag_s = 0.0

    async def run(self, ready: Callable[[], None]) -> None:
        """Serve until cancelled. Raises Refused if the port is taken."""
        try:
            sock = bind(self._settings.host, self.port)
        except OSError as error:
            raise Refused(f"UDP port {self.port}: {error.strerror}") from error
        async with asyncio.TaskGroup() as tasks:
            self._edge = Edge(sock, self._forwarder, tasks)
            candidates = [(address, self.port) for address in self._settings.addresses]
            self._host = Host(self._edge.certificate.fingerprint, candidates, self._settings.bitrate)
            self._edge.listen()
            try:
                ready()
                await self._timers()
            finally:
                self._recorder.close()
                self._edge.close()

    def hello(self) -> m.Hello:
        """Return what a control process has to know first."""
        return m.Hello(self.port, {id_: tuple(room.participants) for id_, room in self._rooms.all.items()})

    # --- commands ------------------------------------------------------------------------------------------

    def obey(self, command: AnyCommand) -> AnyResult:
        """Do what control wants. Raises Refused and Gone."""
        result: AnyResult = m.Done()
        match command:
            case m.CreateRoom():
                self._rooms.create(command.room)
            case m.CloseRoom():
                self._close(command.room)
            case m.Join():
                result = self._join(command)
            case m.Offer():
                result = self._offer(command)
            case m.Show():
                self._show(command)
            case m.Mute():
                published = self._published(command.room, command.participant, command.label)
                self._send(self._forwarder.mute(published.source, command.muted, time.monotonic()))
            case m.Leave():
                room = self._rooms.room(command.room)
                self._leave(room, self._rooms.participant(command.room, command.participant))
            case m.Record():
                self._record(self._rooms.room(command.room), on=command.on)
            case m.Say():
                for one in self._rooms.room(command.room).participants.values():
                    if command.participant in {None, one.id}:
                        self._edge.say(one.peer.id, command.label, command.text)
            case m.Inspect():
                result = self._stats(command.room)
        self._tell_slots()
        return result

    def _join(self, command: m.Join) -> m.Joined:
        offer = read_offer(command.offer)
        room = self._rooms.room(command.room)
        if there := room.participants.get(command.participant):
            self._leave(room, there)
        one = self._rooms.join(room, command.participant, command.role)
        now = time.monotonic()
        try:
            replies, out = self._rooms.negotiate(room, one, offer, command.labels, now)
        except Refused:
            self._leave(room, one)
            raise
        listener = Listener(
            ready=lambda: self._connected(room, one),
            gone=lambda reason: self._gone(room, one, reason),
            message=lambda label, message: self._heard(room, one, label, message),
        )
        keys = self._edge.open(one.peer.id, Client(offer.fingerprints, offer.sctp_port), listener)
        self._send(out)
        self._sync_recording(room)
        answer = write_answer(offer, replies, keys, self._host, one.offers)
        return m.Joined(answer, self._rooms.shown(room, one))

    def _offer(self, command: m.Offer) -> m.Joined:
        offer = read_offer(command.offer)
        room = self._rooms.room(command.room)
        one = self._rooms.participant(command.room, command.participant)
        restarts = offer.ufrag != one.ufrag
        replies, out = self._rooms.negotiate(room, one, offer, command.labels, time.monotonic())
        keys = self._edge.restart(one.peer.id) if restarts else self._edge.keys(one.peer.id)
        self._send(out)
        self._sync_recording(room)
        answer = write_answer(offer, replies, keys, self._host, one.offers)
        return m.Joined(answer, self._rooms.shown(room, one))

    def _show(self, command: m.Show) -> None:
        room = self._rooms.room(command.room)
        one = self._rooms.participant(command.room, command.participant)
        published = None
        if command.publisher is not None:
            published = self._published(command.room, command.publisher, command.label)
        self._send(self._rooms.show(room, one, command.mid, published, time.monotonic()))

    def _published(self, room: RoomId, participant: ParticipantId, label: Label) -> Published:
        streams = self._rooms.participant(room, participant).published.values()
        found = next((published for published in streams if published.label is label), None)
        if found is None:
            raise Gone("the participant publishes no such stream")
        return found

    def _close(self, id_: RoomId) -> None:
        room = self._rooms.all.get(id_)
        if room is None:
            return
        for one in list(room.participants.values()):
            self._leave(room, one)
        if room.recorded:
            self._record(room, on=False)
        del self._rooms.all[id_]

    def _stats(self, id_: RoomId | None) -> m.Stats:
        counters = {**asdict(self._forwarder.counters), **asdict(self._edge.counters)}
        counters["recording_dropped"] = self._recorder.dropped
        room = self._rooms.room(id_).participants.values() if id_ is not None else ()
        return m.Stats(self._rooms.participants, counters, tuple(map(measure, room)))

    # --- what happens --------------------------------------------------------------------------------------

    def _connected(self, room: Room, one: Participant) -> None:
        self._send(self._rooms.connected(one, time.monotonic()))
        self.emit(m.Connected(room.id, one.id))

    def _gone(self, room: Room, one: Participant, reason: str) -> None:
        if room.participants.get(one.id) is not one:
            return
        self._leave(room, one)
        self.emit(m.Left(room.id, one.id, reason))
        self._tell_slots()

    def _leave(self, room: Room, one: Participant) -> None:
        self._edge.hang_up(one.peer.id)
        self._talk.pop(one.peer.id, None)
        self._ssrcs -= {s for slot in one.peer.slots.values() for s in (slot.ssrc, slot.rtx_ssrc)}
        self._send(self._rooms.leave(room, one, time.monotonic()))
        self._sync_recording(room)

    def _heard(self, room: Room, one: Participant, label: str, message: bytes | str) -> None:
        """Pass a data channel message on to the others."""
        rate = self._talk.setdefault(one.peer.id, Rate(self._limits.messages_s))
        if one.role is Role.LISTENER or len(message) > self._limits.message:
            return
        if rate.spend(1, time.monotonic()):
            for other in room.participants.values():
                if other is not one:
                    self._edge.say(other.peer.id, label, message)

    def _tell_slots(self) -> None:
        for participant, id_ in self._rooms.changed.items():
            room = self._rooms.all.get(id_)
            one = room.participants.get(participant) if room else None
            if room and one:
                self.emit(m.Slots(id_, participant, self._rooms.shown(room, one)))
        self._rooms.changed.clear()

    # --- recording -----------------------------------------------------------------------------------------

    def _record(self, room: Room, *, on: bool) -> None:
        self._rooms.record(room, on=on)
        self._sync_recording(room)
        if not on:
            self._recorder.finish(Finish(room.id, _utc_us()))

    def _sync_recording(self, room: Room) -> None:
        """Let the recorder have exactly what is published in a recorded room."""
        at = _utc_us()
        now = {published.track: (who, published) for who, published in room.streams() if room.recorded}
        for track, (who, published) in now.items():
            if track not in self._tracks:
                self._tracks[track] = published
                self._recorder.begin(
                    Begin(track, room.id, who.id, published.label, published.source.codec, at)
                )
                self._edge.taps[-track] = lambda packet, track=track: self._recorder.packet(  # type: ignore[misc]
                    track, _utc_us(), packet
                )
                self._send(self._forwarder.keyframe(published.source, time.monotonic()))
        live = {
            published.track for r in self._rooms.all.values() if r.recorded for _, published in r.streams()
        }
        for track in [track for track in self._tracks if track not in live]:
            del self._tracks[track]
            self._edge.taps.pop(-track, None)
            self._reported.pop(track, None)
            self._recorder.end(End(track, at))

    def _track_wants_keyframe(self, track: int) -> None:
        if published := self._tracks.get(track):
            self._send(self._forwarder.keyframe(published.source, time.monotonic()))

    def _pass_reports_on(self) -> None:
        for track, published in self._tracks.items():
            report = published.source.report
            if report is not None and self._reported.get(track) != report[2]:
                self._reported[track] = report[2]
                age_us = int((time.monotonic() - report[2]) * 1e6)
                self._recorder.report(Report(track, report[0], report[1], _utc_us() - age_us))

    # --- time ----------------------------------------------------------------------------------------------

    async def _timers(self) -> None:
        beat_at = 0.0
        while True:
            due = time.monotonic() + _TICK_S
            await asyncio.sleep(_TICK_S)
            now = time.monotonic()
            self._lag_s = max(self._lag_s, now - due)
            self._send(self._forwarder.tick(now))
            if now - beat_at >= 1.0:
                beat_at = now
                self._every_second(now)

    def _every_second(self, now: float) -> None:
        self.emit(m.Beat(self._rooms.participants, round(self._lag_s * 1000, 1)))
        self._lag_s = 0.0
        self._recorder.connect()
        self._pass_reports_on()
        silent = set(self._edge.silent(now))
        for room in self._rooms.all.values():
            for one in list(room.participants.values()):
                if one.peer.id in silent:
                    self._gone(room, one, "silent")
                    continue
                for published in one.published.values():
                    flowing = now - published.source.last_at < _FLOWING_S
                    if flowing != published.flowing:
                        published.flowing = flowing
                        self.emit(m.Flow(room.id, one.id, published.label, flowing))

    def _send(self, out: Out) -> None:
        self._edge.send(out)

    def _new_ssrc(self) -> int:
        while True:
            ssrc = secrets.randbelow(0xFFFFFFFE) + 1
            if ssrc not in self._ssrcs:
                self._ssrcs.add(ssrc)
                return ssrc


def _utc_us() -> int:
    return time.time_ns() // 1000
