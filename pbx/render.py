"""Asterisk's configuration, from ours. ``render`` is pure; ``write`` puts the result on the disk."""

from __future__ import annotations

import ipaddress
import re
import resource
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.errors import Refused
from core.ids import AgentId
from pbx.certificate import ensure_certificate
from pbx.files import write_whole
from pbx.root import AsteriskInstall
from pbx.secrets import agent_password
from pbx.settings import AsteriskSettings, Secrets

TEST_LINE: Final = AgentId("citizen")
"""The softphone that dials in like a caller, where ``AsteriskSettings.test_line`` is set."""

AMI_EVENTS: Final = (
    "FullyBooted",
    "Shutdown",
    "UserEvent",
    "RTCPReceived",
    "ChallengeResponseFailed",
    "InvalidAccountID",
    "InvalidPassword",
    "FailedACL",
)
"""What Asterisk is asked to send on AMI, beside the coming and going of phones.

At a hundred calls a second the rest would be noise.
"""

_VALUE: Final = re.compile(r"[\w./:@+~-]+(?: [\w./:@+~-]+)*")
_AGENT: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_NUMBER: Final = re.compile(r"\+?[0-9]{1,20}")
_PASSWORD: Final = re.compile(r"[A-Za-z0-9]{8,}")
_HOST: Final = re.compile(r"[A-Za-z0-9.-]+")
_SOCKET_PATH_MAX: Final = 107
"""unix(7): sun_path has 108 bytes, the last of them zero."""


@dataclass(frozen=True, slots=True)
class PhoneAccount:
    """An agent's phones: ``<agent>`` for any SIP phone, ``<agent>-web`` for a browser, with one password."""

    agent: AgentId
    password: str
    fallback: bool = True
    """Whether this agent takes calls while control is away."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What the configuration has to know of the machine it runs on."""

    address: str | None
    """The address of the interface that leads outside, None if there is none."""
    open_files: int

    @classmethod
    def this(cls) -> Machine:
        """Look at this machine. Connecting a UDP socket sends nothing."""
        with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
            try:
                probe.connect(("192.0.2.1", 9))
                address = str(probe.getsockname()[0])
            except OSError:
                address = None
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        return cls(address, 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536))


class _Trunk(NamedTuple):
    match: str
    contact: str | None


def render(
    settings: AsteriskSettings,
    install: AsteriskInstall,
    secrets: Secrets,
    phones: Sequence[PhoneAccount],
    machine: Machine,
) -> dict[str, str]:
    """Return each file of Asterisk's configuration by name.

    Every value that is put in passes one allow-list, so none can end a line, open a section or call a
    function. Raises ``Refused`` naming the value that did not.
    """
    _check(settings, secrets, phones)
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        finalize=_allowed,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 -- not HTML; _allowed() refuses what would need escaping
    )
    values = {
        "settings": settings,
        "home": settings.home.absolute(),
        "install": install,
        "secrets": secrets,
        "phones": phones,
        "machine": machine,
        "trunk": _trunk(settings.trunk.peer),
        "media_address": None if settings.host == "0.0.0.0" else settings.host,  # noqa: S104 -- compared, not bound
        "test_line_password": agent_password(secrets, TEST_LINE),
        "events": AMI_EVENTS,
    }
    names = sorted(name for name in environment.list_templates() if name.endswith(".j2"))
    return {name.removesuffix(".j2"): environment.get_template(name).render(values) for name in names}


def write(settings: AsteriskSettings, files: Mapping[str, str]) -> None:
    """Make ``settings.home`` ready to start from. Configuration that is not among ``files`` is removed."""
    home = settings.home
    for folder in ("etc", "lib/keys", "lib/tls", "run", "log", "spool/recording"):
        (home / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.spool.mkdir(parents=True, exist_ok=True, mode=0o700)
    ensure_certificate(home / "lib/tls")
    for name, text in files.items():
        write_whole(home / "etc" / name, text)
    for path in (home / "etc").iterdir():
        if path.name not in files:
            path.unlink()


# --- what is allowed ---------------------------------------------------------------------------------------


def _allowed(value: object) -> str:
    """Let a value into the configuration. No newline and none of ``; [ $ ( , |`` is among what is allowed."""
    text = str(value)
    if not _VALUE.fullmatch(text):
        raise Refused(f"{text!r} cannot stand in Asterisk's configuration; letters, digits and ./:@+~-_ can.")
    return text


def _check(settings: AsteriskSettings, secrets: Secrets, phones: Sequence[PhoneAccount]) -> None:
    for problem in _problems(settings, secrets, phones):
        raise Refused(problem)


def _problems(settings: AsteriskSettings, secrets: Secrets, phones: Sequence[PhoneAccount]) -> Iterator[str]:
    if len(str(control_socket(settings)).encode()) > _SOCKET_PATH_MAX:
        yield f"{settings.home} is too long a path for Asterisk's control socket; choose a shorter home."
    for number in settings.trunk.numbers:
        if not _NUMBER.fullmatch(number):
            yield f"{number!r} is no number of the trunk; digits with or without a leading + are."
    for secret in (secrets.ari, secrets.ami, secrets.agents, *(phone.password for phone in phones)):
        if not _PASSWORD.fullmatch(secret):
            yield "A password cannot stand in Asterisk's configuration; eight or more letters and digits can."
    if settings.rtp_first >= settings.rtp_last:
        yield f"The RTP ports end ({settings.rtp_last}) before they begin ({settings.rtp_first})."
    taken = {"trunk169", TEST_LINE}
    for phone in phones:
        if not _AGENT.fullmatch(phone.agent):
            yield f"{phone.agent!r} is no agent id; a letter, then letters, digits, - or _ is."
        if names := {phone.agent, f"{phone.agent}-web"} & taken:
            yield f"{min(names)!r} would be the name of two telephones."
        taken |= {phone.agent, f"{phone.agent}-web"}


def control_socket(settings: AsteriskSettings) -> Path:
    """Return where a running Asterisk takes console commands."""
    return settings.home.absolute() / "run" / "asterisk.ctl"


def _trunk(peer: str) -> _Trunk:
    """Read ``host:port``, ``host`` or a network in CIDR.

    On loopback the source port tells the trunk from everybody else (identify's ``match`` takes one); outside,
    an operator may send from any port. A network can be told apart but not asked whether it is there.
    """
    host, colon, port = peer.partition(":")
    try:
        network = ipaddress.ip_network(host)
    except ValueError:
        if not _HOST.fullmatch(host):
            raise Refused(
                f"{peer!r} is no trunk; host:port, host or a network like 192.0.2.0/24 is."
            ) from None
        network = None
    if colon and not (port.isdecimal() and 0 < int(port) < 65536):
        raise Refused(f"{peer!r} has no port number behind the colon.")
    if network is not None and network.num_addresses > 1:
        return _Trunk(match=str(network), contact=None)
    if network is not None and network.is_loopback and port:
        return _Trunk(match=peer, contact=peer)
    return _Trunk(match=host, contact=peer)
