"""The real command and a real simulator, each in a process of its own, for the end-to-end tests of the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import warm

PATIENCE_S = 60.0  # for a child on a busy machine; nothing here waits that long when it is well


@dataclass(frozen=True)
class Said:
    """What one run of the command left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output as the one JSON document that it is; where there is none, what was said instead."""
        assert self.out, f"exit code {self.code}, and nothing but: {self.err}"
        return json.loads(self.out)


def scantop(*argv: str, stdin: str = "", environ: Mapping[str, str] | None = None) -> Said:
    """Run the command to its end, without a terminal. `environ` is the whole environment; None is this one's."""
    whole = dict(os.environ if environ is None else environ)
    if warm.can_be_warm(warm.COMMAND, whole):
        code, out, err = warm.run(argv, stdin.encode(), whole)
        return Said(code, out.decode(), err.decode())
    ran = subprocess.run(
        [sys.executable, "-m", "tui", *argv],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        env=whole,
    )
    return Said(ran.returncode, ran.stdout, ran.stderr)


@dataclass(frozen=True)
class Simulated:
    """A running simulator: the line that it printed, and its control calls."""

    line: Mapping[str, Any]

    def control(self, call: str, body: object = None, method: str = "POST") -> Any:
        """Make one control call, e.g. ``control("faults", {"faults": "xray:503"})``."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.line['port']}/_simulator/{call}",
            data=None if body is None else json.dumps(body).encode(),
            method=method,
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return json.load(answer)

    def faults(self, *faults: str) -> None:
        """Let exactly these faults strike from now on."""
        self.control("faults", {"clear": True, "faults": ",".join(faults)})

    def config(self, path: Path, watch: str = "", **changes: Mapping[str, object]) -> Path:
        """Write a config for this simulator, named as in the documents; `changes` go into a server's table."""
        names = {"xray": "prod", "threadfix": "tf", "codeinsight": "sca"}
        text = ""
        for kind, name in names.items():
            table = {**self.line["servers"][kind], **changes.get(name, {})}
            text += f"[servers.{name}]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in table.items())
        path.write_text(text + watch)
        path.chmod(0o600)
        return path


def _toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else json.dumps(value)


@contextmanager
def simulated(*flags: str) -> Iterator[Simulated]:
    """A simulator that ends with the block."""
    (stdin, our_in), (our_out, stdout) = os.pipe(), os.pipe()
    with open(os.devnull, "wb") as nowhere:
        child = warm.start(("simulate", "--until-eof", *flags), (stdin, stdout, nowhere.fileno()), os.environ)
    os.close(stdin)
    os.close(stdout)
    with open(our_out, encoding="utf-8") as told, open(our_in, "wb") as until:
        try:
            yield Simulated(json.loads(told.readline()))
        finally:
            until.close()
            child.wait()
