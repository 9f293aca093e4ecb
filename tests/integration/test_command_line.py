"""The commands as an operator types them."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from bot.demo import sample

XUEJI = Path(sys.executable).with_name("xueji")


@pytest.fixture
def environment(tmp_path: Path) -> Mapping[str, str]:
    """An environment with a data folder of its own, with a space in its name, and any free port."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XUEJI_")}
    return kept | {"XUEJI_DATA": str(tmp_path / "the data"), "XUEJI_PORT": "0"}


@pytest.fixture
def service(environment: Mapping[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`xueji serve` running, and the address of its health page."""
    process = subprocess.Popen(
        [XUEJI, "serve"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    yield process, address
    process.kill()
    process.wait()
    process.stdout.close()


def xueji(environment: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([XUEJI, *words], env=environment, capture_output=True, text=True, check=False)


def test_faulty_settings_are_one_line_each_and_no_traceback(environment: Mapping[str, str]) -> None:
    ended = xueji({**environment, "XUEJI_PORT": "many", "XUEJI_SCOPES": "x"}, "serve")
    assert ended.returncode == 2
    assert [line.split(":")[0] for line in sorted(ended.stderr.splitlines())] == ["XUEJI_PORT", "XUEJI_SCOPES"]


@pytest.mark.parametrize("command", [("serve",), ("demo",), ("ask", "学籍是什么")])
def test_a_scope_that_there_is_not_is_one_of_the_faults_of_settings(
    environment: Mapping[str, str], command: tuple[str, ...]
) -> None:
    ended = xueji({**environment, "XUEJI_PORT": "many", "XUEJI_SCOPE": "glutt"}, *command)
    assert ended.returncode == 2
    assert [line.split(":")[0] for line in sorted(ended.stderr.splitlines())] == ["XUEJI_PORT", "XUEJI_SCOPE"]


def test_the_service_is_ready_refuses_a_second_and_ends_with_everything_it_started(
    environment: Mapping[str, str], service: tuple[subprocess.Popen[str], str]
) -> None:
    process, address = service
    assert httpx.get(address).json()["ready"] is True
    second = xueji(environment, "serve")
    assert second.returncode == 2
    assert str(process.pid) in second.stderr
    assert "Traceback" not in second.stderr
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0
    pid = Path(environment["XUEJI_DATA"]) / "valkey" / "valkey.pid"
    assert not pid.exists() or not Path(f"/proc/{pid.read_text().strip()}").exists()


def test_a_port_that_is_taken_is_one_line_and_nothing_is_left_running(environment: Mapping[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = xueji({**environment, "XUEJI_PORT": str(port)}, "serve")
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1].endswith("another program uses it; set XUEJI_PORT to another port")
    assert "Traceback" not in ended.stderr
    assert not list(Path(environment["XUEJI_DATA"]).rglob("valkey.pid"))


def test_a_service_that_nobody_can_talk_to_says_so(service: tuple[subprocess.Popen[str], str]) -> None:
    _, address = service
    assert "docs/telegram.md" in httpx.get(address).json()["notes"]["platforms"]


def test_what_a_killed_service_had_stored_is_there_again(
    environment: Mapping[str, str], service: tuple[subprocess.Popen[str], str], tmp_path: Path
) -> None:
    process, _ = service
    file = tmp_path / "roster.xlsx"
    file.write_bytes(sample.roster_xlsx(2019))
    assert xueji(environment, "roster", "import", str(file), "--scope", "glut").returncode == 0
    server = int((Path(environment["XUEJI_DATA"]) / "valkey" / "valkey.pid").read_text())
    process.kill()
    os.kill(server, signal.SIGKILL)
    process.wait()
    again = xueji(environment, "roster", "import", str(file), "--scope", "glut", "--json")
    assert json.loads(again.stdout) == {"new": 0, "changed": 0, "moved": 0, "gone": 0, "faults": []}


def test_a_faulty_roster_is_refused_whole_with_row_and_column(environment: Mapping[str, str], tmp_path: Path) -> None:
    file = tmp_path / "名单.csv"
    file.write_bytes(
        "学院,班级,学号,姓名,年级\n示例学院,一班,001,甲,2026\n示例学院,一班,001,乙,2026\n".encode("gb18030")
    )
    ended = xueji(environment, "roster", "import", str(file), "--json")
    assert ended.returncode == 1
    (fault,) = json.loads(ended.stdout)["faults"]
    assert (fault["row"], fault["column"]) == (3, "学号")
    looked = xueji(environment, "roster", "import", str(file), "--dry-run", "--json")
    assert json.loads(looked.stdout)["new"] >= 1  # nothing of it had been imported


def test_a_campaign_is_opened_watched_printed_and_closed(environment: Mapping[str, str], tmp_path: Path) -> None:
    file = tmp_path / "roster.xlsx"
    file.write_bytes(sample.roster_xlsx(2019))
    xueji(environment, "roster", "import", str(file), "--scope", "glut")
    opened = xueji(environment, "campaign", "open", "glut-check", "--year", "2030", "--cohort", "2019", "--yes")
    assert "glut-check-2030" in opened.stdout
    again = xueji(environment, "campaign", "open", "glut-check", "--year", "2030", "--cohort", "2019", "--yes")
    assert again.returncode == 1
    assert "计科1901班：应核对39" in xueji(environment, "campaign", "status").stdout
    report = xueji(environment, "campaign", "rehearse", "glut-check-2030").stdout
    assert "什么都不会发出去" in report
    assert "计科1901班：没有绑群，39人里39人" in report, "who is exempt is nowhere counted"
    rows = xueji(environment, "campaign", "rehearse", "glut-check-2030", "--json").stdout.splitlines()
    assert {"at", "wave", "class", "address", "kind", "text", "reason"} <= json.loads(rows[0]).keys()
    said = xueji(environment, "campaign", "waves", "glut-check-2030").stdout.splitlines()
    assert "同学的提醒（student:7d）" in said[0]
    assert said[1] == "· 还没发"
    pasted = xueji(environment, "campaign", "paste", "glut-check-2030", "--wave", "3d", "--class", "计科1901班").stdout
    assert pasted.startswith("—— 计科1901班 ——")
    assert "还剩3天，12月22日（周日）24:00截止" in pasted
    assert "私聊“学籍通”发“确认”" in pasted
    out = tmp_path / "forms"
    assert xueji(environment, "campaign", "forms", "glut-check-2030", "--out", str(out)).returncode == 0
    assert len(list(out.glob("签字表-*.xlsx"))) == 3
    assert "已结束" in xueji(environment, "campaign", "close", "glut-check-2030").stdout
    again = xueji(environment, "campaign", "close", "glut-check-2030")
    assert (again.returncode, again.stdout) == (1, "")
    assert "什么也没有改" in again.stderr


def test_a_file_that_cannot_be_written_is_one_line_and_no_traceback(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    nowhere = str(tmp_path / "nowhere" / "record")
    ended = xueji(environment, "evidence", "export", nowhere)
    assert ended.returncode == 2
    assert ended.stderr.splitlines() == [f"{nowhere}: No such file or directory"]


def test_a_question_on_the_command_line_is_explained(environment: Mapping[str, str]) -> None:
    asked = xueji(environment, "ask", "学信网上查不到我的学籍", "--scope", "glut-2019", "--json")
    row = json.loads(asked.stdout)
    assert row["candidates"][0]["topic"] == "enrollment-not-found"
    assert xueji(environment, "ask", "x", "--scope", "nowhere").returncode == 2


def test_a_file_of_questions_is_answered_in_order(environment: Mapping[str, str], tmp_path: Path) -> None:
    questions = tmp_path / "in.jsonl"
    questions.write_text('{"q": "毕业证丢了"}\n\n{"q": "今晚吃啥", "addressed": false}\n', encoding="utf-8")
    answers = tmp_path / "out.jsonl"
    assert xueji(environment, "ask", "--batch", str(questions), "--out", str(answers)).returncode == 0
    rows = [json.loads(line) for line in answers.read_text(encoding="utf-8").splitlines()]
    assert [row["q"] for row in rows] == ["毕业证丢了", "今晚吃啥"]
    assert rows[1]["band"] == "none"
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"q": 1}\n', encoding="utf-8")
    assert "broken.jsonl:1" in xueji(environment, "ask", "--batch", str(broken), "--out", str(answers)).stderr
