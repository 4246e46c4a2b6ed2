"""``python -m sambung.bench [SUITE ...] [--json FILE] [--quick]``: run suites and print their table."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sambung.bench.table import Figure, to_json, to_text


def _acd(quick: bool) -> list[Figure]:
    from sambung.bench import acd

    return acd.run(quick)


def _voice(quick: bool) -> list[Figure]:
    from sambung.bench import voice

    return asyncio.run(voice.run(quick))


def _wait(quick: bool) -> list[Figure]:
    from sambung.bench import wait

    return wait.run(quick)


def _video(quick: bool) -> list[Figure]:
    from sambung.bench import video

    return video.run(quick)


def _desk(quick: bool) -> list[Figure]:
    from sambung.bench import desk

    return asyncio.run(desk.run(quick))


SUITES: Final[dict[str, Callable[[bool], list[Figure]]]] = {
    "acd": _acd,
    "voice": _voice,
    "wait": _wait,
    "video": _video,
    "desk": _desk,
}


def main() -> int:
    """Run the suites named on the command line, or all."""
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("suites", nargs="*", help=f"{', '.join(SUITES)}; all unless named")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--quick", action="store_true", help="a smaller run, to see that it works")
    arguments = parser.parse_args()
    if unknown := set(arguments.suites) - set(SUITES):
        parser.error(f"there is no suite {', '.join(unknown)}; there is {', '.join(SUITES)}")
    figures: list[Figure] = []
    for name in arguments.suites or SUITES:
        figures += SUITES[name](arguments.quick)
    sys.stdout.write(to_text(figures) + "\n")
    if arguments.json:
        arguments.json.write_bytes(to_json(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
