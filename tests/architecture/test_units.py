"""systemd runs the same processes as `sambung up`, under the same rules."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from pbx.settings import AsteriskSettings
from sambung.policy import Limits
from sambung.settings import Settings
from sambung.supervise import Program
from sambung.up import programs
from tests.architecture.sources import ROOT

FOLDER = ROOT / "systemd"
SETTINGS = Settings(Path("h"), Path("c"), "", AsteriskSettings(Path("a"), Path("p"), Path("s")), Path("r"))
PROGRAMS = {program.name: program for program in programs(SETTINGS, ("asterisk",), ())}


def unit(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign] # systemd's keys have capitals
    parser.read_string((FOLDER / name).read_text())
    return parser


def template(name: str) -> str:
    """The unit that runs a program: sfu@1 is an instance of sfu@ (systemd.unit(5))."""
    return re.sub(r"@.*", "@", name)


def seconds(text: str | None) -> float | None:
    if text is None:
        return None
    return float(text.removesuffix("ms")) / 1000 if text.endswith("ms") else float(text)


def test_each_process_has_a_unit_and_each_unit_a_process() -> None:
    names = {path.stem.removeprefix("sambung-") for path in FOLDER.glob("*.service")}
    assert names == {template(name) for name in PROGRAMS}
    wanted = unit("sambung.target")["Unit"]["Wants"].split()
    assert sorted(wanted) == sorted(f"sambung-{name}.service" for name in PROGRAMS)


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=lambda p: p.name)
def test_a_unit_is_as_patient_as_up(program: Program) -> None:
    service = unit(f"sambung-{template(program.name)}.service")["Service"]
    assert (service["Type"], service["NotifyAccess"], service["Restart"]) == ("notify", "main", "always")
    limits: Limits = program.limits
    assert seconds(service.get("WatchdogSec")) == limits.watchdog_s
    assert seconds(service["TimeoutStopSec"]) == limits.stop_s
    assert seconds(service["RestartSec"]) == limits.restart_s
    # A frozen process ignores every signal but this one.
    assert limits.watchdog_s is None or service["WatchdogSignal"] == "SIGKILL"


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_unit_runs_the_command_of_that_name(name: str) -> None:
    command = unit(f"sambung-{template(name)}.service")["Service"]["ExecStart"].split()
    assert command[:2] == ["/opt/sambung/bin/sambung", name.partition("@")[0]]


def test_no_unit_goes_down_with_another() -> None:
    for path in FOLDER.glob("*.service"):
        assert not {"Requires", "BindsTo", "Requisite"} & set(unit(path.name)["Unit"])


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for path in FOLDER.glob("sambung*"):
        # The program is not installed where the tests run.
        text = path.read_text().replace("/opt/sambung/bin/sambung", "/bin/true")
        (tmp_path / path.name).write_text(text)
    units = sorted(str(path) for path in tmp_path.iterdir())
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    complaints = [line for line in done.stderr.splitlines() if "sambung" in line]
    assert complaints == []
