"""Accounts with which a newcomer tries the centre out. Made only where the settings say so."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from typing import NamedTuple

from acd.model import Channel
from core.ids import AgentId
from pbx.settings import Secrets
from sambung.centre import Centre
from workforce.accounts import Role, User


class Demo(NamedTuple):
    """An account and its password."""

    user: User
    password: str


def demo_users(centre: Centre, secrets: Secrets) -> Iterator[Demo]:
    """Yield one account for each role; the agents are the first two of the centre and one who takes video calls."""
    agents = list(centre.agents)
    seeing = {
        profile.id
        for profile in centre.line_rules.profiles
        if any(row.channel is Channel.VIDEO for row in profile.rows)
    }
    by_video = next((id_ for id_, agent in centre.agents.items() if agent.rule.profile in seeing), None)
    for name, role, agent in (
        ("agen", Role.AGENT, agents[0] if agents else None),
        ("agen2", Role.AGENT, agents[1] if len(agents) > 1 else None),
        ("video", Role.AGENT, by_video),
        ("penyelia", Role.SUPERVISOR, agents[-1] if len(agents) > 2 else None),
        ("mutu", Role.QA, None),
        ("admin", Role.ADMIN, None),
    ):
        title = centre.agents[agent].name if agent else name.capitalize()
        yield Demo(User(name, role, title, AgentId(agent) if agent else None), password(secrets, name))


def password(secrets: Secrets, name: str) -> str:
    """Return a demo account's password: of this home alone, as random as the home's other secrets."""
    digest = hmac.new(secrets.agents.encode(), f"demo:{name}".encode(), hashlib.sha256).digest()
    text = base64.b32encode(digest[:10]).decode().lower()
    return "-".join(text[n : n + 4] for n in range(0, 16, 4))


def wall_token(secrets: Secrets) -> str:
    """Return what the wallboard's screen shows instead of signing in."""
    return hmac.new(secrets.agents.encode(), b"wallboard", hashlib.sha256).hexdigest()[:40]
