"""``sambung ivr``: a menu drawn as a picture, and walked in the terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from core.document import TELEPHONE_NUMBER, unknown
from core.errors import Refused
from ivr.model import Flow, Spoken
from ivr.picture import Texts, dot, text
from ivr.picture_svg import svg
from sambung.centre import Centre
from sambung.ivr_try import Line, Walk
from sambung.menus import flaw_of
from sambung.settings import Settings

Drawing = Callable[[Flow, Texts, str], Iterator[str]]


def draw(centre: Centre, menu: str, svg_file: Path | None, *, as_dot: bool) -> int:
    """Print a menu, or write it as an SVG file.

    Raises:
        Refused: there is no such menu, it is too deep to be drawn, or the file cannot be written.
    """
    drawing: Drawing = svg if svg_file else dot if as_dot else text
    try:
        lines = list(drawing(_flow(centre, menu), texts(centre), menu))
    except RecursionError:
        raise Refused("the menu is too deep to be drawn") from None
    if svg_file is None:
        print("\n".join(lines))
        return 0
    try:
        svg_file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as e:
        raise Refused(f"{svg_file} cannot be written: {(e.strerror or 'error').lower()}") from None
    print(f"{svg_file}: open it in a browser")
    return 0


def try_out(settings: Settings, centre: Centre, menu: str, at: str, line: Line) -> int:
    """Walk a menu in the terminal: what is spoken is printed, keys come from standard input.

    ``menu`` is its name, or a dialled number that leads to it.

    Raises:
        Refused: there is no such menu, or ``at`` is no time.
    """
    flow = _flow(centre, menu)
    walk = Walk(centre, flow, _moment(centre, at), line, lambda number: flaw_of(number, settings.outbound))
    asking = sys.stdin.isatty()
    for said in walk.begin():
        print(said)
    while not walk.over:
        print(f"  [{walk.choices()}]")
        typed = input("> ") if asking else sys.stdin.readline()
        if not asking and not typed:
            break
        if not asking:
            print(f"> {typed.strip()}")
        for said in walk.take(typed.strip()):
            print(said)
    print(walk.summary())
    return 0


def _flow(centre: Centre, menu: str) -> Flow:
    if menu in centre.flows or TELEPHONE_NUMBER.pattern.fullmatch(menu):
        return centre.flow(menu)
    raise Refused(unknown(menu, tuple(centre.flows), "unknown menu"))


def texts(centre: Centre) -> Texts:
    """Return what each prompt says, in the first language unless another is asked for."""

    def said(spoken: Spoken) -> str:
        return centre.prompts.texts[spoken.prompt].get(spoken.language or centre.language, spoken.prompt)

    return said


def _moment(centre: Centre, at: str) -> datetime:
    """Return the moment meant by ``2026-12-24 19:00``, by ``19:00`` (today), or by nothing (now)."""
    now = datetime.now(centre.zone)
    if not at:
        return now
    try:
        moment = datetime.fromisoformat(at if "-" in at else f"{now.date()} {at}")
    except ValueError:
        raise Refused(f'--at "{at}": write it as "2026-12-24 19:00", or "19:00" for today') from None
    return moment.astimezone(centre.zone) if moment.tzinfo else moment.replace(tzinfo=centre.zone)


def run(arguments: argparse.Namespace, settings: Settings, centre: Centre) -> int:
    """Do what was asked for; raises as ``draw`` and ``try_out`` do."""
    if arguments.action == "draw":
        return draw(centre, arguments.menu, arguments.svg, as_dot=arguments.dot)
    caller = Line().caller if arguments.caller is None else arguments.caller
    closures = centre.closures(arguments.closed is not None, arguments.closed or "")
    line = Line(caller, max(0, arguments.position), round(max(0.0, arguments.wait) * 60_000), closures)
    # Business hours are what is tried: a centre that is always open for a newcomer is not.
    centre = replace(centre, always_open=False) if arguments.at else centre
    return try_out(settings, centre, arguments.dialled or arguments.menu, arguments.at, line)
