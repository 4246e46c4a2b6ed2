"""The drill by video: a visitor and an agent, each in a browser of its own, prove the running centre from outside.

The visitor's camera shows red and its microphone hears 650 Hz, the agent's blue and 1,200 Hz; the screen that the
visitor shares is green. Who sees and hears whom, and who is on which track of the recording, is told by that.
"""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Final

import aiohttp
import msgspec

from acd.model import Channel, Outcome, Phase
from core.errors import Gone, Refused, SambungError, TryLater
from core.ids import AgentId, InteractionId, parse_interaction_id
from desk.visit_model import Welcome
from sambung.centre import Centre
from sambung.client import ControlClient
from sambung.drill_timeline import Over, Step, Steps, Timeline, until
from sambung.drill_video_account import Account, account
from sambung.drill_video_browser import find
from sambung.drill_video_media import AGENT, SCREEN, VISITOR, Face, check
from sambung.drill_video_side import Side, open_side
from sambung.drill_way import Way, takers
from sambung.settings import Settings
from store.database import Database, parse
from store.desk_accounts import SqlAccounts
from store.media import SqlMedia
from store.views import History
from video.model import ParticipantId, RoomId
from video.ports import Media
from video.visit import VISITOR as VISITOR_ID

_LANGUAGE: Final = "id"
"""Pages speak it to whoever has chosen none."""
_PAGE_S: Final = 30.0
_LINE_S: Final = 30.0
_RECORDER_S: Final = 60.0


async def drill_video(
    settings: Settings,
    centre: Centre,
    *,
    browser: str | None = None,
    told: Callable[[Step], None] = lambda _: None,
) -> Timeline:
    """Visit the running centre by video and answer as one of its agents.

    ``browser`` is a Chromium's path; without one the system's is used. ``told`` hears of each step at once. Nothing is
    raised for a centre that does not do its part: the timeline says which step went wrong. The agent is one whom
    nobody uses at the time, signed in by an account that is made for the drill and removed after it.
    """
    steps = Steps(told)
    drill = VideoDrill(settings, centre, steps)
    async with AsyncExitStack() as stack:
        with suppress(Over):
            await drill.prepare(stack, browser)
            await drill.wait_in_line(stack)
            await drill.meet()
            await drill.share_and_write()
            await drill.part()
            await drill.look_back()
    return steps.timeline


