"""`sambung voicemails`: the messages that callers left, and who works on them."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from core.errors import Refused
from core.ids import AgentId, InteractionId, parse_interaction_id
from recording.voicemail import Voicemail
from sambung.centre import Centre
from sambung.settings import Settings
from store.voicemails import SqlVoicemails


async def voicemails(
    settings: Settings, centre: Centre, action: str, id_: str | None, agent: str | None
) -> int:
    """List messages (``list``, ``all``), or give one to an agent (``take``), or finish it (``done``)."""
    rows = await SqlVoicemails.open(settings.database)
    try:
        if action in ("list", "all"):
            found = await rows.listed(done=action == "all")
            sys.stdout.write("\n".join(table(found, centre, settings.recordings)) + "\n")
            return 0
        await _change(rows, centre, action, _identity(id_), agent)
        return 0
    finally:
        await rows.close()


async def _change(
    rows: SqlVoicemails, centre: Centre, action: str, id_: InteractionId, agent: str | None
) -> None:
    now = int(time.time() * 1000)
    if action == "done":
        if not await rows.done(id_, now):
            raise Refused("there is no such message to finish; `sambung voicemails` lists them")
        return
    if agent is None or AgentId(agent) not in centre.agents:
        raise Refused(f"who takes it? `sambung voicemails take {id_} {next(iter(centre.agents))}`")
    if not await rows.take(id_, AgentId(agent), now):
        raise Refused("somebody has it already, or it is not there yet; `sambung voicemails` lists them")


def _identity(text: str | None) -> InteractionId:
    found = parse_interaction_id(text or "")
    if found is None:
        raise Refused("which message? `sambung voicemails` lists them by the first column")
    return found


def table(found: Sequence[Voicemail], centre: Centre, recordings: Path) -> list[str]:
    """Return the list as lines of text, or one that says that there is nothing."""
    if not found:
        return ["No messages."]
    lines = [f"{'message':34}{'left':18}{'queue':14}{'s':>4}  {'state':9}{'agent':8}from, file"]
    for one in found:
        left = datetime.fromtimestamp(one.at / 1000, centre.zone)
        seconds = "-" if one.length_ms is None else f"{one.length_ms / 1000:.0f}"
        file = recordings / one.file if one.file else "-"
        lines.append(
            f"{one.id:34}{left:%Y-%m-%d %H:%M}  {one.queue:14}{seconds:>4}  {one.state.value:9}"
            f"{one.agent or '-':8}{one.caller or 'withheld'}, {file}"
        )
    return lines
