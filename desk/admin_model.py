"""What the administration sends and is sent below ``/admin``. Times are milliseconds UTC.

A file of the centre is a text that people edit too; ``base`` names the text that a change was made of, so that
nobody's change is overwritten. In ``data`` and in edits a scalar is its text, as the file writes it: ``"20 s"``,
``"no"``, ``"100"``.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec

from core.ids import AgentId
from desk.bodies import Body, FileProblem, Name
from workforce.accounts import Role

MAX_TEXT: Final = 1_000_000
"""Characters of a file; what reads the centre takes as many bytes."""
MAX_SOUND: Final = 20 * 1024 * 1024
"""Bytes of an uploaded recording."""

Base = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
Remark = Annotated[str, msgspec.Meta(max_length=200)]
Text = Annotated[str, msgspec.Meta(max_length=MAX_TEXT)]
Step = Annotated[str, msgspec.Meta(max_length=200)] | Annotated[int, msgspec.Meta(ge=0, le=9_999)]
Value = Any


# --- files -------------------------------------------------------------------------------------------------


class FileInfo(msgspec.Struct, frozen=True):
    """A file of the centre. ``changed_by`` is null for a change from outside: nobody is known to have made it."""

    id: str
    """``queues``, ``ivr/main``, ``scripts/lkpm.id``: the path below the centre's folder without its ending."""
    path: str
    """As the engineer finds it."""
    version: int
    changed_at: int
    changed_by: str | None
    note: str
    problems: int


class Files(msgspec.Struct, frozen=True):
    """Every file of the centre."""

    files: tuple[FileInfo, ...]


class FileText(msgspec.Struct, frozen=True):
    """A file as it is now."""

    id: str
    path: str
    base: str
    """SHA-256 of the file."""
    version: int
    text: str
    data: Any
    """What the text says; null while it is no YAML of keys with values, and for a script."""
    problems: tuple[FileProblem, ...]
    """Of the whole centre: a file names what others define."""


class Edit(Body, frozen=True):
    """One value to be set, or removed. Numbers in ``path`` count the items of a list from 0.

    Mappings on the way that are not there are made. A list is appended to at its length.
    """

    path: Annotated[tuple[Step, ...], msgspec.Meta(min_length=1, max_length=12)]
    value: Value = None
    """A text, number, truth value, list or mapping."""
    remove: bool = False


class Change(Body, frozen=True):
    """A file's new text, or what to edit in it: one of the two."""

    base: Base
    text: Text | None = None
    edits: Annotated[tuple[Edit, ...], msgspec.Meta(max_length=200)] | None = None
    note: Remark = ""
    """Why. Nothing is checked by it."""

    @property
    def detail(self) -> str:
        """What the audit keeps."""
        return self.note


class Checked(msgspec.Struct, frozen=True):
    """What a change would make of the file, and what would be wrong in the whole centre."""

    text: str
    problems: tuple[FileProblem, ...]


class InForce(msgspec.Struct, frozen=True):
    """What came of reading the centre again."""

    spoken: int
    """How many prompts were made anew."""
    rules: bool
    """Whether the line decides by other rules now."""
    later: tuple[str, ...]
    """What else changed, and is in force only once the centre is started anew."""
    problems: tuple[str, ...] = ()
    """Why it could not be put in force, although it is written."""


class Saved(msgspec.Struct, frozen=True):
    """A change that was written."""

    version: int
    base: str
    reloaded: InForce


class Version(msgspec.Struct, frozen=True):
    """A text that a file had. ``by`` is null for a change from outside."""

    version: int
    at: int
    by: str | None
    note: str
    lines_added: int
    lines_removed: int
    diff: str
    """Unified; cut off where it is long. Empty for sound."""


class VersionText(msgspec.Struct, frozen=True):
    """A file as it was."""

    version: int
    at: int
    by: str | None
    note: str
    text: str


class Undo(Body, frozen=True):
    """Write an earlier text, as a new version."""

    version: Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]
    base: Base
    note: Remark = ""

    @property
    def detail(self) -> str:
        """What the audit keeps."""
        return f"to version {self.version}. {self.note}"


# --- prompts -----------------------------------------------------------------------------------------------


class PromptInfo(msgspec.Struct, frozen=True):
    """What callers hear, by language."""

    name: str
    texts: dict[str, str]
    recorded: dict[str, bool]
    """Whether a person's recording is played instead of the text."""
    length_ms: dict[str, int | None]
    """Null while there is no sound."""
    used_by: tuple[str, ...]
    """Menus' nodes: ``main/language``."""
    builtin: bool
    """A piece of a number or date that prompts.yaml does not name."""


class SoundVersion(msgspec.Struct, frozen=True):
    """A recording that a prompt had, or none. ``by`` is null for a change from outside."""

    version: int
    at: int
    by: str | None
    note: str
    recorded: bool
    """False: the text was spoken."""
    length_ms: int | None


class SoundSaved(msgspec.Struct, frozen=True):
    """A recording that was kept, or removed."""

    version: int
    length_ms: int | None
    """As callers hear it."""
    reloaded: InForce


class SoundUndo(Body, frozen=True):
    """Play an earlier recording again, or the text where there was none."""

    version: Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]
    note: Remark = ""

    @property
    def detail(self) -> str:
        """What the audit keeps."""
        return f"to version {self.version}. {self.note}"


# --- menus -------------------------------------------------------------------------------------------------


class MenuText(Body, frozen=True):
    """A menu that is not saved yet."""

    text: Text


class Drawing(msgspec.Struct, frozen=True):
    """A menu as a picture; none while the centre would have mistakes with it."""

    svg: str | None
    problems: tuple[FileProblem, ...]


# --- accounts ----------------------------------------------------------------------------------------------

Roles = Annotated[tuple[Role, ...], msgspec.Meta(min_length=1, max_length=1)]
Display = Annotated[str, msgspec.Meta(max_length=200)]


class Account(msgspec.Struct, frozen=True):
    """Somebody who may sign in."""

    name: str
    display: str
    roles: tuple[Role, ...]
    """Exactly one."""
    agent: AgentId | None
    disabled: bool
    totp: bool
    """Whether a code is asked for at sign-in."""
    last_seen: int | None
    """The last request of a session that is still kept."""
    sessions: int


class NewAccount(Body, frozen=True):
    """An account to be made."""

    name: Name
    roles: Roles
    display: Display = ""
    agent: AgentId | None = None

    @property
    def detail(self) -> str:
        """What the audit keeps."""
        return f"{self.name}, {self.roles[0].value}"


class AccountChange(Body, frozen=True):
    """What changes of an account; what is not named stays. ``agent: null`` takes the place in the line away."""

    roles: Roles | msgspec.UnsetType = msgspec.UNSET
    agent: AgentId | msgspec.UnsetType | None = msgspec.UNSET
    disabled: bool | msgspec.UnsetType = msgspec.UNSET
    display: Display | msgspec.UnsetType = msgspec.UNSET

    @property
    def detail(self) -> str:
        """What the audit keeps; the person's name is not repeated there."""
        said = []
        if self.roles is not msgspec.UNSET:
            said.append(f"role {self.roles[0].value}")
        if self.agent is not msgspec.UNSET:
            said.append(f"agent {self.agent or 'none'}")
        if self.disabled is not msgspec.UNSET:
            said.append("disabled" if self.disabled else "enabled")
        if self.display is not msgspec.UNSET:
            said.append("display")
        return ", ".join(said)


class FirstPassword(msgspec.Struct, frozen=True):
    """A password that is shown this once, and is good only for choosing another one at the first sign-in."""

    name: str
    password: str