class VideoDrill:
    """The parts of the drill, to be done in order. Each raises Over at the step that is wrong."""

    visitor: Side
    desk: Side

    def __init__(self, settings: Settings, centre: Centre, steps: Steps) -> None:
        self._settings = settings
        self._centre = centre
        self._steps = steps
        self._url = settings.web.address

    # --- the parts in order -------------------------------------------------------------------------------

    async def prepare(self, stack: AsyncExitStack, browser: str | None) -> None:
        """Find an agent and a topic, and have both at their pages."""
        async with self._steps.step("there is a browser"):
            program = find(browser)
        async with self._steps.step("control answers"):
            self._control = await stack.enter_async_context(ControlClient(self._settings.control_socket))
        async with self._steps.step("visitors are let in"):
            await self._welcome()
            self._topic, self._agent = await self._choose()
        async with self._steps.step(f"an account for agent {self._agent} is made"):
            title = self._centre.agents[self._agent].name
            # It is the running centre's: the drill does not bring it up to date.
            self._database = Database(parse(self._settings.database))
            stack.push_async_callback(self._database.close)
            made = await stack.enter_async_context(account(SqlAccounts(self._database), self._agent, title))
        async with self._steps.step("both browsers run"):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sambung-drill-")))
            self.visitor, self.desk = [
                await stack.enter_async_context(open_side(name, face, program, folder / face.colour))
                for name, face in (("the visitor", VISITOR), ("the agent", AGENT))
            ]
        async with self._steps.step(f"agent {self._agent} signs in"):
            stack.push_async_callback(self._sign_out)
            await self._sign_in(made)

    async def wait_in_line(self, stack: AsyncExitStack) -> None:
        """Come as a visitor and wait."""
        visitor = self.visitor
        async with self._steps.step("the visitor waits"):
            await visitor.open(f"{self._url}/panggilanvideo")
            await visitor.on("ready")
            await visitor.does("press", "Izinkan kamera dan mikrofon")
            await visitor.does("sees_itself")
            await visitor.does("fill", "Nama", "Drill")
            await visitor.does("fill", "Keperluan", self._topic)
            await visitor.does("agree")
            await visitor.does("press", "Masuk antrean")
            stack.push_async_callback(self._go)
            await visitor.on("waiting")
            self._steps.timeline.interaction = parse_interaction_id(await visitor.ask("visit"))
            await self._until_phase((Phase.WAITING,))

    async def meet(self) -> None:
        """Offer, accept, and look each other in the face."""
        visitor, desk = self.visitor, self.desk
        async with self._steps.step(f"the visitor is offered to agent {self._agent}"):
            await self._control.agent(self._agent, "intent", ready=True, reason="")
            history = await self._until_phase((Phase.OFFERED,))
            if history.interaction.agent != self._agent:
                raise Refused(f"it is offered to {history.interaction.agent}")
        async with self._steps.step("the agent accepts"):
            await until(self._accepted, _PAGE_S, "the call does not begin")
            await visitor.on("call")
        for one, other in ((visitor, desk), (desk, visitor)):
            async with self._steps.step(f"{one.name} sees {other.name}") as done:
                done(f"{await one.sees(other.face.colour)} frames")
        for one, other in ((visitor, desk), (desk, visitor)):
            async with self._steps.step(f"{one.name} hears {other.name}") as done:
                hertz, level = await one.hears(other.face.hz)
                done(f"{hertz:.0f} Hz at {level:.0f} dB")

    async def share_and_write(self) -> None:
        """Show a screen; write each other."""
        visitor, desk = self.visitor, self.desk
        async with self._steps.step("the agent sees the visitor's screen") as done:
            await visitor.does("press", "Bagikan layar")
            done(f"{await desk.sees(SCREEN)} frames")
        for one, other in ((visitor, desk), (desk, visitor)):
            async with self._steps.step(f"{other.name} reads what {one.name} writes"):
                text = f"drill {secrets.token_hex(4)}"
                if one is visitor:
                    await visitor.does("press", "Obrolan")
                    await desk.does("press", "Obrolan")
                await one.does("fill", "Pesan untuk", text)
                await one.does("send", "Pesan untuk")
                await other.does("reads", text)

    async def part(self) -> None:
        """End the call as the visitor."""
        async with self._steps.step("the visitor ends the call"):
            await self.visitor.does("press", "Akhiri panggilan")
            await self.visitor.on("done")

    async def look_back(self) -> None:
        """Check what is written down and what was recorded."""
        async with self._steps.step("the interaction is closed as handled") as done:
            await self._until_phase((Phase.WRAPPING, Phase.CLOSED))
            await self._control.wrap_up_done(self._interaction)
            history = await self._until_phase((Phase.CLOSED,))
            if history.interaction.outcome is not Outcome.HANDLED:
                raise Refused(f"its outcome is {history.interaction.outcome}")
            done(f"talk {sum(segment.talk_ms for segment in history.segments)} ms")
        async with self._steps.step("the recording is finished") as done:
            media = await self._recorded()
            if media.gaps:
                raise Refused(f"it has gaps: {', '.join(gap.why for gap in media.gaps)}")
            done(f"{media.length_ms} ms")
        async with self._steps.step("the recording shows and sounds like both") as done:
            agents = {leg.participant for leg in media.legs} - {VISITOR_ID}
            if len(agents) != 1:
                raise Refused(f"beside the visitor it has the sound of {len(agents)}")
            sides: dict[ParticipantId, Face] = {VISITOR_ID: VISITOR, agents.pop(): AGENT}
            done(await asyncio.to_thread(check, media, self._settings.recordings, sides, VISITOR_ID))

    # --- what they are made of ----------------------------------------------------------------------------

    async def _welcome(self) -> None:
        """Refuse to get between real visitors and their agents."""
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"{self._url}/api/v1/public/video") as answer,
            ):
                now = msgspec.json.decode(await answer.read(), type=Welcome)
        except aiohttp.ClientError as error:
            raise TryLater(f"{self._url} does not answer: {error}") from None
        if not now.open:
            raise Refused(f"nobody can wait by video now: {now.refusal}")
        if now.waiting:
            raise TryLater(f"{now.waiting} wait by video; the drill would come between them and their agent")

    async def _choose(self) -> tuple[str, AgentId]:
        """Return a topic, and an agent for it whom nobody uses."""
        video, spoken = self._centre.video, self._centre.languages.get(_LANGUAGE)
        if video is None or spoken is None:
            raise Refused("this centre takes no video calls in Indonesian")
        needs = {spoken.skill: 1} if spoken.skill else {}
        used = {agent.id for agent in await self._control.agents() if agent.signed_in or agent.reachable}
        for topic in video.topics.values():
            way = Way((), topic.queue, needs)
            for agent in takers(way, self._centre.line_rules, Channel.VIDEO):
                if agent not in used:
                    return topic.id, agent
        raise TryLater("every video agent is signed in; the drill needs one whom nobody uses")

    async def _sign_in(self, made: Account) -> None:
        desk = self.desk
        await desk.open(f"{self._url}/masuk")
        await desk.does("fill", "Nama pengguna", made.name)
        await desk.does("fill", "Kata sandi", made.password)
        await desk.does("press", "Masuk")
        await desk.until(lambda: desk.ask("at", "/meja"), "the desk does not open")
        await self._control.agent(self._agent, "sign-in")
        await until(self._is_reachable, _LINE_S, "control does not see the agent's desk")

    async def _is_reachable(self) -> bool:
        return any(a.id == self._agent and Channel.VIDEO in a.reachable for a in await self._control.agents())

    async def _accepted(self) -> bool:
        # A press right after the card appeared is not meant for it.
        await self.desk.ask("press", "Terima")
        return (await self._history()).interaction.phase is Phase.TALKING

    async def _sign_out(self) -> None:
        with suppress(Over):
            async with self._steps.step(f"agent {self._agent} signs out"):
                await self._control.agent(self._agent, "sign-out")

    async def _go(self) -> None:
        """Leave no visitor behind, wherever the drill stopped."""
        with suppress(SambungError):
            for name in ("Akhiri panggilan", "Keluar dari antrean"):
                if await self.visitor.ask("press", name):
                    await self.visitor.on("done")

    @property
    def _interaction(self) -> InteractionId:
        if self._steps.timeline.interaction is None:
            raise Gone("the visit has no interaction")
        return self._steps.timeline.interaction

    async def _history(self) -> History:
        return await self._control.get(f"/interactions/{self._interaction}", History)

    async def _until_phase(self, phases: tuple[Phase, ...]) -> History:
        async def reached() -> History | None:
            history = await self._history()
            return history if history.interaction.phase in phases else None

        try:
            return await until(reached, _LINE_S, f"the interaction does not reach {phases[0]}")
        except TryLater as late:
            now = (await self._history()).interaction
            raise TryLater(f"{late}; it is {now.phase}, agent {now.agent}") from None

    async def _recorded(self) -> Media:
        kept, room = SqlMedia(self._database), RoomId(self._interaction)
        return await until(lambda: kept.find(room), _RECORDER_S, "the recorder has not finished it")
