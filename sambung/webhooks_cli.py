"""``sambung webhooks``: where other systems are told what happens."""

from __future__ import annotations

import argparse
import re
import secrets
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from core.clock import SystemClock
from core.errors import Gone, Refused
from sambung.settings import Settings
from store.database import Database, parse
from store.desk_webhooks import TYPES, SqlWebhooks, Webhook
from store.migrate import upgrade

_URL: Final = re.compile(r"https?://[^\s\"'<>]{1,500}")


async def webhooks(settings: Settings, arguments: argparse.Namespace) -> int:
    """Do one action and return the exit status. Raises Refused or Gone with what is wrong."""
    database = Database(parse(settings.database))
    try:
        await upgrade(database.engine)
        await _act(SqlWebhooks(database), arguments)
    finally:
        await database.close()
    return 0


async def _act(store: SqlWebhooks, given: argparse.Namespace) -> None:
    if given.action == "list":
        return _print(_table(await store.all()))
    if given.target is None:
        raise Refused(
            f"which one? `sambung webhooks {given.action} {'URL' if given.action == 'add' else 'ID'}`"
        )
    if given.action == "add":
        return await _add(store, given.target, given.events)
    done = await (store.enable(given.target) if given.action == "enable" else store.remove(given.target))
    if not done:
        raise Gone(f"there is no webhook {given.target}; `sambung webhooks` lists them")
    return _print([f"{given.target}: {given.action}d."])


async def _add(store: SqlWebhooks, url: str, events: str) -> None:
    if not _URL.fullmatch(url):
        raise Refused("an address begins with https:// or http://")
    wanted = [name.strip() for name in events.split(",") if name.strip()] or list(TYPES)
    if unknown := sorted(set(wanted) - set(TYPES)):
        raise Refused(f"unknown event {unknown[0]}; allowed: {', '.join(TYPES)}")
    id_, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    await store.add(id_, url, secret, wanted, SystemClock().now_ms())
    _print([f"Webhook {id_} is told from now on. Its secret, shown once:", secret])


def _table(found: Sequence[Webhook]) -> Iterator[str]:
    yield f"{'id':8} {'state':9} {'place':>8} address"
    for one in found:
        state = "disabled" if one.disabled_at else "failing" if one.failing_since else "ok"
        since = one.disabled_at or one.failing_since
        when = f" since {datetime.fromtimestamp(since / 1000, UTC):%Y-%m-%d %H:%M} UTC" if since else ""
        why = f": {one.problem}, {one.attempts} times" if one.problem else ""
        yield f"{one.id:8} {state:9} {one.seq:8} {one.url}{when}{why}"


def _print(lines: list[str] | Iterator[str]) -> None:
    sys.stdout.writelines(line + "\n" for line in lines)
