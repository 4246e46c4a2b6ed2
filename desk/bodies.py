"""What screens and machines send, and the answers that are no live view. ``model`` has the live views."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec

from acd.model import QueueState
from core.ids import AgentId, InteractionId, QueueId
from desk.model import Label, Phone
from pbx.commands import Monitoring
from workforce.accounts import Role

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9._-]{0,63}$")]
Line = Annotated[str, msgspec.Meta(max_length=200)]
Note = Annotated[str, msgspec.Meta(max_length=4_000)]
Password = Annotated[str, msgspec.Meta(min_length=12, max_length=256)]


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The root of every body: a key that nobody knows is refused."""


# --- signing in --------------------------------------------------------------------------------------------


class SignIn(Body, frozen=True):
    """Name and password; ``code`` if the account asks for one, ``new`` if the password is good only once."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    code: Annotated[str, msgspec.Meta(max_length=10)] = ""
    new: Password | None = None


class Ways(msgspec.Struct, frozen=True):
    """How one may sign in here."""

    password: bool
    oidc: str | None
    """What the button of the identity provider says; null where there is none."""


class NewPassword(Body, frozen=True):
    """A person's own change."""

    old: Annotated[str, msgspec.Meta(max_length=256)]
    new: Password


class Self(msgspec.Struct, frozen=True):
    """Who is signed in, and what that person may do."""

    user: str
    title: str
    role: Role
    agent: AgentId | None
    language: str
    rights: tuple[str, ...]
    """``desk.policy.Right``; buttons that need another one are not shown."""
    topics: tuple[str, ...]
    expires_at: int
    now: int
    demo: bool = False
    """Whether a synthetic citizen may be asked to call (``POST /try-call``)."""


class SessionInfo(msgspec.Struct, frozen=True):
    """A browser in which the person is signed in."""

    id: str
    created_at: int
    seen_at: int
    device: str
    address: str
    here: bool


# --- the agent's day ---------------------------------------------------------------------------------------


class Intent(Body, frozen=True):
    """Ready, or not with a reason. ``next``: once the open offer is settled, instead of at once."""

    ready: bool
    reason: Annotated[str, msgspec.Meta(max_length=40)] = ""
    next: bool = False


class Beat(Body, frozen=True):
    """The desk is there. Needed only where no stream is open."""

    visible: bool = True


class PhoneAccount(msgspec.Struct, frozen=True):
    """What the browser phone registers with."""

    url: str
    """The WebSocket of the registrar."""
    uri: str
    """The SIP address to register."""
    user: str
    password: str
    realm: str
    phones: tuple[Phone, ...]


class Decline(Body, frozen=True):
    """Why an offer is not taken."""

    reason: Line = ""


# --- calls -------------------------------------------------------------------------------------------------


class TargetAgent(Body, frozen=True, tag="agent", tag_field="kind"):
    """A colleague."""

    agent: AgentId


class TargetQueue(Body, frozen=True, tag="queue", tag_field="kind"):
    """Whoever the line chooses."""

    queue: QueueId


class TargetNumber(Body, frozen=True, tag="number", tag_field="kind"):
    """A telephone outside."""

    number: Annotated[str, msgspec.Meta(pattern=r"^\+?[0-9]{2,15}$")]


Target: TypeAlias = TargetAgent | TargetQueue | TargetNumber


class Empty(Body, frozen=True):
    """Nothing to say."""


class Switch(Body, frozen=True):
    """On or off."""

    on: bool


class Keys(Body, frozen=True):
    """Keypad tones."""

    keys: Annotated[str, msgspec.Meta(pattern=r"^[0-9*#A-D]{1,32}$")]


class To(Body, frozen=True):
    """Where a contact goes, or whom to consult."""

    to: Target


class Aside(Body, frozen=True):
    """How long a contact is put aside."""

    ms: Annotated[int, msgspec.Meta(ge=10_000, le=86_400_000)] = 300_000


class Listen(Body, frozen=True):
    """How a supervisor is in a call; null leaves it."""

    mode: Monitoring | None


class Recording(Body, frozen=True):
    """Whether the recording goes on."""

    on: bool
    reason: Line = ""


class Disposition(Body, frozen=True):
    """What the contact was about."""

    category: Word
    note: Note = ""
    follow_up: bool = False
    due: Annotated[int, msgspec.Meta(ge=0, le=4_102_444_800_000)] | None = None
    """When the follow-up is due; null: in a day."""


class NewCall(Body, frozen=True):
    """Call a customer; the agent's phone is rung first."""

    number: Annotated[str, msgspec.Meta(pattern=r"^\+?[0-9]{2,15}$")]
    queue: QueueId


