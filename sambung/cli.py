"""``sambung``: the command inside a checkout or an installation. Each subcommand is one function."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from core.errors import ConfigError, Gone, Refused, TryLater

_CONFIG: Final = Path(__file__).resolve().parent.parent / "config"

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
    parser = argparse.ArgumentParser(prog="sambung", description="The contact centre Sambung.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Command, text: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, parents=[shared], help=text, description=text)
        one.set_defaults(command=command)
        return one

    add("up", _up, "run the whole centre in the foreground")
    add("check", _check, "validate every configuration file")
    add("status", _status, "what is up, what is not, and since when").add_argument(
        "--json", action="store_true"
    )
    drill = add("drill", _drill, "test the running centre with a synthetic caller")
    drill.add_argument("what", choices=["call"])
    why = add("why", _why, "why an interaction went where it went")
    why.add_argument("id", nargs="?", help="the interaction; without one, the newest")
    why.add_argument("--replay", action="store_true", help="run the journal again and compare every decision")
    agents = add("agents", _agents, "list agents, or sign one in, ready, not-ready or out")
    agents.add_argument(
        "action", nargs="?", choices=["list", "show", "ready", "not-ready", "sign-out"], default="list"
    )
    agents.add_argument("agent", nargs="?")
    agents.add_argument("--reason", default="break", help="why not ready")
    calls = add("calls", _calls, "the newest interactions and their outcomes")
    calls.add_argument("--limit", type=int, default=20)
    add("control", _control, "the control process (started by `up` or systemd)")
    add("recorder", _recorder, "the recorder process (started by `up` or systemd)")
    return parser


def _overrides(arguments: argparse.Namespace) -> Mapping[str, str]:
    pairs = {}
    for text in arguments.overrides:
        key, sign, value = text.partition("=")
        if not sign or not key:
            raise Refused(f"--set {text!r}: write it as KEY=VALUE, as in asterisk.sip_port=25060")
        pairs[key] = value
    return pairs


def _check(arguments: argparse.Namespace) -> int:
    from sambung.check import check

    problems = check(arguments.config, arguments.home, _overrides(arguments))
    if problems:
        raise ConfigError(problems)
    print("The configuration is sound.")
    return 0
