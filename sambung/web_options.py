"""What the commands about the public interface take. Light: `sambung --help` must not wait for a database driver."""

from __future__ import annotations

import argparse
from typing import Final

from workforce.accounts import Role

USER_ACTIONS: Final = ("list", "add", "password", "totp", "disable", "enable", "token", "wallboard")
WEBHOOK_ACTIONS: Final = ("list", "add", "enable", "remove")
VISIT_ACTIONS: Final = ("list", "invite", "cancel")


def user_options(parser: argparse.ArgumentParser) -> None:
    """Add what ``sambung users`` takes."""
    parser.add_argument("action", nargs="?", choices=USER_ACTIONS, default="list")
    parser.add_argument("name", nargs="?", help="the account")
    parser.add_argument("--role", choices=[role.value for role in Role], default=Role.AGENT.value)
    parser.add_argument("--agent", help="who this person is in the line (agents.yaml)")
    parser.add_argument("--title", default="", help="the person's name as colleagues read it")
    parser.add_argument("--sso", default="", help="the person's subject at the identity provider")
    parser.add_argument("--label", default="", help="what a token is for")
    parser.add_argument("--off", action="store_true", help="with totp: ask for no code any more")
    parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")


def webhook_options(parser: argparse.ArgumentParser) -> None:
    """Add what ``sambung webhooks`` takes."""
    parser.add_argument("action", nargs="?", choices=WEBHOOK_ACTIONS, default="list")
    parser.add_argument("target", nargs="?", help="an address to add, or the id of one that is there")
    parser.add_argument("--events", default="", help="types with commas between them; all unless given")


def visit_options(parser: argparse.ArgumentParser) -> None:
    """Add what ``sambung visits`` takes."""
    parser.add_argument("action", nargs="?", choices=VISIT_ACTIONS, default="list")
    parser.add_argument("id", nargs="?", help="cancel: the appointment, as listed")
    parser.add_argument("--topic", default="", help="invite: what it is about (video.yaml)")
    parser.add_argument(
        "--at", default="", metavar="TIME", help='invite: "2026-11-27 10:00", the centre\'s time'
    )
    parser.add_argument("--name", default="", help="invite: the visitor's")
    parser.add_argument("--language", default="", help="invite: unless given, the centre's first")
    parser.add_argument("--note", default="", help="invite: for the agent; the visitor does not see it")
    parser.add_argument("--minutes", type=int, help="invite: how long it takes")
    parser.add_argument("--before", type=int, metavar="MINUTES", help="invite: so early the visitor may come")
    parser.add_argument("--after", type=int, metavar="MINUTES", help="invite: so late the visitor may come")


def history_options(parser: argparse.ArgumentParser) -> None:
    """Add what ``sambung history`` takes."""
    parser.add_argument(
        "file", nargs="?", help="a file of the centre, such as queues or ivr/main; without, all"
    )
    parser.add_argument("--diff", action="store_true", help="what changed, line by line")


def undo_options(parser: argparse.ArgumentParser) -> None:
    """Add what ``sambung undo`` takes."""
    parser.add_argument("file", help="a file of the centre, such as queues or ivr/main")
    parser.add_argument("version", type=int, help="the version whose text is written again")
    parser.add_argument("--note", default="", help="why")
