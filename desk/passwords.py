"""Passwords and codes: argon2 in a thread, TOTP, and a limit to trying."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, TypeVar

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import TryLater

STEP_S: Final = 30
"""Length of a TOTP step."""

_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_AT_ONCE: Final = 2
_QUEUED: Final = 50
"""So many wait for a thread; more are sent away, or a storm of sign-ins would fill the memory."""

_T = TypeVar("_T")


class Passwords:
    """Hashing takes 64 MiB and a good part of a second of one core by design."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0
        self._nobody = self._hasher.hash(secrets.token_hex(16))

    async def hash(self, password: str) -> str:
        """Return an argon2id hash. Raises TryLater when too many ask at once."""
        return await self._threaded(lambda: self._hasher.hash(password))

    async def right(self, hashed: str, password: str) -> bool:
        """Whether the password is the hashed one; takes as long where there is no hash.

        Raises TryLater when too many ask at once.
        """
        given = hashed or self._nobody
        return await self._threaded(lambda: self._verify(given, password)) and bool(hashed)

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _threaded(self, work: Callable[[], _T]) -> _T:
        if self._waiting >= _QUEUED:
            raise TryLater("too many sign-ins at once", 2)
        self._waiting += 1
        try:
            async with self._slots:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1


class Tries:
    """How often somebody may be wrong: ``allowed`` failures within ``window_ms``, by any name one likes."""

    def __init__(self, allowed: int, window_ms: int, kept: int = 10_000) -> None:
        self._allowed = allowed
        self._window_ms = window_ms
        self._kept = kept
        self._failures: OrderedDict[str, list[int]] = OrderedDict()

    def wait_ms(self, who: str, now: int) -> int:
        """Return how long this one has to wait; 0 for not at all."""
        failures = [at for at in self._failures.get(who, ()) if now - at < self._window_ms]
        if len(failures) < self._allowed:
            return 0
        return failures[-self._allowed] + self._window_ms - now

    def failed(self, who: str, now: int) -> None:
        """Note a failure."""
        failures = [at for at in self._failures.pop(who, ()) if now - at < self._window_ms]
        self._failures[who] = [*failures, now][-self._allowed :]
        while len(self._failures) > self._kept:
            self._failures.popitem(last=False)

    def succeeded(self, who: str) -> None:
        """Forget the failures of somebody who was right."""
        self._failures.pop(who, None)


def step_of(secret: str, code: str, now: int) -> int | None:
    """Return the 30 s step of which ``code`` is the code, of those just around ``now`` (ms); None if of none."""
    totp = pyotp.TOTP(secret, interval=STEP_S)
    step = now // 1_000 // STEP_S
    matching = [s for s in (step, step - 1, step + 1) if _same(totp.generate_otp(s), code)]
    return matching[0] if matching else None


def new_password() -> str:
    """Return a password to be read out and typed once: 79 random bits, without letters that look alike."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def new_secret() -> str:
    """Return a new shared secret, base32."""
    return pyotp.random_base32()


def enrolment(secret: str, name: str, centre: str) -> str:
    """Return the ``otpauth:`` address of which an authenticator reads a picture."""
    return pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=name, issuer_name=centre)


def new_token() -> str:
    """Return 256 random bits for a cookie or a machine."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """Return what is kept of a token: SHA-256, enough for a secret that nobody chose."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _same(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode(), other.encode("utf-8", "replace"))
