"""What has to be there before Asterisk starts: itself, the prompts, and its configuration from ours."""

from __future__ import annotations

from collections.abc import Callable

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
    speak.render(centre.prompts, settings.asterisk.prompts)
    passwords = secrets.load(settings.home)
    phones = [
        PhoneAccount(agent, secrets.agent_password(passwords, agent), fallback=agent in centre.fallback)
        for agent in centre.agents
    ]
    files = render(settings.asterisk, install, passwords, phones, Machine.this())
    write(settings.asterisk, files)
    return asterisk.command(install, settings.asterisk)
