"""What a request is answered when it is not done."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from core.errors import Gone, Refused, SambungError, TryLater
from desk.bodies import FileProblem, Problem

_AT: Final = re.compile(r" - at `\$\.?(.*?)`")
_FIELD: Final = re.compile(r"(?:unknown|required) field `([^`]{1,100})`")


class Answered(SambungError):
    """The request ends here, with ``status`` and a ``Problem``."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        key: str = "",
        after_s: float | None = None,
        problems: tuple[FileProblem, ...] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.problem = Problem(code=code, message=message, key=key, problems=problems)
        self.after_s = after_s


def unknown(what: str) -> Answered:
    """There is and was no such thing."""
    return Answered(404, "unknown", f"there is no such {what}")


def invalid(message: str, key: str = "") -> Answered:
    """The body is wrong at ``key``."""
    return Answered(422, "invalid", message, key=key)


def over(what: str) -> Answered:
    """It ended already."""
    return Answered(410, "over", f"this {what} is over")


def answered(error: SambungError) -> Answered:
    """Return what a request is answered for an error of the folders below."""
    match error:
        case Answered():
            return error
        case TryLater():
            return Answered(503, "later", str(error), after_s=error.after_s)
        case Gone():
            return Answered(410, "over", str(error))
        case Refused():
            return Answered(409, "conflict", str(error))
    return Answered(500, "failed", "the server failed; the log says why")


def invalid_body(error: Exception) -> Answered:
    """Return what is wrong with a body that could not be read as its type."""
    if not isinstance(error, msgspec.ValidationError):
        return invalid("the body is not JSON in UTF-8, or nested too deep")
    text = str(error)
    path = found[1] if (found := _AT.search(text)) else ""
    field = found[1] if (found := _FIELD.search(text)) else ""
    return invalid(_AT.sub("", text), ".".join(part for part in (path, field) if part))
