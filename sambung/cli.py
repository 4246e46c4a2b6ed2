"""``sambung``: the command inside a checkout or an installation. Each subcommand is one function."""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.errors import ConfigError, Gone, Refused, TryLater
from sambung import logs
from sambung.load import load
from sambung.settings import Settings
from sambung.web_options import history_options, undo_options, user_options, visit_options, webhook_options

if TYPE_CHECKING:
    from sambung.centre import Centre

# Commands import what they need when they run: `sambung status` must not wait for SQLAlchemy or aiohttp's server,
# and conversations wait for `sambung sfu`.

_CONFIG: Final = Path(__file__).resolve().parent.parent / "config"

_USUAL: Final = gc.get_threshold()
_MANY: Final = 100_000
"""New objects after which garbage is looked for while starting: what is imported and read stays, and to look through
it every few hundred objects is a sixth of a start."""

Command = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0 done, 1 something is wrong, 2 wrong use."""
    arguments = _parser().parse_args(argv)
    command: Command = arguments.command
    try:
        return command(arguments)
    except ConfigError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        print(f"sambung: {len(error.problems)} to mend; nothing was started.", file=sys.stderr)
        return 1
    except (Refused, TryLater, Gone) as error:
        print(f"sambung: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sambung", description="The contact centre Sambung.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    shared = _shared()

    def add(name: str, command: Command, text: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, parents=[shared], help=text, description=text)
        one.set_defaults(command=command)
        return one

    add("up", _up, "run the whole centre in the foreground")
    add("check", _check, "validate every configuration file")
    status = add("status", _status, "what is up, what is not, and since when")
    status.add_argument("--json", action="store_true")
    add("reload", _reload, "read the centre's files again, without touching calls in progress")
    history_options(add("history", _history, "what the centre's files were, and who changed them"))
    undo_options(add("undo", _undo, "return a file of the centre to an earlier version"))
    drill = add("drill", _drill, "test the running centre with a synthetic caller, or visitor by video")
    drill.add_argument("what", choices=["call", "video"])
    drill.add_argument("--browser", metavar="PATH", help="video: a Chromium; without one, the system's")
    add("try", _try, "have a synthetic citizen call, so that a ready agent's telephone rings")
    why = add("why", _why, "why an interaction went where it went")
    why.add_argument("id", nargs="?", help="the interaction; without one, the newest")
    why.add_argument("--replay", action="store_true", help="run the journal again and compare every decision")
    agents = add("agents", _agents, "list agents, or sign one in and ready, not ready, or out")
    actions = ["list", "show", "ready", "not-ready", "sign-out"]
    agents.add_argument("action", nargs="?", choices=actions, default="list")
    agents.add_argument("agent", nargs="?")
    agents.add_argument("--reason", default="break", help="why not ready")
    user_options(add("users", _users, "accounts: who may sign in, and machines' tokens"))
    webhook_options(add("webhooks", _webhooks, "tell other systems what happens"))
    visit_options(add("visits", _visits, "appointments for video calls: list them, invite, or cancel"))
    calls = add("calls", _calls, "the newest interactions and their outcomes")
    calls.add_argument("--limit", type=int, default=20)
    waits = add("waits", _waits, "what callers were told of their wait, beside how long it was")
    waits.add_argument("--days", type=int, default=28)
    _ivr_arguments(add("ivr", _ivr, "draw a menu as a picture, or walk it in the terminal"))
    messages = add("voicemails", _voicemails, "messages that callers left; take one, or finish it")
    messages.add_argument("action", nargs="?", choices=["list", "all", "take", "done"], default="list")
    messages.add_argument("id", nargs="?", help="the message, as listed")
    messages.add_argument("agent", nargs="?", help="who takes it")
    add("asterisk", _asterisk, "become Asterisk, configured (for systemd)")
    add("control", _control, "the control process (for `up` and systemd)")
    sfu = add("sfu", _sfu, "a forwarding worker of video rooms (for `up` and systemd)")
    sfu.add_argument("--worker", type=int, default=0, help="which of them, counted from 0")
    turn = add(
        "turn", _turn, "print a coturn configuration that leads to the forwarding workers and nowhere else"
    )
    turn.add_argument("--listen", required=True, help="coturn's own address")
    turn.add_argument("--port", type=int, default=443)
    turn.add_argument("--certificate", required=True, help="PEM file")
    turn.add_argument("--key", required=True, help="PEM file")
    turn.add_argument("--realm", default="sambung")
    add("recorder", _recorder, "the recorder process (for `up` and systemd)")
    return parser


def _ivr_arguments(ivr: argparse.ArgumentParser) -> None:
    ivr.add_argument("action", choices=["draw", "try"])
    ivr.add_argument("menu", nargs="?", default="main", help="the name of a file below ivr/")
    ivr.add_argument("--svg", type=Path, metavar="FILE", help="draw: write an SVG file instead")
    ivr.add_argument("--dot", action="store_true", help="draw: print it for Graphviz instead")
    ivr.add_argument("--dialled", metavar="N", help="try: the number dialled, in place of the menu's name")
    ivr.add_argument("--at", default="", metavar="TIME", help='try: "2026-12-24 19:00", or "19:00" for today')
    ivr.add_argument("--caller", help='try: the caller\'s number; "" for a withheld one')
    ivr.add_argument("--position", type=int, default=3, help="try: the caller's place in every line")
    ivr.add_argument("--closed", metavar="REASON", help="try: with the emergency switch thrown")
    ivr.add_argument("--wait", type=float, default=4, metavar="MINUTES", help="try: the wait in every line")


def _shared() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--config", type=Path, default=_CONFIG, help="sambung.toml, or the folder that holds it"
    )
    shared.add_argument("--home", type=Path, help="the folder for state; replaces the setting")
    shared.add_argument(
        "--set",
        action="append",
        default=[],
        dest="overrides",
        metavar="KEY=VALUE",
        help="replace one setting, as in asterisk.sip_port=25060",
    )
    return shared


def _overrides(arguments: argparse.Namespace) -> Mapping[str, str]:
    pairs = {}
    for text in arguments.overrides:
        key, sign, value = text.partition("=")
        if not sign or not key:
            raise Refused(f"--set {text!r}: write it as KEY=VALUE, as in asterisk.sip_port=25060")
        pairs[key] = value
    return pairs


def _settings(arguments: argparse.Namespace) -> Settings:
    return load(arguments.config, arguments.home, _overrides(arguments))


def _load(arguments: argparse.Namespace) -> tuple[Settings, Centre]:
    """Read the whole configuration, or raise ConfigError with everything that is wrong in it."""
    from sambung.centre import load_centre
    from sambung.check import check

    if problems := check(arguments.config, arguments.home, _overrides(arguments)):
        raise ConfigError(problems)
    settings = _settings(arguments)
    return settings, load_centre(settings.centre, always_open=settings.always_open)


def _check(arguments: argparse.Namespace) -> int:
    _load(arguments)
    print("The configuration is sound.")
    return 0


def _begin() -> None:
    """Set a process that stays up for its work, once everything is imported and read."""
    gc.freeze()
    gc.set_threshold(*_USUAL)
    logs.configure()


def _up(arguments: argparse.Namespace) -> int:
    from sambung.up import up

    settings, centre = _load(arguments)
    _begin()
    return asyncio.run(up(settings, centre, _again(arguments)))


def _again(arguments: argparse.Namespace) -> tuple[str, ...]:
    """Return the options that give a child process the same configuration."""
    home = ("--home", str(arguments.home.absolute())) if arguments.home else ()
    pairs = tuple(word for pair in arguments.overrides for word in ("--set", pair))
    return ("--config", str(arguments.config.absolute()), *home, *pairs)


def _asterisk(arguments: argparse.Namespace) -> int:
    from sambung.telephony import become_asterisk

    become_asterisk(*_load(arguments))


def _control(arguments: argparse.Namespace) -> int:
    from sambung.control import control

    settings, centre = _load(arguments)
    _begin()
    return asyncio.run(control(settings, centre))


def _recorder(arguments: argparse.Namespace) -> int:
    from sambung.recorder import main as recorder

    _begin()
    asyncio.run(recorder(_settings(arguments)))
    return 0


def _sfu(arguments: argparse.Namespace) -> int:
    from sambung.sfu import main as sfu

    _begin()
    return sfu(_settings(arguments), arguments.worker)


def _reload(arguments: argparse.Namespace) -> int:
    from sambung.reload_cli import reload

    return asyncio.run(reload(_settings(arguments)))


def _history(arguments: argparse.Namespace) -> int:
    from sambung.administration_cli import history

    return asyncio.run(history(_settings(arguments), arguments))


def _undo(arguments: argparse.Namespace) -> int:
    from sambung.administration_cli import undo

    return asyncio.run(undo(_settings(arguments), arguments))


def _turn(arguments: argparse.Namespace) -> int:
    from video.turn import TurnServer, turnserver_conf

    video = _settings(arguments).video
    if video.turn is None:
        raise Refused("there is no [video.turn] in sambung.toml; coturn needs the secret that it names")
    it = arguments
    server = TurnServer(it.listen, it.port, it.certificate, it.key, it.realm)
    print(turnserver_conf(server, video.turn, video.addresses), end="")
    return 0


def _drill(arguments: argparse.Namespace) -> int:
    from sambung.drill import drill_call
    from sambung.drill_video import drill_video

    settings, centre = _load(arguments)
    if arguments.what == "video":
        timeline = asyncio.run(drill_video(settings, centre, browser=arguments.browser))
    else:
        timeline = asyncio.run(drill_call(settings, centre))
    print(timeline.json())
    if not timeline.ok:
        print(f"sambung: the drill failed at {timeline.failure}", file=sys.stderr)
    return 0 if timeline.ok else 1


def _try(arguments: argparse.Namespace) -> int:
    from sambung.try_call import try_call

    asyncio.run(try_call(*_load(arguments)))
    return 0


def _status(arguments: argparse.Namespace) -> int:
    from sambung.status import show

    return asyncio.run(show(_settings(arguments), as_json=arguments.json))


def _why(arguments: argparse.Namespace) -> int:
    from sambung.why import replay, why

    settings, centre = _load(arguments)
    if arguments.replay:
        return asyncio.run(replay(settings))
    return asyncio.run(why(settings, centre, arguments.id))


def _agents(arguments: argparse.Namespace) -> int:
    from sambung.staff import listed, set_intent, show

    settings, centre = _load(arguments)
    if arguments.action == "list":
        return asyncio.run(listed(settings, centre))
    if arguments.agent is None:
        raise Refused(f"which agent? `sambung agents {arguments.action} {next(iter(centre.agents))}`")
    if arguments.action == "show":
        return show(settings, centre, arguments.agent)
    return asyncio.run(set_intent(settings, arguments.agent, arguments.action, arguments.reason))


def _ivr(arguments: argparse.Namespace) -> int:
    from sambung.ivr_cli import run

    return run(arguments, *_load(arguments))


def _users(arguments: argparse.Namespace) -> int:
    from sambung.users_cli import users

    settings, centre = _load(arguments)
    return asyncio.run(users(settings, centre, arguments))


def _visits(arguments: argparse.Namespace) -> int:
    from sambung.visits_cli import visits

    return asyncio.run(visits(*_load(arguments), arguments))


def _webhooks(arguments: argparse.Namespace) -> int:
    from sambung.webhooks_cli import webhooks

    return asyncio.run(webhooks(_settings(arguments), arguments))


def _voicemails(arguments: argparse.Namespace) -> int:
    from sambung.voicemails import voicemails

    settings, centre = _load(arguments)
    return asyncio.run(voicemails(settings, centre, arguments.action, arguments.id, arguments.agent))


def _calls(arguments: argparse.Namespace) -> int:
    from sambung.why import calls

    return asyncio.run(calls(*_load(arguments), arguments.limit))


def _waits(arguments: argparse.Namespace) -> int:
    from sambung.waits import waits

    return asyncio.run(waits(_settings(arguments), arguments.days))


if __name__ == "__main__":
    gc.set_threshold(_MANY)
    sys.exit(main())
