"""What the public interface is told of the centre: its words, its telephones, its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from acd.effects import CancelOffer
from acd.engine import Engine
from acd.events import OfferAccepted
from acd.model import Channel
from core.errors import Gone, Refused
from core.ids import AgentId, InteractionId, OfferId
from desk.bodies import (
    CategoryGroup,
    CategoryInfo,
    Named,
    PhoneAccount,
    ReasonInfo,
    Reference,
)
from desk.directory import TARGETS, Directory, Member
from desk.model import CallLive, LinkState, Party, Phone
from ivr.hours import next_opening
from pbx.commands import Command
from pbx.phones import WEB, Phones
from pbx.secrets import agent_password
from pbx.service import Voice
from pbx.settings import Secrets
from sambung.centre import Centre
from sambung.link import Link
from sambung.settings import Settings
from store.desk_figures import SqlFigures
from store.queries import Queries

_GROUPS: Final = (
    ("topic", {"id": "Topik layanan", "en": "Service topics"}),
    ("unserved", {"id": "Tidak terlayani", "en": "Not served"}),
)


def directory(centre: Centre) -> Directory:
    """Return the centre's words and people as the desk needs them."""
    profiles = {profile.id: profile for profile in centre.line_rules.profiles}
    members = {}
    for agent in centre.agents.values():
        rows = profiles[agent.rule.profile].rows
        members[agent.rule.id] = Member(
            name=agent.name,
            skills={str(skill): level for skill, level in agent.rule.skills.items()},
            queues=tuple(dict.fromkeys(row.queue for row in rows)),
            channels=frozenset(row.channel for row in rows),
        )
    served = {row.channel for profile in profiles.values() for row in profile.rows}
    return Directory(
        agents=members,
        queues={queue: dict(label) for queue, label in centre.queues.items()},
        rules={rule.id: rule for rule in centre.line_rules.queues},
        reasons={reason.id: reason.limit_ms for reason in centre.reasons},
        skills={skill: dict(label) for skill, label in centre.skills.items()},
        targets=TARGETS,
        channels=tuple(channel for channel in Channel if channel in served),
        reference=_reference(centre),
        articles=centre.articles,
    )


def _reference(centre: Centre) -> Reference:
    groups = []
    for id_, name in _GROUPS:
        found = [c for c in centre.categories if c.served == (id_ == "topic")]
        items = tuple(CategoryInfo(c.id, dict(c.name)) for c in found)
        groups.append(CategoryGroup(id_, name, items))
    return Reference(
        centre=dict(centre.name),
        zone=str(centre.zone),
        languages=tuple(Named(one.id, {one.id: one.name}) for one in centre.languages.values()),
        queues=tuple(Named(id_, dict(label)) for id_, label in centre.queues.items()),
        skills=tuple(Named(id_, dict(label)) for id_, label in centre.skills.items()),
        reasons=tuple(ReasonInfo(r.id, dict(r.name), r.limit_ms) for r in centre.reasons),
        categories=tuple(groups),
    )


def midnight(zone: ZoneInfo, now: int) -> int:
    """Return when the day of ``now`` began in ``zone`` (milliseconds UTC)."""
    day = datetime.fromtimestamp(now / 1_000, zone)
    return int(day.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1_000)


def voicemail_due(centre: Centre, settings: Settings, at: int) -> int:
    """Return when the caller should be called back of a message left at ``at`` (milliseconds UTC, as the answer).

    The time begins when the hours are open in which people are called.
    """
    hours = centre.hours.get(settings.outbound.hours)
    if hours is not None and not centre.always_open:
        opening = next_opening(hours, datetime.fromtimestamp(at / 1_000, centre.zone))
        if opening is not None:
            at = max(at, int(opening.timestamp() * 1_000))
    return at + settings.web.voicemail_due_ms


