"""Where Asterisk is: the system's own, or a private root unpacked from Debian without root rights.

``python -m pbx.root`` makes sure there is one, prints a line a step and exits 0, or 1 with one sentence.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import Refused, TryLater

OLDEST: Final = 20
"""The oldest release that is supported: Asterisk 20 LTS."""

SUITE: Final = "forky"
"""The Debian suite that has Asterisk 22. Debian 12 and 13 have none."""

PACKAGES: Final = ("asterisk", "asterisk-modules", "asterisk-moh-opsound-wav")

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class AsteriskInstall:
    """An Asterisk that can be run by any user with a configuration of its own."""

    command: tuple[str, ...]
    """What goes before Asterisk's own arguments."""
    version: str
    modules: Path
    data: Path
    """``astdatadir``; read only."""
    moh: Path
    """Hold music as WAV files."""
    rest_api: Path
    """Asterisk's own description of ARI: one JSON file a resource."""
    module_names: frozenset[str]
    """What is in ``modules``, without ``.so``."""


def cache_folder() -> Path:
    """Return where downloads are kept (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "sambung"


def locate(cache: Path) -> AsteriskInstall | None:
    """Return the system's Asterisk if it is new enough, else the private root below ``cache``, else None."""
    return _system() or _private(_root_folder(cache))


def ensure(cache: Path, progress: Progress) -> AsteriskInstall:
    """Return an Asterisk, installing or fetching it first where there is none.

    Raises ``Refused`` when something is missing on this machine, ``TryLater`` when the network let us down.
    """
    if found := locate(cache):
        return found
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(cache / "asterisk.lock", progress):
        if found := locate(cache):
            return found
        if _apt_has_asterisk() and (sudo := _sudo()) is not None:
            return _install_package(sudo, progress)
        return _build(_root_folder(cache), progress)


# --- what is there -----------------------------------------------------------------------------------------


def major(version: str) -> int:
    """Return the release series in what ``asterisk -V`` or a package version says, 0 if there is none."""
    match = re.search(r"(?:Asterisk |\d:|^)(\d+)\.", version)
    return int(match[1]) if match else 0


def _system() -> AsteriskInstall | None:
    binary = shutil.which("asterisk") or shutil.which("asterisk", path="/usr/sbin:/usr/local/sbin")
    if binary is None:
        return None
    folders = (*Path("/usr/lib").glob("*-linux-gnu/asterisk/modules"), Path("/usr/lib/asterisk/modules"))
    modules = next((folder for folder in folders if folder.is_dir()), None)
    return _probe((binary,), modules, Path("/usr/share/asterisk"))


def _private(root: Path) -> AsteriskInstall | None:
    """Describe the unpacked tree. It has no ``/lib``, so its loader is named, with its libraries."""
    usr = root / "usr"
    loader = next(iter(sorted(usr.glob("lib/*-linux-gnu/ld-linux-*.so.*"))), None)
    if loader is None:
        return None
    command = (str(loader), "--library-path", f"{loader.parent}:{usr / 'lib'}", str(usr / "sbin/asterisk"))
    return _probe(command, loader.parent / "asterisk/modules", usr / "share/asterisk")


def _probe(command: tuple[str, ...], modules: Path | None, data: Path) -> AsteriskInstall | None:
    moh = data / "moh"
    if modules is None or not modules.is_dir() or not any(moh.glob("*.wav")):
        return None
    try:
        done = subprocess.run([*command, "-V"], capture_output=True, text=True, timeout=30, check=True)  # noqa: S603 -- our own tree or the system's package
    except (OSError, subprocess.SubprocessError):
        return None
    version = done.stdout.strip()
    if major(version) < OLDEST:
        return None
    names = frozenset(path.stem for path in modules.glob("*.so"))
    return AsteriskInstall(
        command, version.removeprefix("Asterisk "), modules, data, moh, data / "rest-api", names
    )


# --- the system's package ----------------------------------------------------------------------------------


def _apt_has_asterisk() -> bool:
    if shutil.which("apt-cache") is None:
        return False
    candidate = re.search(r"Candidate: (\S+)", _ask("apt-cache", "policy", "asterisk"))
    return candidate is not None and major(candidate[1]) >= OLDEST


def _sudo() -> tuple[str, ...] | None:
    """Return what to put before a command that needs root, None if there is no way."""
    if os.geteuid() == 0:
        return ()
    return ("sudo",) if shutil.which("sudo") else None


