"""What may be handed over, and under which name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from video.file_rules import HEAD, LONGEST_NAME, FileKind, kind_of, safe_name

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"%PDF-1.7\n", FileKind.PDF),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", FileKind.JPEG),
        (PNG, FileKind.PNG),
        (b"RIFF\x10\0\0\0WEBPVP8 ", FileKind.WEBP),
        (b"RIFF\x10\0\0\0WAVEfmt ", None),
        (b"MZ\x90\0", None),
        (b"<html><script>", None),
        (b"<svg xmlns=", None),
        (b"PK\x03\x04", None),
        (b"GIF89a", None),
        (b" %PDF-1.7", None),
        (b"", None),
        (b"\x89PNG", None),
    ],
)
def test_the_content_decides(head: bytes, kind: FileKind | None) -> None:
    assert kind_of(head[:HEAD]) is kind


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("NIB Ketut.pdf", "NIB Ketut.pdf"),
        ("akta.PDF", "akta.pdf"),
        ("akta.pdf.exe", "akta.pdf.exe.pdf"),
        ("foto.jpg", "foto.jpg.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\Ani\\surat.pdf", "surat.pdf"),
        ('<img src=x onerror="alert(1)">', "_img src=x onerror=_alert(1)__.pdf"),
        ("tagihan\u202efdp.exe", "tagihan fdp.exe.pdf"),
        ("a\x00b\nc\u200bd.pdf", "a b c d.pdf"),
        ("", "berkas.pdf"),
        ("...", "berkas.pdf"),
        (".bashrc", "bashrc.pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("con.txt", "_con.txt.pdf"),
        ("\u0130zin \u8a31\u53ef.pdf", "\u0130zin \u8a31\u53ef.pdf"),
        ("\ud800", "berkas.pdf"),
    ],
)
def test_a_name_is_made_safe(given_name: str, shown: str) -> None:
    assert safe_name(given_name, FileKind.PDF) == shown


@given(some.text(max_size=200) | some.text(alphabet="./\\:<>\u202e \0cCoOnN", max_size=40))
def test_every_name_is_short_visible_and_no_path(name: str) -> None:
    for kind in FileKind:
        safe = safe_name(name * 60, kind)
        assert len(safe) <= LONGEST_NAME
        assert safe.endswith(kind.ending)
        assert safe.isprintable()
        assert not set(safe) & set('<>:"/\\|?*\u202e\u2066\n\0')
        assert not safe.startswith(".")
        safe.encode()
