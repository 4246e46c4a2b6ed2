"""``sambung reload``: asks the running control process, and tells what came of it."""

from __future__ import annotations

import sys

from sambung.client import ControlClient
from sambung.settings import Settings


async def reload(settings: Settings) -> int:
    """Have the centre's files read again; return the exit status.

    Raises:
        TryLater: control is not running or does not answer.
    """
    async with ControlClient(settings.control_socket) as client:
        done = await client.reload()
    for problem in done.problems:
        print(problem, file=sys.stderr)
    if done.problems:
        print(f"sambung: {len(done.problems)} to mend; nothing was changed.", file=sys.stderr)
        return 1
    rules = "The line has new rules. " if done.rules else ""
    print(f"New calls get the menus as they are now. {rules}{done.spoken} prompts were made anew.")
    if done.later:
        print(f"Changed too, and in force once the centre is started anew: {', '.join(done.later)}.")
    return 0
