"""The control process: what is wired to what. It is the single writer of the line's state."""

from __future__ import annotations

import asyncio
import signal
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import structlog

from acd.effects import Effect
from acd.engine import Engine
from acd.events import Event
from acd.model import Channel, LineRules
from core.clock import Clock, SystemClock
from core.errors import Fatal
from core.ids import AgentId, InteractionId, QueueId
from pbx import secrets
from pbx.ami import Ami
from pbx.ari import Ari
from pbx.phones import Phones
from pbx.ports import Colleague, Interaction
from pbx.room_line import RoomLine
from pbx.service import Voice
from pbx.sounds import Sounds
from pbx.sweep import Sweep
from pbx.wire import APP, Wiring
from sambung.api import Api, serve
from sambung.centre import Centre
from sambung.collector import collect, keep_large_apart, settle
from sambung.estimates import Estimates
from sambung.handover import Handovers
from sambung.link import Link
from sambung.menus import CentreMenus, LineView
from sambung.notify import Notifier, watchdog
from sambung.outside import Lines, callback_rules, off_hours_alarm, open_lines, outbound_rules
from sambung.queue_hours import QueueHoursKeeper
from sambung.readings import ControlReadings
from sambung.reload import Reloader
from sambung.room_telephones import RoomTelephones, SharedAsterisk
from sambung.settings import Settings
from sambung.video_calls import ChannelCalls, VideoCalls
from sambung.web import Together, Web
from sambung.web import serve as serve_web
from sambung.web_parts import SipDevices, VoiceCalls
from store.journal import SqlJournal
from store.queries import Queries

_log = structlog.get_logger("control")

_FIRST_CONTACT_S: Final = 5.0
"""So long the line waits for Asterisk before it goes on without; other channels need not stand still."""


class VoiceLine:
    """The line as calls see it: the engine, and what the database remembers of closed contacts."""

    def __init__(self, engine: Engine, queries: Queries) -> None:
        self._engine = engine
        self._queries = queries

    def post(self, event: Event) -> None:
        """Hand an event over."""
        self._engine.post(event)

    async def submit(self, *events: Event) -> Sequence[Effect]:
        """Hand events over together and wait until they are journalled."""
        return await self._engine.submit(*events)

    def rules(self) -> LineRules:
        """Return what the line decides by."""
        return self._engine.state.rules

    async def known(self, ids: Sequence[InteractionId]) -> frozenset[InteractionId]:
        """Return those of ``ids`` that ever were in the journal."""
        return await self._queries.known(ids)

    def contact(self, id_: InteractionId) -> Interaction | None:
        """Return a contact that is not closed."""
        return self._engine.state.interaction(id_)

    def colleague(self, agent: AgentId) -> Colleague | None:
        """Return an agent whom the rules name."""
        return self._engine.state.agent(agent)

    def has_queue(self, queue: QueueId) -> bool:
        """Whether the rules name a queue."""
        return self._engine.state.queue(queue) is not None

    def live_calls(self) -> Iterator[Interaction]:
        """Return every voice contact that is not closed."""
        return (contact for contact in self._engine.state.live() if contact.channel is Channel.VOICE)


async def control(settings: Settings, centre: Centre) -> int:
    """Run until SIGTERM or SIGINT; return the exit status.

    Talking calls go on in Asterisk without this process; the journal has the rest.
    """
    keep_large_apart()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    notifier = Notifier.from_environment()
    journal = await SqlJournal.open(settings.database)
    queries = await Queries.open(settings.database)
    status = 0
    try:
        clock = SystemClock()
        url = f"http://{settings.asterisk.host}:{settings.asterisk.http_port}"
        ari = Ari(url, "sambung", secrets.load(settings.home).ari, APP)
        async with open_lines(settings, centre, ari, clock) as lines:
            await _run(settings, centre, (journal, queries), (ari, lines, clock), notifier, stop)
    except* Fatal as errors:
        _log.critical("control cannot go on", reason=str(errors.exceptions[0]))
        status = 1
    finally:
        await queries.close()
        await journal.close()
    return status


