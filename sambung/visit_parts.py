"""Video calls as the application puts them together: what visitors are told, and the line as visits see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from acd.effects import Effect
from acd.engine import Engine
from acd.events import Event
from acd.model import Channel, Kind, Need
from acd.views import InteractionView
from core.clock import Clock
from core.ids import AgentId, InteractionId
from desk.ports import Closure
from desk.visit_model import ConsentInfo, Refusal, TopicInfo, Welcome
from desk.visit_ports import TWICE, Telephone
from ivr.hours import is_open, next_opening
from pbx.outbound import allowed
from pbx.outbound_model import Denial, OutboundRules
from sambung.centre import Centre
from sambung.centre_video import VideoDesk
from video.visit import Destination
from video.visit_commands import callback_id


class VisitEngineLine:
    """Fills ``video.visit_ports.VisitLine``."""

    def __init__(self, engine: Engine, predicted: Callable[[InteractionId], int | None]) -> None:
        """``predicted`` gives the wait that four of five do not exceed, in milliseconds, or None if unknown."""
        self._engine = engine
        self._predicted = predicted

    def post(self, event: Event) -> None:
        """Hand an event over."""
        self._engine.post(event)

    async def submit(self, *events: Event) -> Sequence[Effect]:
        """Hand events over together and wait until they are journalled."""
        return await self._engine.submit(*events)

    def live_visits(self) -> Iterable[InteractionView]:
        """Return every video contact that is not closed."""
        return [contact for contact in self._engine.state.live() if contact.channel is Channel.VIDEO]

    def contact(self, interaction: InteractionId) -> InteractionView | None:
        """Return a contact that is not closed."""
        return self._engine.state.interaction(interaction)

    def position(self, interaction: InteractionId) -> int | None:
        """Return a waiting contact's place in its queue, from 1."""
        return self._engine.state.position(interaction)

    def predicted_ms(self, interaction: InteractionId) -> int | None:
        """Return by when four of five such contacts have been answered."""
        return self._predicted(interaction)


class CentreLobby:
    """Fills ``desk.visit_ports.Lobby``."""

    def __init__(
        self, centre: Centre, video: VideoDesk, engine: Engine, closure: Closure, telephone: str, clock: Clock
    ) -> None:
        """``telephone`` is the number to call instead."""
        self._centre = centre
        self._video = video
        self._engine = engine
        self._closure = closure
        self._telephone = telephone
        self._clock = clock
        self.calls_back = False
        """Whether who does not want to wait may be called instead."""
        self.up: Callable[[], bool] = lambda: True
        """Whether a room can be had."""

    def welcome(self) -> Welcome:
        """Return how things stand now."""
        centre, video = self._centre, self._video
        refusal, opens_at = self._refusal()
        consent = video.consent
        return Welcome(
            centre=dict(centre.name),
            zone=str(centre.zone),
            languages=tuple(centre.languages),
            open=refusal is None,
            refusal=refusal,
            opens_at=opens_at,
            topics=tuple(TopicInfo(topic.id, dict(topic.name)) for topic in video.topics.values()),
            consent=ConsentInfo(consent.version, dict(consent.text), consent.without),
            prepare=tuple(dict(label) for label in video.prepare),
            waiting=sum(
                contact.channel is Channel.VIDEO and contact.agent is None
                for contact in self._engine.state.live()
            ),
            telephone=self._telephone,
            calls_back=self.calls_back,
        )

    def destination(self, topic: str, language: str) -> Destination | None:
        """Return where a topic leads in a language."""
        found, spoken = self._video.topics.get(topic), self._centre.languages.get(language)
        if found is None or spoken is None:
            return None
        return Destination(found.queue, (Need(spoken.skill),) if spoken.skill else ())

    def _refusal(self) -> tuple[Refusal | None, int | None]:
        if self._closure.state[0]:
            return Refusal.CLOSED, None
        if not self._centre.always_open:
            hours = self._centre.hours[self._video.hours]
            now = datetime.fromtimestamp(self._clock.now_ms() / 1_000, self._centre.zone)
            if not is_open(hours, now):
                opening = next_opening(hours, now)
                return Refusal.HOURS, None if opening is None else int(opening.timestamp() * 1_000)
        return (None, None) if self.up() else (Refusal.MEDIA, None)


class OutgoingNumbers:
    """Which telephones visitors may be called on: fills ``desk.visit_ports.Numbers``."""

    def __init__(self, engine: Engine, rules: OutboundRules) -> None:
        self._engine = engine
        self._rules = rules

    def telephone(self, text: str) -> Telephone:
        """Return the telephone meant by ``text``, or why it is not called."""
        if not self._rules.allow:
            return Telephone("", Denial.OFF)
        number = allowed(text, self._rules)
        if isinstance(number, Denial):
            return Telephone("", number)
        waiting = (
            allowed(contact.caller, self._rules)
            for contact in self._engine.state.live()
            if contact.kind is Kind.CALLBACK
        )
        return Telephone(number, TWICE if number in waiting else "")

    def promised(self, id_: InteractionId) -> str | None:
        """Return the telephone on which a visitor is to be called, if that was promised and not yet done."""
        contact = self._engine.state.interaction(callback_id(id_))
        return None if contact is None else contact.caller


def first_name(centre: Centre, agent: AgentId) -> str:
    """Return the name by which visitors know an agent."""
    found = centre.agents.get(agent)
    return found.name.partition(" ")[0] if found else ""
