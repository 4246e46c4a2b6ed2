"""``sambung agents``: who is there, what a telephone has to be told, and changes of intent."""

from __future__ import annotations

import sys

from core.errors import Gone, Refused
from core.ids import AgentId
from pbx.secrets import agent_password, load
from sambung.centre import Centre
from sambung.client import AgentState, ControlClient
from sambung.settings import Settings


async def listed(settings: Settings, centre: Centre) -> int:
    """Print every agent with state, reach and load."""
    async with ControlClient(settings.control_socket) as client:
        for agent in await client.agents():
            person = centre.agents.get(agent.id)
            name = person.name if person else ""
            reach = ", ".join(agent.reachable) or "-"
            sys.stdout.write(
                f"{agent.id:8} {name:10} {_state(agent):24} reach {reach:16} load {agent.load}\n"
            )
    return 0


def show(settings: Settings, centre: Centre, agent: str) -> int:
    """Print what to type into an agent's SIP telephone."""
    person = centre.agents.get(AgentId(agent))
    if person is None:
        raise Gone(f"no agent {agent!r}; `sambung agents` lists them")
    asterisk = settings.asterisk
    password = agent_password(load(settings.home), person.id)
    sys.stdout.write(
        f"user      {person.id}  ({person.name})\n"
        f"password  {password}\n"
        f"server    {asterisk.host}:{asterisk.sip_port}, UDP, codec PCMA (A-law)\n"
        f"browser   user {person.id}-web, wss://{asterisk.host}:{asterisk.https_port}/ws\n"
        f"then      dial *11 to be ready, *10 not to be; or `sambung agents ready {person.id}`\n"
    )
    return 0


async def set_intent(settings: Settings, agent: str, action: str, reason: str) -> int:
    """Make an agent ready (signing in first), not ready, or sign the agent out; print what came of it."""
    async with ControlClient(settings.control_socket) as client:
        match action:
            case "ready":
                await client.agent(agent, "sign-in")
                state = await client.agent(agent, "intent", ready=True)
            case "not-ready":
                state = await client.agent(agent, "intent", ready=False, reason=reason)
            case "sign-out":
                state = await client.agent(agent, "sign-out")
            case _:
                raise Refused(f"{action!r} is nothing that an agent does")
    sys.stdout.write(f"{state.id}: {_state(state)}\n")
    if state.ready and not state.reachable:
        sys.stdout.write(
            f"No telephone is registered; `sambung agents show {state.id}` says what to type in.\n"
        )
    return 0


def _state(agent: AgentState) -> str:
    if not agent.signed_in:
        return "signed out"
    return "ready" if agent.ready else f"not ready ({agent.reason or 'no reason yet'})"
