from __future__ import annotations

import array
import math
import wave
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import ConfigError, Refused
from ivr.prompts import Catalogue, Voice, sound_file
from ivr.speak import INDEX, RATE, render
from pbx.probe.tone import has_tone, level, sound_runs

VOICES = {"id": Voice("id", 140), "en": Voice("en", 145)}
TEXTS = {
    "greeting": {"id": "Terima kasih telah menghubungi kami.", "en": "Thank you for calling."},
    "closed": {"id": "Mohon maaf, layanan kami sedang tutup.", "en": "-f is no option; we are closed."},
}
CATALOGUE = Catalogue(VOICES, TEXTS)
FILES = {sound_file(language, name) for name in TEXTS for language in VOICES}


def changed(texts: Mapping[str, Mapping[str, str]]) -> Catalogue:
    return replace(CATALOGUE, texts={**TEXTS, **texts})


def samples(file: Path) -> array.array[int]:
    """Return the samples of a prompt that Asterisk can play as it is."""
    with wave.open(str(file), "rb") as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (RATE, 1, 2)
        return array.array("h", sound.readframes(sound.getnframes()))


def record(file: Path, *, rate: int = 44_100, channels: int = 2, hz: int = 700, seconds: float = 1) -> Path:
    """Record a tone, as a studio would deliver it."""
    tone = (round(8_000 * math.sin(2 * math.pi * hz * n / rate)) for n in range(round(rate * seconds)))
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(array.array("h", [s for s in tone for _ in range(channels)]).tobytes())
    return file


def made(out: Path) -> dict[str, bytes]:
    """Return the sound by its place, and show that nothing else lies about."""
    files = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert files.pop(INDEX)
    assert {path.name for path in out.iterdir()} <= {INDEX, *VOICES}
    return files


def test_every_prompt_is_telephone_sound_that_can_be_heard(tmp_path: Path) -> None:
    assert render(CATALOGUE, tmp_path) == 4
    assert made(tmp_path).keys() == FILES
    for file in FILES:
        sound = samples(tmp_path / file)
        assert sum(run.ms for run in sound_runs(sound, RATE)) > 500
        assert level(sound) > -30
        assert max(map(abs, sound)) < 32_767 * 0.75
    assert len(set(made(tmp_path).values())) == 4


def test_a_second_run_makes_nothing(tmp_path: Path) -> None:
    render(CATALOGUE, tmp_path)
    before = made(tmp_path)
    assert render(CATALOGUE, tmp_path) == 0
    assert made(tmp_path) == before


@pytest.mark.parametrize(
    "catalogue",
    [
        changed({"closed": {**TEXTS["closed"], "en": "We are open."}}),
        replace(CATALOGUE, texts={**TEXTS, "new": {"en": "Something new."}}),
    ],
    ids=["changed", "added"],
)
def test_a_changed_or_added_text_makes_one(tmp_path: Path, catalogue: Catalogue) -> None:
    render(CATALOGUE, tmp_path)
    before = made(tmp_path)
    assert render(catalogue, tmp_path) == 1
    assert len(made(tmp_path).items() - before.items()) == 1


def test_a_changed_voice_makes_its_language_anew(tmp_path: Path) -> None:
    render(CATALOGUE, tmp_path)
    before = made(tmp_path)
    slow = replace(CATALOGUE, voices={**VOICES, "en": Voice("en", 90)})
    assert render(slow, tmp_path) == 2
    assert {file for file, _ in made(tmp_path).items() - before.items()} == {
        "en/greeting.wav",
        "en/closed.wav",
    }
    assert len(samples(tmp_path / "en/greeting.wav")) > (len(before["en/greeting.wav"]) - 44) // 2


def test_a_recorded_prompt_wins_and_a_removed_recording_lets_the_text_speak(tmp_path: Path) -> None:
    out, studio = tmp_path / "out", record(tmp_path / "greeting.wav")
    spoken = Catalogue(VOICES, TEXTS)
    assert render(spoken, out) == 4
    assert render(replace(spoken, recorded={("id", "greeting"): studio}), out) == 1
    sound = samples(out / "id/greeting.wav")
    assert has_tone(sound, RATE, 700, for_ms=900)
    assert level(sound) > -12
    assert render(spoken, out) == 1
    assert not has_tone(samples(out / "id/greeting.wav"), RATE, 700)


def test_a_new_recording_by_the_same_name_is_taken(tmp_path: Path) -> None:
    out, studio = tmp_path / "out", record(tmp_path / "greeting.wav")
    catalogue = replace(CATALOGUE, recorded={("id", "greeting"): studio})
    render(catalogue, out)
    record(studio, hz=1_300, rate=8_000, channels=1)
    assert render(catalogue, out) == 1
    assert has_tone(samples(out / "id/greeting.wav"), RATE, 1_300, for_ms=900)


