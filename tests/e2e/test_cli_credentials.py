"""Every way to keep a credential, from the configuration to the request, through the real command."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from command import Said, Simulated, scantop, simulated

BUILD = "build/my-build/1?project=my-project"
SECRET = "planted-wrong-secret-4711"


@pytest.fixture(scope="module")
def world() -> Iterator[Simulated]:
    with simulated("--scenario=documents", "--frozen") as running:
        yield running


@pytest.fixture(autouse=True)
def no_faults(world: Simulated) -> None:
    world.faults()


def token_of(world: Simulated, kind: str = "xray") -> str:
    return str(world.line["servers"][kind]["token"])


def written(world: Simulated, path: Path, token: str, more: str = "", mode: int = 0o600) -> Path:
    """A config with one Xray server; `token` is TOML."""
    url = world.line["servers"]["xray"]["url"]
    path.write_text(f'[servers.prod]\nkind = "xray"\nurl = "{url}"\ntoken = {token}\n{more}')
    path.chmod(mode)
    return path


def status(path: Path, environ: Mapping[str, str] | None = None) -> Said:
    changed = None if environ is None else {**os.environ, **environ}
    return scantop("--config", str(path), "status", "--json", BUILD, environ=changed)


def asked(world: Simulated) -> int:
    return int(world.control("requests", method="GET")["total"])


def is_done(said: Said) -> bool:
    return said.code == 0 and said.document["targets"][0]["state"] == "done"


def script(folder: Path, body: str) -> str:
    path = folder / "give-token"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o700)
    return str(path)


# where a token may be


def test_a_variable(world: Simulated, tmp_path: Path) -> None:
    path = written(world, tmp_path / "c.toml", '{ env = "MY_TOKEN" }', mode=0o644)
    assert is_done(status(path, {"MY_TOKEN": token_of(world)}))
    said = status(path)
    assert said.code == 4 and "MY_TOKEN is not set" in said.out


def test_a_file_beside_the_config(world: Simulated, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(token_of(world) + "\n")
    path = written(world, tmp_path / "c.toml", '{ file = "token" }', mode=0o644)
    assert is_done(status(path))
    (tmp_path / "token").unlink()
    said = status(path)
    assert said.code == 4 and "cannot be read" in said.out


def test_the_config_itself_if_nobody_else_reads_it(world: Simulated, tmp_path: Path) -> None:
    path = written(world, tmp_path / "c.toml", json.dumps(token_of(world)))
    assert is_done(status(path))
    path.chmod(0o644)
    said = status(path)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert "chmod 600" in said.err and token_of(world) not in said.err


def test_a_command_is_run_once_for_many_targets(world: Simulated, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    give = script(tmp_path, f"echo run >> {runs}; echo {token_of(world)}; echo more; echo {SECRET} >&2")
    path = written(world, tmp_path / "c.toml", json.dumps([give]).join(["{ command = ", " }"]))
    said = scantop(
        "--config", str(path), "status", BUILD, "artifact/docker-local/desktop-storage/1.0/manifest.json", "report/1234"
    )
    assert said.code == 0 and runs.read_text() == "run\n"
    assert token_of(world) not in said.out + said.err and SECRET not in said.out + said.err


def test_a_command_is_run_again_after_a_refusal(world: Simulated, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    give = script(
        tmp_path, f"echo run >> {runs}; [ $(wc -l < {runs}) -gt 1 ] && echo {token_of(world)} || echo {SECRET}"
    )
    path = written(world, tmp_path / "c.toml", f'{{ command = ["{give}"] }}')
    assert is_done(status(path)) and runs.read_text() == "run\n" * 2


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (f"echo {SECRET}; exit 3", "ended with exit status 3"),
        ("true", "is empty"),
        (f"printf '{SECRET}\\033[0m'", "control character"),
    ],
)
def test_a_command_that_fails_shows_nothing_of_its_output(
    world: Simulated, tmp_path: Path, body: str, words: str
) -> None:
    path = written(world, tmp_path / "c.toml", f'{{ command = ["{script(tmp_path, body)}"] }}')
    before = asked(world)
    said = status(path)
    assert said.code == 4 and words in said.out and SECRET not in said.out + said.err
    assert asked(world) == before, "without a token nothing is sent"


KEYRING = """
def get_password(service, user):
    import os
    return os.environ["PLANTED"] if (service, user) == ("scantop", "prod") else None
