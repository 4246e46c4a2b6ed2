"""The passwords of one installation: made once, kept below the home."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import asdict
from pathlib import Path

from core.errors import Refused
from core.ids import AgentId
from pbx.files import create_whole
from pbx.settings import Secrets


def load(home: Path) -> Secrets:
    """Return the passwords in ``home/secrets.json``, making them first where there are none.

    Two processes that start at once get the same ones. Raises ``Refused`` if the file is not what we wrote.
    """
    path = home / "secrets.json"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        create_whole(path, json.dumps(asdict(_make()), indent=2) + "\n")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Secrets(ari=_text(found["ari"]), ami=_text(found["ami"]), agents=_text(found["agents"]))
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(f"{path} cannot be read; remove it and new passwords are made.") from error


def agent_password(secrets: Secrets, agent: AgentId) -> str:
    """Return the password of an agent's phones: HMAC-SHA256 of the id, first 20 hexadecimal digits."""
    return hmac.new(secrets.agents.encode(), agent.encode(), hashlib.sha256).hexdigest()[:20]


def _make() -> Secrets:
    return Secrets(ari=secrets.token_hex(16), ami=secrets.token_hex(16), agents=secrets.token_hex(32))


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) < 16:
        raise TypeError
    return value
