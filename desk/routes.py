"""Every request there is: method, path, body, answer, and who may. Checks, dispatch and OpenAPI follow from this."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from crm.model import Case, Draft, Past
from desk import admin_model as a
from desk import bodies as b
from desk import model as m
from desk import voicemail_model as v
from desk.appointment_model import AppointmentInfo, NewAppointment
from desk.customer_bodies import CaseChange, NewDraft
from desk.policy import Own, Right
from desk.visit_model import AskedIn
from knowledge.model import Article
from workforce.accounts import Act, User

PREFIX: Final = "/api/v1"
MAX_BODY: Final = 64 * 1024
"""Bytes of most bodies at most."""


class Parameter(NamedTuple):
    """A value in the query of a path."""

    name: str
    pattern: str
    description: str


class Route(NamedTuple):
    """One request. ``name`` is the handler's, and what the audit calls it."""

    method: str
    path: str
    name: str
    summary: str
    right: Right | None
    """None: nobody needs to be signed in."""
    answer: Any
    body: Any = None
    own: Own = Own.ANY
    audited: bool = True
    """Whether a row is written when it is done or refused. Of what only reads one is written where it is forbidden."""
    query: tuple[Parameter, ...] = ()
    live: bool = False
    """Whether the contact in the path must be live."""
    takes: str = ""
    """The media type of a body that is no JSON; the handler is given its bytes."""
    sends: str = ""
    """The media type of an answer that is no JSON."""
    most: int = MAX_BODY
    """Bytes of a body at most."""
    secret: bool = False
    """Whether the answer is shown this once: it is not kept for a repetition."""

    @property
    def changes(self) -> bool:
        """Whether it may change anything: it needs the header against forgery, and takes an Idempotency-Key."""
        return self.method != "GET"


_LIMIT: Final = Parameter("limit", "^([1-9][0-9]{0,2}|1000)$", "how many at most, 1 to 1000; 50 unless given")
_AFTER: Final = Parameter("after", "^[0-9]{1,16}$", "only those with a greater id")
_VERSION: Final = Parameter("version", "^[1-9][0-9]{0,8}$", "of an earlier recording")
_TOKEN: Final = Parameter("token", "^[A-Za-z0-9_-]{20,100}$", "the wallboard's token")


def _read(path: str, name: str, summary: str, right: Right | None, answer: Any, **more: Any) -> Route:
    return Route("GET", path, name, summary, right, answer, audited=False, **more)


def _do(path: str, name: str, summary: str, right: Right | None, body: Any, **more: Any) -> Route:
    answer = more.pop("answer", b.Done)
    return Route("POST", path, name, summary, right, answer, body, **more)


def _verb(name: str, summary: str, body: Any = b.Empty, **more: Any) -> Route:
    right = more.pop("right", Right.WORK)
    more = {"own": Own.MUST, "live": True, **more}
    return _do(f"/interactions/{{id}}/{name}", name, summary, right, body, **more)


_ACCOUNT: Final = (
    _do("/session", "sign-in", "Sign in", None, b.SignIn, answer=b.Self),
    _read("/sign-in-ways", "sign-in-ways", "How one may sign in", None, b.Ways),
    _read("/session", "self", "Who is signed in, and what that person may do", Right.SELF, b.Self),
    Route("DELETE", "/session", "sign-out", "Sign out of this browser", Right.SELF, b.Done),
    _do("/session/password", "password", "Change one's own password", Right.SELF, b.NewPassword),
    _read("/sessions", "sessions", "One's own sessions", Right.SELF, list[b.SessionInfo]),
    Route("DELETE", "/sessions/{session}", "revoke", "End one of one's own sessions", Right.SELF, b.Done),
    _read("/reference", "reference", "The centre's words", Right.SELF, b.Reference),
    _read(
        "/articles",
        "articles",
        "Scripts of the queues, and what else is looked up",
        Right.SELF,
        list[Article],
    ),
    _read("/live", "live", "Everything live that one may see, as of now", Right.SELF, m.Snapshot),
)

