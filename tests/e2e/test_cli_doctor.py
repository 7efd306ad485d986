"""``scantop doctor`` on a real simulator: every step, what it says to mend, the exit codes, and no token anywhere."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command import Said, Simulated, scantop, simulated
from test_cli_pipes import loaded

NAMES = {"name", "connection", "tls", "authentication", "permission", "version", "clock", "latency"}


@pytest.fixture(scope="module")
def world() -> Iterator[Simulated]:
    with simulated("--scenario=documents") as running:
        yield running


@pytest.fixture
def config(world: Simulated, tmp_path: Path) -> Path:
    world.faults()
    return world.config(tmp_path / "config.toml")


def doctor(path: Path, *flags: str) -> Said:
    return scantop("--config", str(path), "doctor", *flags)


def steps_of(document: Any, server: str) -> dict[str, Any]:
    """The steps by name; the permission that went wrong where one did, else the last."""
    found: dict[str, Any] = {}
    for look in document["servers"]:
        for step in look["steps"] if look["name"] == server else ():
            if found.get(step["step"], {}).get("verdict") != "failed":
                found[step["step"]] = step
    return found


def test_all_is_well(world: Simulated, config: Path) -> None:
    said = doctor(config, "--json")
    document = said.document
    assert (said.code, said.err, document["version"]) == (0, "", 1)
    assert [look["name"] for look in document["servers"]] == ["prod", "tf", "sca"]
    for look in document["servers"]:
        assert look["verdict"] == "ok" and {step["step"] for step in look["steps"]} == NAMES
        assert {"step", "verdict", "text", "advice", "problem", "facts"} == set(look["steps"][0])
    assert {"program", "config", "state", "terminal"} <= {step["step"] for step in document["here"]}
    sca = steps_of(document, "sca")
    assert sca["authentication"]["facts"]["user"] == "admin" and sca["version"]["facts"]["release"] == "2025 R1"
    assert "3.80.9" in steps_of(document, "prod")["version"]["text"]
    for server in world.line["servers"].values():
        assert server["token"] not in said.out


def test_for_people_and_without_the_screen(config: Path) -> None:
    said = doctor(config)
    assert said.code == 0 and said.out.splitlines()[0] == "this machine"
    assert "prod: JFrog Xray at http://127.0.0.1:" in said.out
    assert "textual" not in loaded("--config", str(config), "doctor")


def test_only_reading_questions_are_asked(world: Simulated, config: Path) -> None:
    before = world.control("requests", method="GET")["total"]
    assert doctor(config).code == 0
    asked = world.control("requests", method="GET")
    calls = [f"{call['method']} {call['endpoint']}" for call in asked["requests"][-(asked["total"] - before) :]]
    assert "POST build-status" in calls and "GET jobs" in calls and "GET scan-status" in calls
    changing = {"notices", "sbom-export", "report-create", "report-delete", "report-abort", "upload", "scan-delete"}
    assert not changing.intersection(call.split()[1] for call in calls)


@pytest.mark.parametrize(("server", "words"), [("prod", "invalid token"), ("tf", "API Key"), ("sca", "401")])
def test_a_refused_token_is_4_and_what_stands_on_it_is_not_tried(
    world: Simulated, tmp_path: Path, server: str, words: str
) -> None:
    world.faults()
    token = "planted-secret-0123456789"
    path = world.config(tmp_path / "config.toml", **{server: {"token": token}})
    said = doctor(path, "--json")
    steps = steps_of(said.document, server)
    assert said.code == 4 and token not in said.out + said.err
    assert steps["authentication"]["verdict"] == "failed" and words in steps["authentication"]["text"]
    assert steps["authentication"]["advice"] and steps["authentication"]["problem"]["code"] == "unauthorised"
    assert {steps[name]["verdict"] for name in ("permission", "version")} == {"not_tried"}
    assert {steps[name]["verdict"] for name in ("name", "connection", "tls", "clock")} == {"ok"}


def test_a_permission_that_lacks_is_4_and_says_which(world: Simulated, config: Path) -> None:
    world.faults("xray/reports:403")
    said = doctor(config, "--json", "--server", "prod")
    steps = steps_of(said.document, "prod")
    assert said.code == 4 and steps["authentication"]["verdict"] == "ok"
    assert "Manage Reports" in steps["permission"]["advice"] and steps["permission"]["problem"]["code"] == "forbidden"
    assert steps["version"]["verdict"] == "ok"


def test_reports_that_are_not_followed_need_no_permission(world: Simulated, tmp_path: Path) -> None:
    world.faults("xray/reports:403")
    path = world.config(tmp_path / "config.toml", prod={"reports": False})
    assert doctor(path, "--server", "prod").code == 0


@pytest.mark.parametrize(
    ("faults", "server", "step", "code", "words"),
    [
        ("codeinsight:502", "sca", "authentication", "server_error", "502"),
        ("xray:login", "prod", "authentication", "bad_answer", "login page"),
        ("xray:redirect-host", "prod", "authentication", "redirected", "redirected.invalid"),
        ("threadfix:404-page", "tf", "authentication", "bad_answer", "no such call"),
        ("codeinsight/jobs:404-page", "sca", "permission", "bad_answer", "no such call"),
    ],
)
def test_bad_answers_are_3(
    world: Simulated, config: Path, faults: str, server: str, step: str, code: str, words: str
) -> None:
    world.faults(faults)
    said = doctor(config, "--json", "--server", server)
    found = steps_of(said.document, server)[step]
    assert (said.code, found["verdict"], found["problem"]["code"]) == (3, "failed", code)
    assert words in found["text"] and found["advice"]


def test_a_threadfix_that_is_too_new(tmp_path: Path) -> None:
    with simulated("--scenario=documents", "--variants=threadfix=3.1") as newer:
        said = doctor(newer.config(tmp_path / "config.toml"), "--json", "--server", "tf")
    assert said.code == 3 and "3.1 and later" in steps_of(said.document, "tf")["authentication"]["advice"]


@pytest.mark.parametrize(("form", "how"), [("ahead", "ahead of"), ("behind", "behind")])
def test_a_clock_that_is_wrong_is_a_note(tmp_path: Path, form: str, how: str) -> None:
    with simulated("--scenario=documents", f"--variants=date={form}") as other:
        said = doctor(other.config(tmp_path / "config.toml"), "--json", "--server", "prod")
    clock = steps_of(said.document, "prod")["clock"]
    assert said.code == 0 and clock["verdict"] == "note" and how in clock["text"]
    assert abs(abs(clock["facts"]["ahead_s"]) - 3600) < 30


def test_a_server_that_is_down_or_unknown_keeps_no_other_waiting(world: Simulated, tmp_path: Path) -> None:
    world.faults()
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        down = f"http://127.0.0.1:{unused.getsockname()[1]}"
        unknown = {"url": "https://no-such-host.invalid/threadfix"}
        path = world.config(tmp_path / "config.toml", prod={"url": down}, tf=unknown)
        said = doctor(path, "--json")
    prod, tf, sca = (steps_of(said.document, name) for name in ("prod", "tf", "sca"))
    assert said.code == 3
    assert (prod["name"]["verdict"], prod["connection"]["problem"]["code"]) == ("ok", "refused")
    assert tf["name"]["problem"]["code"] == "dns" and tf["connection"]["verdict"] == "not_tried"
    assert all(step["advice"] for step in (prod["connection"], tf["name"]))
    assert sca["version"]["verdict"] == "ok"


def test_a_proxy_is_named_without_its_password(world: Simulated, tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        proxy = f"http://me:s3cret-word@127.0.0.1:{unused.getsockname()[1]}"
        path = world.config(tmp_path / "config.toml", prod={"url": "https://acme.example.com", "proxy": proxy})
        said = doctor(path, "--server", "prod")
    assert said.code == 3 and "s3cret" not in said.out + said.err
    assert "127.0.0.1" in said.out and "proxy in [servers.prod]" in said.out


def test_both_kinds_of_failure_are_4(world: Simulated, tmp_path: Path) -> None:
    world.faults("codeinsight:502")
    path = world.config(tmp_path / "config.toml", prod={"token": "planted-secret"})
    assert doctor(path).code == 4


@pytest.mark.parametrize("argv", [["--server", "prdo"], ["--jsn"], ["extra"]])
def test_wrong_usage_is_one_sentence(config: Path, argv: list[str]) -> None:
    said = doctor(config, *argv)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
