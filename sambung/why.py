"""``sambung why`` and ``sambung calls``: what is written down, in words. Works while nothing runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from acd.effects import Receipt, Rule
from acd.explain import Explanation as Candidates
from acd.explain import Journalled, Replay
from acd.model import Kind
from core.errors import Gone, Refused
from core.ids import parse_interaction_id
from sambung.centre import Centre
from sambung.settings import Settings
from store.queries import Queries
from store.views import Explanation, History, Summary

_RULES = {
    Rule.CONTACT_SEARCHED: "the contact looked for an agent",
    Rule.AGENT_PULLED: "the agent became free and took the next contact",
    Rule.PREFERRED: "the contact was kept for its preferred agent",
    Rule.DIRECTED: "the contact was for this agent alone",
}
_SHOWN = 10


async def why(settings: Settings, centre: Centre, text: str | None) -> int:
    """Print how an interaction went and the receipt of every offer that was made for it."""
    queries = await Queries.open(settings.database)
    try:
        history = await _find(queries, text)
        _print(_story(history, centre.zone))
        for explanation in history.receipts:
            _print(_receipt(explanation, centre.zone))
            _print(_candidates(await _explain(queries, explanation)))
    finally:
        await queries.close()
    return 0


async def replay(settings: Settings) -> int:
    """Run the whole journal again; return 1 if any decision differs from the one that was stored."""
    queries = await Queries.open(settings.database)
    again = Replay()
    entries = receipts = different = 0
    try:
        async for step in queries.journal_until():
            entries += 1
            receipts += len(step.receipts)
            difference = again.check(Journalled(*step))
            if difference is not None:
                different += 1
                _print([f"entry {difference.seq}: stored {difference.stored}, found {difference.found}"])
    finally:
        await queries.close()
    _print([f"{entries} journal entries run again, {receipts} decisions, {different} different."])
    return 1 if different else 0


async def calls(settings: Settings, centre: Centre, limit: int) -> int:
    """Print the newest interactions, newest first."""
    queries = await Queries.open(settings.database)
    try:
        _print(_summary(summary, centre.zone) for summary in await queries.recent(limit))
    finally:
        await queries.close()
    return 0


async def _find(queries: Queries, text: str | None) -> History:
    if text is None:
        newest = await queries.recent(1)
        if not newest:
            raise Gone("there is no interaction yet; `sambung drill call` makes one")
        identity = newest[0].interaction.id
    else:
        parsed = parse_interaction_id(text)
        if parsed is None:
            raise Refused(f"{text!r} is no interaction; `sambung calls` lists them")
        identity = parsed
    history = await queries.history(identity)
    if history is None:
        raise Gone(f"there is no interaction {identity}; `sambung calls` lists the newest")
    return history


async def _explain(queries: Queries, explanation: Explanation) -> Candidates | None:
    again = Replay(explanation.receipt.offer)
    async for step in queries.journal_until(explanation.seq):
        again.feed(step.at, step.event)
    return again.explanation


def _story(history: History, zone: ZoneInfo) -> Iterator[str]:
    contact = history.interaction
    end = contact.outcome.value if contact.outcome else f"still {contact.phase.value}"
    kind = "" if contact.kind is Kind.INBOUND else f"{contact.kind.value}, "
    yield f"Interaction {contact.id}: {kind}{contact.channel.value}, {end}"
    if contact.parent:
        yield f"  about {contact.parent}"
    for move in history.transitions:
        who = f", agent {move.agent}" if move.agent else ""
        queue = f", queue {move.queue}" if move.queue else ""
        yield f"  {_time(move.at, zone)} {move.phase.value:10} {move.cause} (by {move.actor.value}{queue}{who})"
    yield from _parts(history)
    yield from _said(history, zone)
    if history.recording:
        found = history.recording
        problems = ", ".join(problem.value for problem in found.problems) or "no problem found"
        yield f"  recording: {found.state.value}, {problems}"


def _parts(history: History) -> Iterator[str]:
    """Say what each agent did, and how long the contact waited for each."""
    for part in history.segments:
        spent = (
            ("wait", part.wait_ms),
            ("ring", part.ring_ms),
            ("talk", part.talk_ms),
            ("hold", part.hold_ms),
            ("wrap-up", part.wrap_ms),
        )
        times = ", ".join(f"{what} {ms / 1000:.1f} s" for what, ms in spent if ms)
        who = part.agent or "nobody"
        yield f"  part: {who} in queue {part.queue or '-'}: {times or 'no time'}, {part.result or 'still on'}"


def _said(history: History, zone: ZoneInfo) -> Iterator[str]:
    """Say what belongs to the contact. Notes are left out: they may hold personal data."""
    for other in history.related:
        end = other.outcome.value if other.outcome else "still on"
        yield f"  {other.kind.value} {other.id} at {_time(other.arrived_at, zone)}: {end}"
    for said in history.dispositions:
        follow_up = ", to be followed up" if said.follow_up else ""
        yield f"  category: {said.category} (by {said.agent}{follow_up})"
    for answer in history.survey:
        yield f"  survey: {answer.question} {answer.score}"
    for pause in history.pauses:
        what = f"paused: {pause.reason or 'no reason given'}" if pause.on else "goes on"
        yield f"  {_time(pause.at, zone)} recording {what} (by {pause.agent or 'itself'})"


def _receipt(explanation: Explanation, zone: ZoneInfo) -> Iterator[str]:
    receipt: Receipt = explanation.receipt
    yield f"Offer {receipt.offer} at {_time(explanation.at, zone)} (journal entry {explanation.seq}):"
    yield f"  rule: {_RULES[receipt.rule]}"
    yield (
        f"  of {receipt.in_queue} agents for queue {receipt.queue}: {receipt.skilled} with the skills, "
        f"{receipt.reachable} reachable, {receipt.ready_with_room} ready with room, "
        f"{receipt.not_excluded} left to choose from"
    )
    yield (
        f"  winner: {receipt.winner} (load {receipt.winner_load}, last contact ended "
        f"{_time(receipt.winner_since, zone)}); runner-up: {receipt.runner_up or 'nobody'}"
    )
    yield f"  score {receipt.score}, rank {receipt.rank}, relaxation step {receipt.step}"


def _candidates(found: Candidates | None) -> Iterator[str]:
    if found is None:
        return
    yield f"  candidates (waited {found.waited_ms / 1000:.1f} s, position {found.position}):"
    for candidate in found.candidates[:_SHOWN]:
        yield f"    {candidate.agent:8} load {candidate.load:3}  {candidate.verdict}"
    if len(found.candidates) > _SHOWN:
        yield f"    and {len(found.candidates) - _SHOWN} more who may not have it"


def _summary(summary: Summary, zone: ZoneInfo) -> str:
    contact = summary.interaction
    end = contact.outcome.value if contact.outcome else contact.phase.value
    return (
        f"{contact.id} {_time(contact.arrived_at, zone)} {contact.channel.value:8} {contact.queue or '-':10} "
        f"{contact.agent or '-':8} {end:10} wait {summary.wait_ms / 1000:.0f} s, talk {summary.talk_ms / 1000:.0f} s"
    )


def _time(at: int, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(at / 1000, zone):%Y-%m-%d %H:%M:%S %Z}" if at else "never"


def _print(lines: Iterator[str] | list[str]) -> None:
    sys.stdout.writelines(line + "\n" for line in lines)