class SipDevices:
    """Telephones as Asterisk knows them: fills desk.ports.Devices."""

    def __init__(self, settings: Settings, secrets: Secrets, phones: Phones, link: Link) -> None:
        self._settings = settings
        self._secrets = secrets
        self._phones = phones
        self._link = link

    def phones(self, agent: AgentId) -> tuple[Phone, ...]:
        """Return the agent's devices, whether they are there or not."""
        web = agent + WEB
        return (
            Phone(web, "browser", self._phones.is_up(web)),
            Phone(agent, "telephone", self._phones.is_up(agent)),
        )

    def account(self, agent: AgentId) -> PhoneAccount:
        """Return what the agent's browser phone registers with."""
        asterisk = self._settings.asterisk
        return PhoneAccount(
            url=phone_url(self._settings),
            uri=f"sip:{agent}{WEB}@{asterisk.host}",
            user=agent + WEB,
            password=agent_password(self._secrets, agent),
            realm="asterisk",
            phones=self.phones(agent),
        )

    def links(self) -> tuple[LinkState, ...]:
        """Return the connections to the outside."""
        found: list[LinkState] = []
        for name, state in self._link.report().items():
            assert isinstance(state, Mapping)
            found.append(LinkState(name, bool(state["up"]), int(state["since"])))
        return tuple(found)


def phone_url(settings: Settings) -> str:
    """Return the WebSocket with which browser phones register."""
    web, asterisk = settings.web, settings.asterisk
    if web.phone_url:
        return web.phone_url
    if web.secure:
        host = web.address.removeprefix("https://").partition(":")[0]
        return f"wss://{host}:{asterisk.https_port}/ws"
    return f"ws://{asterisk.host}:{asterisk.http_port}/ws"


class WrittenDown:
    """Fills desk.ports.History."""

    def __init__(self, queries: Queries, figures: SqlFigures) -> None:
        self._queries = queries
        self._figures = figures

    async def interaction(self, identity: InteractionId) -> Any | None:
        """Return all of one interaction."""
        return await self._queries.history(identity)

    async def recent(self, limit: int) -> Sequence[Any]:
        """Return the newest interactions."""
        return await self._queries.recent(limit)

    async def known(self, identity: InteractionId) -> bool:
        """Whether it ever was here."""
        return bool(await self._queries.known([identity]))

    async def had(self, agent: AgentId, identity: InteractionId) -> bool:
        """Whether the agent ever had the contact."""
        return await self._figures.had(agent, identity)


class VoiceCalls:
    """Calls on Asterisk: fills desk.ports.Calls."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice

    async def command(self, command: Command) -> None:
        """Carry a command out. Raises Refused when it cannot be now, Gone when the call is over, TryLater."""
        await self._voice.command(command)

    def view(self, id_: InteractionId) -> CallLive | None:
        """Return who is in a call; None while nobody talks."""
        seen = self._voice.call_view(id_)
        if seen is None:
            return None
        return CallLive(
            parties=tuple(
                Party(party.who, party.agent, party.muted, party.held, party.joined, party.mode or "")
                for party in seen.parties
            ),
            recording="paused" if seen.recording_paused else "on",
            consult=seen.consult,
            talking_to=seen.talking_to,
        )


class DeskOffers:
    """Offers of channels that are worked at the desk: fills desk.ports.Offers."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def accept(self, id_: InteractionId, offer: OfferId) -> None:
        """Take it. Raises Refused for a call, and when a colleague was faster or it expired meanwhile."""
        contact = self._engine.state.interaction(id_)
        if contact is None:
            raise Gone("this contact is over")
        if contact.channel is Channel.VOICE:
            raise Refused("a call is taken by answering the telephone")
        effects = await self._engine.submit(OfferAccepted(offer=offer))
        for effect in effects:
            if isinstance(effect, CancelOffer) and effect.offer == offer:
                raise Refused(f"taken by {effect.taken_by}" if effect.taken_by else "the offer is over")