class Made(msgspec.Struct, frozen=True):
    """The interaction that was made by a request."""

    id: InteractionId


class Done(msgspec.Struct, frozen=True):
    """It was done. What follows is seen on the stream."""

    done: bool = True


class Revealed(msgspec.Struct, frozen=True):
    """A customer's address in full."""

    caller: str


# --- leading -----------------------------------------------------------------------------------------------


class Priority(Body, frozen=True):
    """A waiting contact moves by a minute a point."""

    priority: Annotated[int, msgspec.Meta(ge=-60, le=60)]
    reason: Line = ""


class MoveTo(Body, frozen=True):
    """A waiting contact goes to another queue and keeps its place by arrival."""

    queue: QueueId
    reason: Line = ""


class EndStuck(Body, frozen=True):
    """End a contact that nobody can end otherwise."""

    reason: Annotated[str, msgspec.Meta(min_length=3, max_length=200)]


class Release(msgspec.Struct, frozen=True):
    """What ending a contact would let go."""

    id: InteractionId
    phase: str
    agent: AgentId | None
    offer: int | None
    parties: tuple[str, ...]
    consult: InteractionId | None
    load: int
    """How much of the agent's 100 becomes free."""


class QueueChange(Body, frozen=True):
    """Open, pause or drain a queue. All but opening it needs a reason, which whoever works there reads."""

    state: QueueState
    reason: Annotated[str, msgspec.Meta(max_length=200)] = ""


class Broadcast(Body, frozen=True):
    """A note to every desk, or to the desks of some queues."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    urgent: bool = False
    queues: Annotated[tuple[QueueId, ...], msgspec.Meta(max_length=100)] = ()


class Emergency(Body, frozen=True):
    """Close the centre at once, or end that."""

    closed: bool
    reason: Annotated[str, msgspec.Meta(min_length=3, max_length=200)]


class Verdict(msgspec.Struct, frozen=True):
    """How an agent stood to a contact when it was offered."""

    agent: AgentId
    name: str
    verdict: str
    load: int
    since: int


class Decision(msgspec.Struct, frozen=True):
    """A receipt in words: a question, an answer of at most three sentences, then what it rests on."""

    offer: int | None
    seq: int | None
    at: int
    question: Label
    answer: Label
    candidates: tuple[Verdict, ...]
    """The first twenty."""
    candidates_in_all: int = 0


# --- reference ---------------------------------------------------------------------------------------------


class ReasonInfo(msgspec.Struct, frozen=True):
    """A not-ready reason."""

    id: str
    name: Label
    limit_ms: int | None


class CategoryInfo(msgspec.Struct, frozen=True):
    """What a contact can be about."""

    id: str
    name: Label


class CategoryGroup(msgspec.Struct, frozen=True):
    """The upper level of the category tree."""

    id: str
    name: Label
    items: tuple[CategoryInfo, ...]


class Named(msgspec.Struct, frozen=True):
    """An id and what people call it."""

    id: str
    name: Label


class Reference(msgspec.Struct, frozen=True):
    """The centre's words."""

    centre: Label
    zone: str
    languages: tuple[Named, ...]
    queues: tuple[Named, ...]
    skills: tuple[Named, ...]
    reasons: tuple[ReasonInfo, ...]
    categories: tuple[CategoryGroup, ...]


# --- accounts ----------------------------------------------------------------------------------------------


class NewUser(Body, frozen=True):
    """An account to be made."""

    name: Name
    role: Role
    password: Password
    title: Line = ""
    agent: AgentId | None = None
    language: Annotated[str, msgspec.Meta(max_length=10)] = "id"
    sso: Line = ""


class UserChange(Body, frozen=True):
    """What changes of an account; what is null stays."""

    role: Role | None = None
    title: Line | None = None
    agent: AgentId | None = None
    language: Annotated[str, msgspec.Meta(max_length=10)] | None = None
    disabled: bool | None = None
    sso: Line | None = None
    password: Password | None = None


class FileProblem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing wrong in a file of the centre, for whoever has to mend it."""

    file: str
    line: int
    key: str
    message: str
    remedy: str = ""
    """What to do, where the message says only what is wrong."""


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is wrong. ``code`` is stable and is what a screen translates; ``message`` is for people who read logs."""

    code: str
    message: str
    key: str = ""
    """The path of the value that is wrong: ``to.queue``."""
    problems: tuple[FileProblem, ...] = ()
    """What is wrong in a file of the centre."""


class Error(msgspec.Struct, frozen=True):
    """The body of every answer from 400 on."""

    error: Problem