_AGENT: Final = (
    _read("/me", "me", "One's own place in the line", Right.WORK, m.Agent),
    _read("/me/phone", "phone", "What the browser phone registers with", Right.WORK, b.PhoneAccount),
    _do("/me/shift-start", "shift-start", "Begin to work", Right.WORK, b.Empty, answer=m.Agent),
    _do(
        "/me/shift-end", "shift-end", "End work; live contacts are kept", Right.WORK, b.Empty, answer=m.Agent
    ),
    _do("/me/intent", "intent", "Be ready, or not", Right.WORK, b.Intent, answer=m.Agent),
    _do("/me/beat", "beat", "The desk is there", Right.WORK, b.Beat, audited=False),
    _do("/offers/{offer}/accept", "accept", "Take an offer", Right.WORK, b.Empty, own=Own.MUST),
    _do("/offers/{offer}/reject", "reject", "Decline an offer", Right.WORK, b.Decline, own=Own.MUST),
    _do("/try-call", "try-call", "Have a synthetic citizen call (demo only)", Right.WORK, b.Empty),
    _do("/calls", "dial", "Call a customer", Right.WORK, b.NewCall, answer=b.Made),
)

_CALL: Final = (
    _verb("hold", "The customer hears music"),
    _verb("resume", "The end of hold"),
    _verb("mute", "The agent is not heard", b.Switch),
    _verb("keys", "Keypad tones to the far side", b.Keys),
    _verb("transfer", "Hand the customer on, blind", b.To),
    _verb("consult", "Hold the customer and ask somebody", b.To, answer=b.Made),
    _verb("toggle", "Talk to the other one"),
    _verb("confer", "All three talk"),
    _verb("complete", "Leave customer and colleague to each other"),
    _verb("end-consult", "Back to the customer alone, or one fewer in a video call", AskedIn),
    _verb("park", "Put the customer aside", b.Aside),
    _verb("retrieve", "Take a parked customer back", own=Own.ANY),
    _verb("recording", "Pause or resume the recording", b.Recording),
    _verb("hang-up", "End the call"),
    _verb("machine", "An answering machine took a call that we made: nobody was reached"),
    _verb("monitor", "Be in somebody's call", b.Listen, right=Right.LISTEN, own=Own.ANY),
    _verb("take-over", "Become the call's agent", right=Right.STEP_IN, own=Own.ANY),
    _verb("disposition", "Say what the contact was about", b.Disposition),
    _verb("wrap-up-done", "The work after the contact is done"),
    _verb("wrap-up-extend", "More time for the work after the contact"),
)

_CONTACT: Final = (
    _read("/interactions", "recent", "The newest interactions", Right.REVIEW, list[Any], query=(_LIMIT,)),
    _read("/interactions/{id}", "interaction", "All that is written down", Right.REVIEW, Any, own=Own.MAY),
    _read("/interactions/{id}/decisions", "decisions", "Why, in words", Right.REVIEW, list[b.Decision]),
    _read(
        "/interactions/{id}/release", "release", "What ending it lets go", Right.RULE, b.Release, live=True
    ),
    _verb(
        "reveal",
        "The customer's address in full",
        right=Right.REVIEW,
        own=Own.MAY,
        live=False,
        answer=b.Revealed,
    ),
    _verb("priority", "Move a waiting contact", b.Priority, right=Right.LEAD, own=Own.ANY),
    _verb("move", "Move a waiting contact to another queue", b.MoveTo, right=Right.LEAD, own=Own.ANY),
    _verb("end", "End what is stuck", b.EndStuck, right=Right.RULE, own=Own.ANY),
)

_BEFORE: Final = Parameter("before", "^[0-9a-f]{32}$", "only those older than this one, which was shown")

_CUSTOMER: Final = (
    _read(
        "/interactions/{id}/earlier",
        "earlier",
        "Other contacts of the same customer, the newest first",
        Right.REVIEW,
        Past,
        own=Own.NOW,
        query=(_LIMIT, _BEFORE),
    ),
    _read("/me/drafts", "drafts", "What one has written of one's contacts", Right.WORK, list[Draft]),
    Route(
        "PUT",
        "/interactions/{id}/draft",
        "draft",
        "Keep what was written so far",
        Right.WORK,
        b.Done,
        NewDraft,
        own=Own.MUST,
        audited=False,
        live=True,
    ),
    _read("/me/cases", "own-cases", "What one has promised to customers", Right.WORK, list[Case]),
    _read("/cases", "cases", "What everybody has promised to customers", Right.LEAD, list[Case]),
    Route("PATCH", "/cases/{id}", "case-change", "Say when it is due, or done", Right.WORK, Case, CaseChange),
)