def _install_package(sudo: Sequence[str], progress: Progress) -> AsteriskInstall:
    progress("Installing the system's asterisk package")
    install = ["apt-get", "install", "-y", "--no-install-recommends", *PACKAGES]
    _run(
        [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", *install],
        "The asterisk package could not be installed",
    )
    if Path("/run/systemd/system").is_dir():
        # The package starts a service on the standard ports; ours has a configuration and ports of its own.
        _run(
            [*sudo, "systemctl", "disable", "--now", "asterisk"],
            "The package's own service could not be stopped",
        )
    found = _system()
    if found is None:
        raise Refused("The asterisk package was installed but does not run; try: asterisk -V")
    return found


# --- the private root --------------------------------------------------------------------------------------


def _root_folder(cache: Path) -> Path:
    return cache / f"asterisk-{SUITE}"


def _build(root: Path, progress: Progress) -> AsteriskInstall:
    if shutil.which("mmdebstrap") is None:
        raise Refused(
            "mmdebstrap is missing; install it (apt-get install mmdebstrap) or Asterisk 20 or newer."
        )
    mirror = debian_mirror(_apt_sources())
    if mirror is None:
        raise Refused("No Debian mirror is among the apt sources; add one, or install Asterisk 20 or newer.")
    progress(f"Fetching Asterisk from Debian {SUITE} into {root}")
    with tempfile.TemporaryDirectory(prefix="asterisk-", dir=root.parent) as folder:
        tree = Path(folder) / "root"
        _run(_mmdebstrap(tree, mirror), f"Asterisk could not be fetched from {mirror}")
        tree.chmod(0o755)
        if _private(tree) is None:
            raise Refused(f"The Asterisk that Debian {SUITE} has now does not run on this machine.")
        if root.exists():
            # What was there could not be run, or locate() would have found it.
            root.rename(Path(folder) / "broken")
        tree.rename(root)
    found = _private(root)
    if found is None:
        raise Refused(f"Asterisk does not run from {root}; is the file system mounted noexec?")
    return found


def _mmdebstrap(tree: Path, mirror: str) -> list[str]:
    """Build the command. Packages are only unpacked, no script of theirs runs, so no rights are needed."""
    return [
        "mmdebstrap",
        "--variant=extract",
        "--mode=chrootless",
        "--skip=check/chrootless",
        f"--architectures={_ask('dpkg', '--print-architecture').strip()}",
        '--aptopt=APT::Install-Recommends "false"',
        *(f"--aptopt={option}" for option in _apt_options()),
        "--keyring=/usr/share/keyrings",
        f"--include={','.join(PACKAGES)}",
        SUITE,
        str(tree),
        f"deb {mirror} {SUITE} main",
    ]


def debian_mirror(sources: Iterable[str]) -> str | None:
    """Return the first Debian mirror in the texts of apt sources, one-line or deb822 (sources.list(5))."""
    for text in sources:
        for line in text.splitlines():
            match = re.match(r"(?:deb\s+(?:\[[^\]]*\]\s+)?|URIs:\s*)(.*)", line)
            for uri in match[1].split() if match else ():
                if re.fullmatch(r"https?://[^\s|]+/debian/?", uri):
                    return uri.rstrip("/")
    return None


def _apt_sources() -> Iterator[str]:
    folder = Path("/etc/apt")
    for path in (folder / "sources.list", *sorted(folder.glob("sources.list.d/*"))):
        if path.suffix in {".list", ".sources"} and path.is_file():
            yield path.read_text(encoding="utf-8", errors="replace")


def _apt_options() -> list[str]:
    """Return how this machine's apt reaches its mirrors: proxies, certificates, retries, dates."""
    wanted = re.compile(r'Acquire::(?:https?::|Retries|Check-)[^ ]* ".+";')
    return [line for line in _ask("apt-config", "dump").splitlines() if wanted.fullmatch(line)]


def _ask(*command: str) -> str:
    """Return what a tool of the system says, in English, or nothing if it fails."""
    env = {**os.environ, "LC_ALL": "C"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=env, check=False)  # noqa: S603 -- constant commands
    return done.stdout


def _run(command: Sequence[str], sentence: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=1200, check=False)  # noqa: S603 -- built from constants and apt's own sources
    except subprocess.TimeoutExpired:
        raise TryLater(f"{sentence}: it took more than 20 minutes.") from None
    if done.returncode:
        said = [line.strip() for line in done.stderr.splitlines() if line.startswith("E:")]
        reason = said[0].removeprefix("E: ") if said else f"{command[0]} exited with {done.returncode}"
        raise TryLater(f"{sentence}: {reason}. Check the network and run this again.")


@contextmanager
def _locked(path: Path, progress: Progress) -> Iterator[None]:
    """Hold ``path`` against other builders; the kernel lets go of it if we die."""
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("Waiting for another set-up that is fetching Asterisk")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Make sure there is an Asterisk."""
    try:
        found = ensure(cache_folder(), lambda line: print(line, flush=True))  # noqa: T201 -- a command prints
    except (Refused, TryLater) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    print(f"Asterisk {found.version}: {found.command[-1]}", flush=True)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
