"""The line does not stand still for the garbage collector."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterator

import pytest

from sambung.collector import settle


@pytest.fixture
def _as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


@pytest.mark.usefixtures("_as_before")
def test_what_was_there_is_not_looked_through_again() -> None:
    waiting = [[number] for number in range(1_000)]
    settle()
    looked_at = gc.get_objects()
    assert gc.get_freeze_count() > len(waiting)
    assert not any(found is waiting for found in looked_at)


@pytest.mark.usefixtures("_as_before")
def test_no_full_collection_comes_by_itself() -> None:
    settle()
    full = gc.get_stats()[2]["collections"]
    kept = [[number] for number in range(200_000)]
    assert len(kept) == 200_000
    assert gc.get_stats()[2]["collections"] == full


_MAPPED = """
import ctypes
from sambung.collector import keep_large_apart

class Info(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "arena ordblks smblks hblks hblkhd".split()] + [
        ("others", ctypes.c_size_t * 5)
    ]

mallinfo2 = ctypes.CDLL(None).mallinfo2
mallinfo2.restype = Info
{set_it}
bytes(1_000_000)
before = mallinfo2().hblks
held = bytes(262_144)
print(mallinfo2().hblks - before)
"""


@pytest.mark.parametrize(("set_it", "mapped"), [("keep_large_apart()", 1), ("", 0)])
def test_what_asyncio_reads_into_is_not_taken_from_the_heap(set_it: str, mapped: int) -> None:
    program = _MAPPED.format(set_it=set_it)
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(said.stdout) == mapped


def test_control_does_not_load_the_codecs_of_the_processes_beside_it() -> None:
    program = "import sys, sambung.control; print({'av', 'aiortc', 'pylibsrtp'} & sys.modules.keys())"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout == "set()\n"
