"""Callbacks that are promised and not begun: a customer has at most one in a queue, and none for what is settled."""

from __future__ import annotations

from acd.effects import Effect
from acd.model import Kind, Outcome, Party, Phase
from acd.records import Contact
from acd.state import State
from acd.transitions import drop, known

_PENDING = (Phase.WAITING, Phase.OFFERED, Phase.PARKED)


def promised(s: State, c: Contact, out: list[Effect]) -> None:
    """Have a callback that is put in a queue stand for those promised before, at the best of their places."""
    if c.kind is not Kind.CALLBACK:
        return
    s.callbacks.setdefault(c.caller, {})[c.id] = c
    for older in _pending(s, c):
        c.origin = min(c.origin, older.origin)
        drop(s, older, out, Outcome.DEFLECTED, "promised_anew", Party.SYSTEM)


def served(s: State, c: Contact, out: list[Effect]) -> None:
    """Call nobody back who called again and has an agent."""
    if c.kind is Kind.INBOUND:
        for callback in _pending(s, c):
            drop(s, callback, out, Outcome.DEFLECTED, "served_meanwhile", Party.SYSTEM)


def _pending(s: State, c: Contact) -> list[Contact]:
    """Return the callbacks promised before ``c`` arrived to the same customer, on its channel and in its queue."""
    if not known(c) or c.caller not in s.callbacks:
        return []
    callbacks = sorted(s.callbacks[c.caller].values(), key=lambda callback: callback.number)
    alike = (p for p in callbacks if p.queue == c.queue and p.channel is c.channel)
    return [p for p in alike if p.number < c.number and p.phase in _PENDING]
