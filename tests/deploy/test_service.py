"""The systemd unit is one systemd takes, and lets the bot do what it must and nothing more."""

import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.deploy.dockerfile import ROOT

_UNIT = ROOT / "deploy/xueji.service"


def _unit() -> ConfigParser:
    parser = ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign] # systemd's words have capitals
    parser.read(_UNIT, "utf-8")
    return parser


def _service() -> dict[str, str]:
    return dict(_unit()["Service"])


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd here to read its unit")
def test_systemd_finds_no_fault_in_the_unit(tmp_path: Path) -> None:
    program = _service()["ExecStart"].split()[0]
    installed = _UNIT.read_text("utf-8").replace(program, sys.executable)
    (tmp_path / _UNIT.name).write_text(installed, "utf-8")
    verify = ["systemd-analyze", "verify", str(tmp_path / _UNIT.name)]
    said = subprocess.run(verify, capture_output=True, text=True, check=False).stderr
    assert [line for line in said.splitlines() if _UNIT.name in line] == []


def test_the_unit_starts_what_make_install_puts_there() -> None:
    venv = re.search(r"^VENV := (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert venv
    assert _service()["ExecStart"] == f"/opt/xueji/{venv[1]}/bin/xueji serve"


def test_the_data_folder_is_the_one_folder_it_may_write_to() -> None:
    service = _service()
    assert f"XUEJI_DATA=/var/lib/{service['StateDirectory']}" in service["Environment"].split()
    assert service["ProtectSystem"] == "strict"
    assert "ReadWritePaths" not in service


def test_the_bot_stops_its_database_itself() -> None:
    assert _service()["KillMode"] == "mixed"


def test_it_comes_back_whatever_ended_it_and_never_gives_up() -> None:
    unit = _unit()
    assert unit["Service"]["Restart"] == "always"
    assert "RestartPreventExitStatus" not in unit["Service"]
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"


def test_it_is_nobody_special() -> None:
    service = _service()
    assert service["User"] not in {"", "root"}
    assert service["NoNewPrivileges"] == "yes"
    assert service["CapabilityBoundingSet"] == ""
