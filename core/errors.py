"""Errors named by what the receiver may do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class SambungError(Exception):
    """The root of every error this project raises on purpose."""


class TryLater(SambungError):
    """The other side cannot do it now; the same request may succeed after ``after_s`` seconds."""

    def __init__(self, message: str, after_s: float = 1.0) -> None:
        super().__init__(message)
        self.after_s = after_s


class Refused(SambungError):
    """The request is wrong and will stay wrong; a person has to change it."""


class Gone(SambungError):
    """The thing named is over already. For a request to end it, this is success."""


class Fatal(SambungError):
    """This process must not go on: its state may differ from what is written down."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a configuration file, in the words of whoever has to mend it."""

    file: str
    line: int
    key: str
    message: str
    """What is wrong and what is allowed."""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.key}: {self.message}" if self.key else f"{where}: {self.message}"


class ConfigError(Refused):
    """The configuration cannot be used; ``problems`` names every reason found, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(p) for p in problems))
        self.problems = tuple(problems)