"""


def test_the_keyring(world: Simulated, tmp_path: Path) -> None:
    (tmp_path / "keyring.py").write_text(KEYRING)
    environ = {"PYTHONPATH": str(tmp_path), "PLANTED": token_of(world)}
    assert is_done(status(written(world, tmp_path / "c.toml", '{ keyring = "scantop/prod" }'), environ))
    said = status(written(world, tmp_path / "d.toml", '{ keyring = "scantop/other" }'), environ)
    assert said.code == 4 and "no entry" in said.out


def test_a_keyring_that_is_not_installed_says_what_to_install(world: Simulated, tmp_path: Path) -> None:
    (tmp_path / "keyring.py").write_text("raise ImportError('none here')")
    path = written(world, tmp_path / "c.toml", '{ keyring = "scantop/prod" }')
    said = status(path, {"PYTHONPATH": str(tmp_path)})
    assert said.code == 4 and "scantop[keyring]" in said.out


def test_user_and_password(world: Simulated, tmp_path: Path) -> None:
    assert is_done(status(written(world, tmp_path / "c.toml", json.dumps(token_of(world)), 'user = "admin"\n')))
    assert status(written(world, tmp_path / "d.toml", json.dumps(token_of(world)), 'user = "other"\n')).code == 4
    environ = {"JF_URL": world.line["servers"]["xray"]["url"], "JF_USER": "admin", "JF_PASSWORD": token_of(world)}
    assert scantop("status", BUILD, environ={**os.environ, **environ}).code == 0


# the JFrog CLI's set-up


def jf_home(world: Simulated, folder: Path, *, token: str | None = None, default: str = "acme") -> Path:
    url = world.line["servers"]["xray"]["url"]
    good = token_of(world) if token is None else token
    servers = [
        {"serverId": "acme", "url": f"{url}/", "accessToken": good, "isDefault": default == "acme", "webLogin": True},
        {"serverId": "basic", "url": f"{url}/", "user": "admin", "password": good, "isDefault": default == "basic"},
        {"serverId": "wrong", "url": f"{url}/", "accessToken": SECRET, "isDefault": default == "wrong"},
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "jfrog-cli.conf.v6").write_text(json.dumps({"servers": servers, "version": "6"}))
    return folder


def test_whoever_has_jf_needs_no_config(world: Simulated, own_home: Path) -> None:
    jf_home(world, own_home / ".jfrog")
    said = scantop("status", BUILD, "--json")
    assert is_done(said) and said.document["targets"][0]["server"] == "acme"
    assert scantop("status", f"acme:{BUILD}").code == 0
    checked = scantop("config", "check")
    assert checked.code == 0 and "jfrog_cli acme" in checked.out and token_of(world) not in checked.out + checked.err


@pytest.mark.parametrize(("server", "code"), [("acme", 0), ("basic", 0), ("wrong", 4)])
def test_jfs_own_variables_are_obeyed(world: Simulated, tmp_path: Path, server: str, code: int) -> None:
    folder = jf_home(world, tmp_path / "elsewhere", default="wrong")
    environ = {**os.environ, "JFROG_CLI_HOME_DIR": str(folder), "JFROG_CLI_SERVER_ID": server}
    said = scantop("status", BUILD, "--json", environ=environ)
    assert (said.code, said.document["targets"][0]["server"]) == (code, server)
    assert SECRET not in said.out + said.err


def test_a_server_id_that_jf_does_not_know(world: Simulated, own_home: Path) -> None:
    jf_home(world, own_home / ".jfrog")
    said = scantop("status", BUILD, environ={**os.environ, "JFROG_CLI_SERVER_ID": "acem"})
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1) and "'acem'" in said.err


def test_the_environment_goes_before_jf(world: Simulated, own_home: Path) -> None:
    jf_home(world, own_home / ".jfrog", token=SECRET)
    environ = {"JF_URL": world.line["servers"]["xray"]["url"], "JF_ACCESS_TOKEN": token_of(world)}
    said = scantop("status", BUILD, "--json", environ={**os.environ, **environ})
    assert is_done(said) and said.document["targets"][0]["server"] == "xray"


def test_a_config_goes_before_jf(world: Simulated, own_home: Path, tmp_path: Path) -> None:
    jf_home(world, own_home / ".jfrog", token=SECRET)
    assert is_done(status(written(world, tmp_path / "c.toml", json.dumps(token_of(world)))))


@pytest.mark.parametrize("text", ["{", "[]", '{"servers": 3}', "\x00"])
def test_a_broken_jf_configuration_is_one_sentence(own_home: Path, text: str) -> None:
    (own_home / ".jfrog").mkdir()
    (own_home / ".jfrog" / "jfrog-cli.conf.v6").write_text(text)
    said = scantop("status")
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)


def test_an_encrypted_configuration_without_its_key_never_sends_the_cipher_text(
    world: Simulated, own_home: Path
) -> None:
    folder = jf_home(world, own_home / ".jfrog")
    path = folder / "jfrog-cli.conf.v6"
    path.write_text(json.dumps({**json.loads(path.read_text()), "enc": True}))
    before = asked(world)
    said = scantop("status", BUILD)
    assert said.code == 4 and "encrypted" in said.out and asked(world) == before


def test_import_writes_a_config_that_refers_to_jf(world: Simulated, own_home: Path, tmp_path: Path) -> None:
    jf_home(world, own_home / ".jfrog")
    path = tmp_path / "new" / "config.toml"
    said = scantop("--config", str(path), "config", "import-jfrog")
    text = path.read_text()
    assert (said.code, said.out) == (0, f"{path}\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert 'token = { jfrog_cli = "acme" }' in text and token_of(world) not in text and SECRET not in text
    assert scantop("--config", str(path), "status", f"acme:{BUILD}", f"basic:{BUILD}").code == 0
    again = scantop("--config", str(path), "config", "import-jfrog")
    assert (again.code, again.out, again.err.count("\n")) == (2, "", 1) and path.read_text() == text
    printed = scantop("--config", str(path), "config", "import-jfrog", "--print")
    assert printed.code == 0 and printed.out.strip() == text.strip()


def test_import_without_jf_is_one_sentence() -> None:
    said = scantop("config", "import-jfrog")
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1) and "jf config add" in said.err


def test_the_doctor_runs_a_command_once_and_shows_nothing_of_it(world: Simulated, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    give = script(tmp_path, f"echo run >> {runs}; echo {token_of(world)}")
    path = written(world, tmp_path / "c.toml", f'{{ command = ["{give}"] }}')
    said = scantop("--config", str(path), "doctor")
    assert said.code == 0 and runs.read_text() == "run\n" and token_of(world) not in said.out + said.err


def test_whoever_has_jf_sees_the_builds_that_changed_last(own_home: Path) -> None:
    with simulated("--scenario=day", "--frozen") as day:
        jf_home(day, own_home / ".jfrog")
        said = scantop("status", "--json")
        targets = [each["target"] for each in said.document["targets"]]
        checked = scantop("config", "check").out
    assert (
        said.code == 0 and len(targets) == len({each.split("/")[1] for each in targets}) == 6
    )  # all names of that story
    assert all(each.startswith("acme:build/") for each in targets)
    assert "watch the newest 10 on acme, of any name" in checked