_APPOINTMENT: Final = (
    _do(
        *("/appointments", "appointment-make", "Agree when a visitor comes by video", Right.INVITE),
        NewAppointment,
        answer=AppointmentInfo,
    ),
    _read(
        *("/appointments", "appointments", "Appointments from yesterday on: one's own, or all for who leads"),
        Right.INVITE,
        list[AppointmentInfo],
        query=(_LIMIT,),
    ),
    _do(
        *(
            "/appointments/{appointment}/cancel",
            "appointment-cancel",
            "Cancel one's own, or any for who leads",
        ),
        Right.INVITE,
        b.Empty,
    ),
    _read(
        *("/interactions/{id}/appointment", "contact-appointment", "By which appointment a visitor came"),
        Right.REVIEW,
        AppointmentInfo,
        own=Own.NOW,
    ),
)

_STATE: Final = Parameter(
    "state", "^(open|new|taken|done)$", "which; open, that is new and taken, unless given"
)
_QUEUE: Final = Parameter("queue", "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", "only those in this queue")
_SHOWN: Final = Parameter("after", "^[0-9a-f]{32}$", "only those behind this one, which was shown")


def _message(verb: str, summary: str, right: Right, body: Any = b.Empty, answer: Any = v.Voicemail) -> Route:
    return _do(f"/voicemails/{{id}}/{verb}", f"voicemail-{verb}", summary, right, body, answer=answer)


_VOICEMAIL: Final = (
    _read(
        "/voicemails",
        "voicemails",
        "Messages that callers left: those to work on with the oldest first, those done with the newest",
        Right.HEAR,
        v.Page,
        query=(_STATE, _QUEUE, _LIMIT, _SHOWN),
    ),
    _read("/voicemails/{id}", "voicemail", "One message", Right.HEAR, v.Voicemail),
    Route(
        "GET",
        "/voicemails/{id}/sound",
        "voicemail-sound",
        "What the caller said; answers Range requests. Every one is in the audit",
        Right.HEAR,
        bytes,
        sends="audio/wav",
    ),
    _message("take", "Have a message to oneself", Right.WORK),
    _message("call-back", "Take it, and call the caller back", Right.WORK, answer=b.Made),
    _message("put-back", "Let anybody take it", Right.ANSWER),
    _message("done", "Say what came of it", Right.ANSWER, v.Finish),
    _message("delete", "Take a message out and erase its sound", Right.RULE, v.Delete, b.Done),
)

_ROOM: Final = (
    _read("/queues", "queues", "Every queue, live", Right.SELF, list[m.Queue]),
    _read("/agents", "agents", "Every agent, live", Right.WATCH, list[m.Agent]),
    _read("/contacts", "contacts", "Every live contact", Right.CONTACTS, list[m.Contact]),
    _read("/wallboard", "wallboard", "The room's figures", Right.SHOW, m.Wallboard, query=(_TOKEN,)),
    _do("/queues/{queue}/state", "queue-state", "Open, pause or drain", Right.RULE, b.QueueChange),
    _do(
        "/agents/{agent}/intent",
        "agent-intent",
        "Set an agent's intent",
        Right.LEAD,
        b.Intent,
        answer=m.Agent,
    ),
    _do(
        "/agents/{agent}/sign-out", "agent-sign-out", "Sign an agent out", Right.LEAD, b.Empty, answer=m.Agent
    ),
    _do("/notes", "note", "A note to the desks", Right.LEAD, b.Broadcast),
    _do("/emergency", "emergency", "Close the centre, or open it again", Right.RULE, b.Emergency),
)

_TEXT: Final = 4 * a.MAX_TEXT
"""Bytes of a body with a file's text."""


