"""A PostgreSQL server of the tests' own, from the system's binaries, and databases to test the store on.

A test module says ``pytest_plugins = ("tests.integration.postgres_fixture",)`` and asks for ``store_url``, a
fresh database of each kind in turn.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

_START_S = 30.0
_numbers = itertools.count(1)


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[4]))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


def _user() -> pwd.struct_passwd:
    """The server refuses to run as root."""
    if os.getuid() != 0:
        return pwd.getpwuid(os.getuid())
    names = {user.pw_name: user for user in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


class Postgres:
    """A server that listens on a socket in a folder of its own."""

    def __init__(self, binaries: Path, home: Path, user: pwd.struct_passwd) -> None:
        self._binaries = binaries
        self._home = home
        switch = os.getuid() == 0
        self._uid = user.pw_uid if switch else None
        self._gid = user.pw_gid if switch else None
        self._groups: list[int] | None = [] if switch else None
        os.chown(home, user.pw_uid, user.pw_gid)

    def start(self) -> subprocess.Popen[bytes]:
        self.run("initdb", "-D", str(self._home / "data"), "-U", "sambung", "-A", "trust", "-E", "UTF8", "-N")
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._home),
            "fsync": "off",
            "max_connections": "60",
        }
        command = [str(self._binaries / "postgres"), "-D", str(self._home / "data")]
        command += [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        with (self._home / "log").open("wb") as log:
            server = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                cwd=self._home,
                user=self._uid,
                group=self._gid,
                extra_groups=self._groups,
            )
        deadline = time.monotonic() + _START_S
        while self.run("pg_isready", "-q", "-h", str(self._home), check=False) != 0:
            if server.poll() is not None or time.monotonic() > deadline:
                server.kill()
                pytest.fail("PostgreSQL did not start:\n" + (self._home / "log").read_text())
            time.sleep(0.05)
        return server

    def create(self) -> str:
        """Return the URL of a new, empty database."""
        name = f"store{next(_numbers)}"
        self.run("createdb", "-h", str(self._home), "-U", "sambung", name)
        return f"postgresql+asyncpg://sambung@/{name}?host={self._home}"

    def run(self, program: str, *arguments: str, check: bool = True) -> int:
        done = subprocess.run(
            [str(self._binaries / program), *arguments],
            cwd=self._home,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_START_S,
            check=False,
            user=self._uid,
            group=self._gid,
            extra_groups=self._groups,
        )
        if check and done.returncode:
            pytest.fail(f"{program} failed:\n{done.stdout.decode(errors='replace')}")
        return done.returncode


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running server; the test is skipped where the machine has no PostgreSQL."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip("PostgreSQL's server is not installed (bin/setup --test does it)")
    # Not below pytest's own folder: the server's user may not enter that, and a socket's path is short.
    home = Path(tempfile.mkdtemp(prefix="sambung-pg-"))
    server = Postgres(binaries, home, _user())
    process = server.start()
    try:
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=_START_S)
        shutil.rmtree(home)


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, once for each kind."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'sambung.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.create()
