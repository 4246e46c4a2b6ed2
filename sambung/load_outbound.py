"""The part of the settings that says which telephones outside may be called."""

from __future__ import annotations

import re
from typing import Final

from core.document import IDENTIFIER, TELEPHONE_NUMBER, Form, Node
from pbx.outbound_model import CallbackRules, First, OutboundRules

_PREFIX: Final = Form(re.compile(r"\+[1-9][0-9]{0,14}"), "the beginning of a number in E.164, such as +62")
_COUNTRY: Final = Form(re.compile(r"[A-Z]{2}"), "a country in two capital letters (ISO 3166), such as ID")
_CALLBACK: Final = ("callback", "callback_tries", "callback_again", "callback_confirm")


def read_outbound(node: Node) -> tuple[OutboundRules, CallbackRules]:
    """Return the rules of outgoing calls and of callbacks in ``node``, which may be absent."""
    it = node.fields(
        *("allow", "refuse", "own", "country", "caller", "national", "agent_per_day", "per_day", "at_once"),
        *("hours", "ring", *_CALLBACK),
        optional=True,
    )
    default, callback = OutboundRules(), CallbackRules()
    own = tuple(item.text(form=TELEPHONE_NUMBER) for item in it["own"].items(optional=True))
    rules = OutboundRules(
        allow=_prefixes(it["allow"], default.allow),
        refuse=_prefixes(it["refuse"], default.refuse),
        own=own,
        country=it["country"].text(default.country, form=_COUNTRY),
        caller=it["caller"].text(default.caller, form=TELEPHONE_NUMBER),
        national=it["national"].flag(default.national),
        agent_per_day=it["agent_per_day"].integer(0, 10_000, default.agent_per_day),
        per_day=it["per_day"].integer(0, 1_000_000, default.per_day),
        at_once=it["at_once"].integer(0, 10_000, default.at_once),
        hours=it["hours"].text(default.hours, form=IDENTIFIER),
        ring_ms=it["ring"].duration(5_000, 120_000, default.ring_ms),
    )
    return rules, CallbackRules(
        first=First(it["callback"].choice([first.value for first in First], callback.first.value)),
        tries=it["callback_tries"].integer(1, 20, callback.tries),
        again_ms=it["callback_again"].duration(1_000, 86_400_000, callback.again_ms),
        confirm_ms=it["callback_confirm"].duration(2_000, 60_000, callback.confirm_ms),
    )


def _prefixes(node: Node, default: tuple[str, ...]) -> tuple[str, ...]:
    if not node.present:
        return default
    return tuple(dict.fromkeys(item.text(form=_PREFIX) for item in node.items() if item.content))