def _admin(method: str, path: str, name: str, summary: str, answer: Any, **more: Any) -> Route:
    reads = method == "GET" or name.endswith(("-check", "-draw"))
    return Route(
        method, f"/admin{path}", f"admin-{name}", summary, Right.ADMINISTER, answer, audited=not reads, **more
    )


_CENTRE: Final = (
    _admin("GET", "/files", "files", "The centre's files", a.Files),
    _admin("GET", "/files/{file}", "file", "A file as it is now", a.FileText),
    _admin(
        *("POST", "/files/{file}/check", "file-check", "What a change would make", a.Checked),
        body=a.Change,
        most=_TEXT,
    ),
    _admin(
        *("PUT", "/files/{file}", "file-save", "Change a file and put it in force", a.Saved),
        body=a.Change,
        most=_TEXT,
    ),
    _admin("GET", "/files/{file}/history", "file-history", "What a file was", list[a.Version]),
    _admin("GET", "/files/{file}/history/{version}", "file-version", "One earlier text", a.VersionText),
    _admin("POST", "/files/{file}/undo", "file-undo", "Return to an earlier text", a.Saved, body=a.Undo),
    _admin(
        *("POST", "/menus/{menu}/draw", "menu-draw", "A menu as a picture", a.Drawing),
        body=a.MenuText,
        most=_TEXT,
    ),
)

_SOUND: Final = "/prompts/{language}/{prompt}"
_PROMPTS: Final = (
    _admin("GET", "/prompts", "prompts", "What callers hear", list[a.PromptInfo]),
    _admin(
        *("GET", f"{_SOUND}/sound", "sound", "What callers hear, or an earlier recording", bytes),
        query=(_VERSION,),
        sends="audio/wav",
    ),
    _admin(
        *("PUT", f"{_SOUND}/sound", "sound-record", "Play a recording", a.SoundSaved),
        takes="application/octet-stream",
        most=a.MAX_SOUND,
    ),
    _admin("DELETE", f"{_SOUND}/sound", "sound-speak", "Speak the text again", a.SoundSaved),
    _admin("GET", f"{_SOUND}/history", "sound-history", "Earlier recordings", list[a.SoundVersion]),
    _admin(
        "POST", f"{_SOUND}/undo", "sound-undo", "Return to an earlier one", a.SoundSaved, body=a.SoundUndo
    ),
)

_ACCOUNTS: Final = (
    _admin("GET", "/users", "users", "Every account", list[a.Account]),
    _admin("POST", "/users", "user-add", "Make an account", a.FirstPassword, body=a.NewAccount, secret=True),
    _admin("PATCH", "/users/{user}", "user-change", "Change an account", b.Done, body=a.AccountChange),
    _admin(
        *("POST", "/users/{user}/password", "user-password", "Give a new password", a.FirstPassword),
        body=b.Empty,
        secret=True,
    ),
    _admin("POST", "/users/{user}/totp-reset", "user-totp-reset", "Ask for no code", b.Done, body=b.Empty),
    _admin("DELETE", "/users/{user}/sessions", "user-sessions-end", "End all sessions", b.Done),
)

_ADMIN: Final = (
    _read("/users", "users", "Every account", Right.ADMINISTER, list[User]),
    _do("/users", "user-add", "Make an account", Right.ADMINISTER, b.NewUser),
    Route(
        "PATCH", "/users/{user}", "user-change", "Change an account", Right.ADMINISTER, b.Done, b.UserChange
    ),
    _do("/users/{user}/revoke", "user-revoke", "End all sessions of an account", Right.ADMINISTER, b.Empty),
    *_CENTRE,
    *_PROMPTS,
    *_ACCOUNTS,
    _read("/audit", "audit", "Who did what", Right.ADMINISTER, list[Act], query=(_LIMIT, _AFTER)),
)

ROUTES: Final = (
    *_ACCOUNT,
    *_AGENT,
    *_CALL,
    *_CONTACT,
    *_CUSTOMER,
    *_VOICEMAIL,
    *_APPOINTMENT,
    *_ROOM,
    *_ADMIN,
)
"""In the order in which they are documented."""


def by_name() -> Iterator[tuple[str, Route]]:
    """Yield every route by its name, which is unique."""
    return ((route.name, route) for route in ROUTES)