def test_bad_recordings_are_refused_by_name_and_nothing_is_made(tmp_path: Path) -> None:
    low, nothing = record(tmp_path / "low.wav", rate=4_000), tmp_path / "nothing.wav"
    nothing.write_bytes(b"")
    catalogue = replace(CATALOGUE, recorded={("id", "greeting"): low, ("en", "greeting"): nothing})
    with pytest.raises(ConfigError) as wrong:
        render(catalogue, tmp_path / "out")
    assert [problem.file for problem in wrong.value.problems] == [str(low), str(nothing)]
    assert "4,000 Hz is too low" in str(wrong.value)
    assert not (tmp_path / "out").exists()


def test_a_prompt_that_is_no_longer_wanted_goes_and_what_others_put_there_stays(tmp_path: Path) -> None:
    render(CATALOGUE, tmp_path)
    (tmp_path / "id/own.wav").write_bytes(b"kept by hand")
    render(replace(CATALOGUE, texts={"greeting": TEXTS["greeting"]}), tmp_path)
    assert made(tmp_path).keys() == {"id/greeting.wav", "en/greeting.wav", "id/own.wav"}


def test_a_lost_file_or_index_is_made_good(tmp_path: Path) -> None:
    render(CATALOGUE, tmp_path)
    before = made(tmp_path)
    (tmp_path / "id/greeting.wav").unlink()
    assert render(CATALOGUE, tmp_path) == 1
    for index in ("", "[]", '{"id/greeting.wav": 5}', "\x00"):
        (tmp_path / INDEX).write_text(index, encoding="utf-8")
        assert render(CATALOGUE, tmp_path) == 4
    assert made(tmp_path).keys() == before.keys()


def test_a_run_that_failed_halfway_does_not_pass_for_the_one_before(tmp_path: Path) -> None:
    render(CATALOGUE, tmp_path)
    before = made(tmp_path)
    new = {"greeting": {**TEXTS["greeting"], "id": "Halo."}}
    broken = replace(
        changed(new), texts={**TEXTS, **new, "zz": {"xx": "?"}}, voices={**VOICES, "xx": Voice("zz")}
    )
    with pytest.raises(Refused, match=r"prompt xx/zz\.wav: espeak-ng"):
        render(broken, tmp_path)
    assert len(made(tmp_path)["id/greeting.wav"]) < len(before["id/greeting.wav"])
    assert render(CATALOGUE, tmp_path) == 1
    # sox adds dither, so the bytes differ from one making to the next; the length does not.
    assert len(made(tmp_path)["id/greeting.wav"]) == len(before["id/greeting.wav"])


def test_a_text_with_nothing_to_say_is_refused_by_name(tmp_path: Path) -> None:
    silent = replace(CATALOGUE, texts={"pause": {"id": "..."}})
    with pytest.raises(Refused, match=r"prompt id/pause\.wav"):
        render(silent, tmp_path)


@pytest.mark.parametrize("program", ["espeak-ng", "sox"])
def test_a_missing_program_is_named_with_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    there = tmp_path / "bin"
    there.mkdir()
    for other in {"espeak-ng", "sox"} - {program}:
        (there / other).symlink_to("/bin/true")
    monkeypatch.setenv("PATH", str(there))
    with pytest.raises(Refused, match=f"apt install {program}"):
        render(CATALOGUE, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["bin"]


def test_what_was_spoken_once_is_taken_from_where_it_is_kept(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    assert render(CATALOGUE, tmp_path / "first", kept=kept) == 4
    assert len(list(kept.iterdir())) == 4
    # Whatever is kept under the name is what another centre gets.
    for file in kept.iterdir():
        record(file, rate=RATE, channels=1)
    assert render(CATALOGUE, tmp_path / "second", kept=kept) == 4
    assert all(has_tone(samples(tmp_path / "second" / file), RATE, 700) for file in FILES)


def test_what_is_kept_and_broken_or_cannot_be_kept_is_spoken(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    render(CATALOGUE, tmp_path / "first", kept=kept)
    for file in kept.iterdir():
        file.write_bytes(b"RIFF")
    assert render(CATALOGUE, tmp_path / "second", kept=kept) == 4
    assert made(tmp_path / "second").keys() == FILES
    (tmp_path / "file").touch()
    assert render(CATALOGUE, tmp_path / "third", kept=tmp_path / "file" / "kept") == 4
    assert made(tmp_path / "third").keys() == FILES


def test_a_call_in_progress_may_still_say_what_was_removed_meanwhile(tmp_path: Path) -> None:
    render(CATALOGUE, tmp_path)
    fewer = replace(CATALOGUE, texts={"greeting": TEXTS["greeting"]})
    assert render(fewer, tmp_path, sweep=False) == 0
    assert made(tmp_path).keys() == FILES
    assert render(fewer, tmp_path) == 0
    assert made(tmp_path).keys() == {"id/greeting.wav", "en/greeting.wav"}
