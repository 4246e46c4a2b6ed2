"""What has to be there before Asterisk starts: itself, the prompts, and its configuration from ours."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from ivr import speak
from pbx import asterisk, secrets
from pbx.render import Machine, PhoneAccount, render, write
from pbx.root import cache_folder, ensure
from sambung.centre import Centre
from sambung.settings import Settings


def prepare(settings: Settings, centre: Centre, progress: Callable[[str], None]) -> tuple[str, ...]:
    """Make everything ready and return the command that runs Asterisk in the foreground.

    Blocks: at a first start Asterisk may be fetched and the prompts spoken, for a minute. Raises ``Refused``,
    ``TryLater`` or ``ConfigError`` with what is missing.
    """
    install = ensure(cache_folder(), progress)
    progress("Making the prompts")
    speak.render(centre.prompts, settings.asterisk.prompts, kept=kept_prompts())
    passwords = secrets.load(settings.home)
    phones = [
        PhoneAccount(agent, secrets.agent_password(passwords, agent), fallback=agent in centre.fallback)
        for agent in centre.agents
    ]
    files = render(settings.asterisk, install, passwords, phones, Machine.this())
    write(settings.asterisk, files)
    return asterisk.command(install, settings.asterisk)


def kept_prompts() -> Path:
    """Return where spoken prompts are kept for every centre of this user."""
    return cache_folder() / "prompts"


def become_asterisk(settings: Settings, centre: Centre) -> NoReturn:
    """Prepare everything and turn this process into Asterisk: what systemd runs. Raises as `prepare` does."""
    command = prepare(settings, centre, lambda line: print(line, flush=True))
    os.execv(command[0], command)  # noqa: S606 -- Asterisk, by its full path
