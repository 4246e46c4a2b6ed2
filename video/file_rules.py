"""Which files may be handed over in a visit, and under what name they are kept. Pure.

What a file is, its first bytes say; its name is only shown, and never becomes a path.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MEGABYTE: Final = 1024 * 1024

HEAD: Final = 16
"""So many bytes tell what a file is."""

LONGEST_NAME: Final = 80
"""Characters, with the ending."""

_FORBIDDEN: Final = frozenset('<>:"/\\|?*')
"""Means something in markup, or to some file system."""

_DEVICES: Final = frozenset(
    ("con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10)))
)
"""Names that open a device on Windows, whatever the ending."""


class FileKind(StrEnum):
    """What may be handed over: nothing that can run, or that a program opens with macros."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"

    @property
    def ending(self) -> str:
        """Return the ending of such a file's name."""
        return _ENDINGS[self][0]


_ENDINGS: Final = {
    FileKind.PDF: (".pdf",),
    FileKind.JPEG: (".jpg", ".jpeg"),
    FileKind.PNG: (".png",),
    FileKind.WEBP: (".webp",),
}


@dataclass(frozen=True, slots=True)
class FileLimits:
    """How much is taken."""

    largest: int = 10 * MEGABYTE
    """Bytes of one file."""
    most: int = 20
    """Files of one visit, of everybody together."""
    at_once: int = 2
    """Files of one visit that are on their way."""
    reserve: int = 512 * MEGABYTE
    """With less than so many bytes free on the disk nothing is taken: recordings go first."""


LIMITS: Final = FileLimits()


def kind_of(head: bytes) -> FileKind | None:
    """Return what a file that begins with ``head`` (``HEAD`` bytes, or all there are) is, or None if not taken."""
    if head.startswith(b"%PDF-"):
        return FileKind.PDF
    if head.startswith(b"\xff\xd8\xff"):
        return FileKind.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileKind.PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return FileKind.WEBP
    return None


def safe_name(given: str, kind: FileKind) -> str:
    """Return a name that may be shown and saved anywhere, with the ending that the content has."""
    last = given.replace("\\", "/").rpartition("/")[2][:1_000]
    kept = "".join(letter if _shown(letter) else " " for letter in unicodedata.normalize("NFC", last))
    stem = " ".join("".join("_" if letter in _FORBIDDEN else letter for letter in kept).split())
    for ending in _ENDINGS[kind]:
        if stem.lower().endswith(ending):
            stem = stem[: -len(ending)]
            break
    # A dot at the front hides a file, one at the end is dropped by Windows.
    stem = stem.strip(". ")[: LONGEST_NAME - len(kind.ending)].rstrip(". ")
    if not stem:
        stem = "berkas"
    if stem.partition(".")[0].strip().lower() in _DEVICES:
        stem = f"_{stem}"[: LONGEST_NAME - len(kind.ending)]
    return stem + kind.ending


def _shown(letter: str) -> bool:
    """Whether a letter is seen, and changes nothing about the others: no control, no change of direction."""
    return unicodedata.category(letter)[0] != "C" and unicodedata.category(letter) not in ("Zl", "Zp")
