"""What comes of many short calls besides their outcomes: callbacks, messages, consultations, scores, overflows."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from sqlalchemy import Connection, create_engine, make_url, text

from tests.integration.mixed_centre import MixedCentre


class Besides(NamedTuple):
    """Each counted in the database."""

    left_in: Counter[str]
    """In which phases customers hung up who had talked."""
    consults: Counter[str]
    callbacks: Counter[str]
    messages: int
    scores: int
    overflowed: int
    wrong: tuple[str, ...]
    """What does not agree with the calls, or with the telephones."""


_LEFT = """
select before, count(*) as n from (
    select t.phase, t.actor, lag(t.phase) over (partition by t.interaction order by t.seq, t.n) as before
    from transitions t join interactions i on i.id = t.interaction where i.kind = 'inbound')
where phase in ('wrapping', 'closed') and actor = 'customer' and before in ('talking', 'held', 'parked')
group by before
"""


def besides(busy: MixedCentre) -> Besides:
    """Count what else was written, and hold each promise and message against its call."""
    engine = create_engine(f"sqlite:///{make_url(busy.centre.settings.database).database}")
    with engine.connect() as connection:
        contacts = connection.execute(
            text("select id, kind, parent, caller, phase, outcome from interactions")
        ).all()
        found = Besides(
            left_in=Counter({row.before: row.n for row in connection.execute(text(_LEFT))}),
            consults=Counter(one.outcome for one in contacts if one.kind == "consult"),
            callbacks=Counter(one.outcome for one in contacts if one.kind == "callback"),
            messages=_count(connection, "voicemails"),
            scores=_count(connection, "survey_answers"),
            overflowed=_count(connection, "transitions where cause like 'overflow_%'"),
            wrong=(*_promises(busy, contacts), *_messages(connection, contacts)),
        )
    engine.dispose()
    return found


def _count(connection: Connection, what: str) -> int:
    return int(connection.execute(text(f"select count(*) from {what}")).scalar_one())


def _promises(busy: MixedCentre, contacts: Any) -> list[str]:
    """Whoever was promised a call got one, and nobody answered twice."""
    promised = {one.id: one for one in contacts if one.kind == "inbound" and one.outcome == "callback"}
    made = Counter(one.parent for one in contacts if one.kind == "callback")
    homes = busy.mix.homes
    wrong = [
        f"promised once, made {made[id_]} times: {one}" for id_, one in promised.items() if made[id_] != 1
    ]
    wrong += [f"called without a promise: {id_}" for id_ in made if id_ not in promised]
    handled = {one.parent for one in contacts if one.kind == "callback" and one.outcome == "handled"}
    for id_, one in promised.items():
        if homes.reached[one.caller] > 1 or homes.reached[one.caller] < (id_ in handled):
            wrong.append(f"answered {homes.reached[one.caller]} of {homes.rung[one.caller]} calls: {one}")
    return wrong


def _messages(connection: Connection, contacts: Any) -> list[str]:
    """Whoever left a message has one, and nobody else but those who hung up on it while control was away."""
    left = {one.id for one in contacts if one.outcome == "voicemail"}
    kept = set(connection.execute(text("select id from voicemails")).scalars())
    away = set(
        connection.execute(
            text("select interaction from transitions where cause = 'unknown_restart'")
        ).scalars()
    )
    return [
        *(f"left a message that is not there: {id_}" for id_ in left - kept),
        *(f"a message of nobody's: {id_}" for id_ in kept - left - away),
    ]
