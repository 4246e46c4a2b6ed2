"""What the desk needs from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from core.ids import AgentId, InteractionId, OfferId
from desk.bodies import PhoneAccount
from desk.model import CallLive, LinkState, Phone
from pbx.commands import Command
from workforce.accounts import Act, Secret, Session, Token, User


class Accounts(Protocol):
    """Who may sign in and who is. Digests are SHA-256 in hexadecimal."""

    async def users(self) -> Sequence[User]:
        """Return every account, by name."""
        ...

    async def seen(self) -> Mapping[str, tuple[int, int]]:
        """Return how many sessions each account has that has any, and when one of them was used last."""
        ...

    async def user(self, name: str) -> tuple[User, Secret] | None:
        """Return an account with what proves it."""
        ...

    async def user_by_sso(self, subject: str) -> tuple[User, Secret] | None:
        """Return the account of a person at the identity provider."""
        ...

    async def add(self, user: User, password: str, *, once: bool = False) -> None:
        """Make an account. ``password`` is a hash, or empty; ``once``: it is good only for choosing another one.

        Raises Refused where the name or subject is taken.
        """
        ...

    async def change(self, name: str, values: Mapping[str, Any]) -> bool:
        """Set fields of ``User``, ``password`` or ``totp``; return whether there is such an account.

        A password is good for longer unless ``password_once`` comes with it. Raises Refused where no administrator
        would be left who may sign in.
        """
        ...

    async def use_step(self, name: str, step: int) -> bool:
        """Note that the code of a TOTP step was used; return False if it, or a later one, was used before."""
        ...

    async def open_session(self, session: Session, digest: str) -> Sequence[str]:
        """Begin a session and return the ids of those that had to end for it."""
        ...

    async def session(self, digest: str) -> tuple[Session, User] | None:
        """Return a session, expired or not, with its account."""
        ...

    async def sessions(self, user: str) -> Sequence[Session]:
        """Return the sessions of an account, the newest first."""
        ...

    async def by_ids(self, ids: Sequence[str]) -> Mapping[str, tuple[Session, User]]:
        """Return those of the sessions that there are, expired or not, with their accounts."""
        ...

    async def touch(self, session: str, seen_at: int) -> None:
        """Note that a session is in use."""
        ...

    async def end_session(self, session: str, user: str) -> bool:
        """End one session of an account; return False if it has no such session."""
        ...

    async def end_sessions(self, user: str) -> Sequence[str]:
        """End every session of an account and return their ids."""
        ...

    async def forget_expired(self, now: int) -> None:
        """Remove sessions and tokens that are over."""
        ...

    async def token(self, digest: str) -> tuple[Token, User] | None:
        """Return a token, expired or not, with its account."""
        ...


class Kept(Protocol):
    """A request that was begun with a key."""

    @property
    def request(self) -> str:
        """Hash of what was asked."""
        ...

    @property
    def status(self) -> int | None:
        """None: the first has not ended, or the process stopped in the middle of it."""
        ...

    @property
    def answer(self) -> str:
        """The body of the first answer."""
        ...


class Answers(Protocol):
    """Answers kept for requests that are repeated."""

    async def begin(self, user: str, key: str, request: str, at: int) -> Kept | None:
        """Claim a key. Returns what is kept under it if it was claimed before, else None."""
        ...

    async def finish(self, user: str, key: str, status: int, answer: str) -> None:
        """Keep the answer to a claimed key."""
        ...

    async def abandon(self, user: str, key: str) -> None:
        """Give a key back: nothing was done under it."""
        ...

    async def forget_before(self, at: int) -> None:
        """Remove answers older than ``at``."""
        ...


class Audit(Protocol):
    """Who did what."""

    async def note(self, act: Act) -> None:
        """Write down what somebody did or was not let do."""
        ...

    async def acts(self, limit: int, after: int | None = None) -> Sequence[Act]:
        """Return the newest acts, newest first; with ``after``, the first that follow that id, oldest first."""
        ...


class Calls(Protocol):
    """Calls as screens see and command them."""

    async def command(self, command: Command) -> None:
        """Carry a command out, or begin to.

        Raises Refused when it cannot be now, Gone when the call is over, TryLater when Asterisk is away.
        """
        ...

    def view(self, id_: InteractionId) -> CallLive | None:
        """Return who is in a call; None if it is no call of ours."""
        ...


class Offers(Protocol):
    """Offers that are taken at the desk, not on a telephone."""

    async def accept(self, id_: InteractionId, offer: OfferId) -> None:
        """Take it. Raises Gone when it is over, Refused for a call: that is taken by its phone."""
        ...


class Devices(Protocol):
    """Agents' telephones."""

    def phones(self, agent: AgentId) -> tuple[Phone, ...]:
        """Return the agent's devices, whether they are there or not."""
        ...

    def account(self, agent: AgentId) -> PhoneAccount:
        """Return what the agent's browser phone registers with."""
        ...

    def links(self) -> tuple[LinkState, ...]:
        """Return the connections to the outside."""
        ...


class Closure(Protocol):
    """The switch that closes the centre."""

    @property
    def state(self) -> tuple[bool, str, str, int]:
        """Whether it is closed, why, by whom and since when."""
        ...

    async def throw(self, closed: bool, reason: str, by: str) -> None:
        """Close the centre, or end that."""
        ...


class TryOut(Protocol):
    """A synthetic citizen, for trying the centre out."""

    @property
    def offered(self) -> bool:
        """Whether this is a demo, in which one may call."""
        ...

    async def call(self) -> None:
        """Have one call now. Raises Refused where that cannot be."""
        ...


class History(Protocol):
    """What is written down."""

    async def interaction(self, identity: InteractionId) -> Any | None:
        """Return all of one interaction."""
        ...

    async def recent(self, limit: int) -> Sequence[Any]:
        """Return the newest interactions."""
        ...

    async def known(self, identity: InteractionId) -> bool:
        """Whether it ever was here."""
        ...

    async def had(self, agent: AgentId, identity: InteractionId) -> bool:
        """Whether the agent ever had the contact."""
        ...