async def _run(
    settings: Settings,
    centre: Centre,
    stores: tuple[SqlJournal, Queries],
    links: tuple[Ari, Lines, Clock],
    notifier: Notifier,
    stop: asyncio.Event,
) -> None:
    journal, queries = stores
    ari, lines, clock = links
    asterisk = settings.asterisk
    passwords = secrets.load(settings.home)
    phones = Phones(frozenset(centre.agents))
    ami = Ami(asterisk.host, asterisk.ami_port, "sambung", passwords.ami)
    sounds = Sounds(asterisk.prompts)
    wiring = Wiring(ari, sounds.find, phones.endpoint, ami, lines.outside, lines.messages)
    view = LineView()
    menus = CentreMenus(centre, clock, outbound_rules(settings), view)
    voice = Voice(wiring, menus, clock, generation(settings.home), callback_rules(settings, centre))
    video = VideoCalls(settings, centre, clock)
    telephones = video.telephones = RoomTelephones(
        RoomLine(ari, lines.outside),
        video.visits,
        video.service,
        clock,
        generation(settings.home),
        settings.video.host,
    )
    engine = Engine(journal, (voice, video.visits), clock, centre.line_rules)
    await engine.start()
    view.state = engine.state
    view.place_code = Handovers(engine, passwords.agents, clock).code
    estimates = await Estimates.open(settings.database, engine, clock)
    view.predicted, voice.on_predicted = estimates.predicted, estimates.told
    settle()
    link = Link(engine, voice, phones, ami, clock)
    readings = ControlReadings(engine, voice, link, queries, clock)
    line = VoiceLine(engine, queries)
    interface = Web(settings, centre, engine, queries, clock)
    reloader = Reloader(settings, centre, line, Together(menus, interface, lines.calendar), sounds)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reloader.want)
    reasons = frozenset(reason.id for reason in centre.reasons)
    app = Api(engine, readings, voice, reasons, reloader.reload).application()
    interface.predict, interface.reload = estimates.joining, reloader.reload
    view.closures = lambda: menus.centre.closures(*interface.closure.state[:2])

    async with interface, asyncio.TaskGroup() as tasks:
        desk = await interface.open(
            ChannelCalls(VoiceCalls(voice), engine, video.visits, clock, telephones),
            SipDevices(settings, passwords, phones, link),
            passwords,
        )
        lines.outside.on_off_hours = off_hours_alarm(interface.record, desk.live.feed.alarm)
        voice.on_change = video.visits.on_change = lambda call: desk.live.feed.touch(contact=call)
        link.on_phone = lambda agent: desk.live.feed.touch(agent=agent)
        running = [tasks.create_task(watchdog(notifier), name="watchdog")]
        running.append(tasks.create_task(collect(), name="collector"))
        started = asyncio.Event()
        running.append(tasks.create_task(voice.run(line, started), name="voice"))
        await started.wait()
        visiting = asyncio.Event()
        running.append(tasks.create_task(video.run(engine, estimates.predicted_ms, visiting), name="video"))
        await visiting.wait()
        running.append(tasks.create_task(telephones.run(), name="telephones"))
        running.append(tasks.create_task(link.run(), name="link"))
        shared = SharedAsterisk(voice, telephones)
        running.append(tasks.create_task(ari.run(shared), name="ari"))
        sweep = Sweep(voice, wiring, line, shared, telephones.legs)
        running.append(tasks.create_task(sweep.run(), name="sweep"))
        if not await _set_within(voice.up, _FIRST_CONTACT_S):
            link.asterisk_is_away()
        running.append(tasks.create_task(engine.run(), name="line"))
        hours = QueueHoursKeeper(engine, menus, lambda: view.closures(), clock)
        running.append(tasks.create_task(hours.run(), name="hours"))
        running.append(tasks.create_task(estimates.run(), name="estimates"))
        runner = await serve(app, settings.control_socket)
        running.append(tasks.create_task(reloader.run(), name="reload"))
        running.append(tasks.create_task(interface.run(desk), name="web"))
        pages = await serve_web(interface.application(desk, video.routes), settings)
        running.append(tasks.create_task(_say_ready(voice, notifier), name="ready"))
        await stop.wait()
        notifier.stopping()
        desk.live.streams.close()
        await pages.cleanup()
        await runner.cleanup()
        await engine.stop()
        for task in running:
            task.cancel()


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False


async def _say_ready(voice: Voice, notifier: Notifier) -> None:
    """Ready means that calls can be taken, not that the process was started."""
    await voice.up.wait()
    notifier.ready("taking calls")


def generation(home: Path) -> str:
    """Return the name of this home's journal: legs made for another journal are not ours."""
    path = home / "journal-name"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        path.write_text(uuid.uuid4().hex[:8], encoding="ascii")
    return path.read_text(encoding="ascii").strip()
