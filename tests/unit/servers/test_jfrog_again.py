"""A short-lived token of `jf`: after a refusal its file is read anew, and the request made again with what is there."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from tui.clock import SystemClock
from tui.secrets import Secret, read_token
from tui.servers.http import Http
from tui.settings import ServerSettings, TokenSource


def write(folder: Path, token: str) -> None:
    servers = [{"serverId": "acme", "url": "https://acme.test/", "accessToken": token, "webLogin": True}]
    (folder / "jfrog-cli.conf.v6").write_text(json.dumps({"servers": servers, "version": "6"}))


def test_a_renewed_token_is_taken_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JFROG_CLI_HOME_DIR", str(tmp_path))
    write(tmp_path, "first-token")
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["authorization"])
        if seen[-1] != "Bearer second-token":
            write(tmp_path, "second-token")  # `jf` renews it meanwhile
            return httpx.Response(401, json={"error": "Found invalid token"})
        return httpx.Response(200, json={})

    async def ask() -> None:
        source = TokenSource("jfrog_cli", ("acme",))

        async def read() -> Secret | None:
            return await read_token(source)

        server = ServerSettings("acme", "xray", "https://acme.test", token=source)
        http = Http(server, SystemClock(), read, transport=httpx.MockTransport(answer))
        assert (await http.request("GET", "/xray/api/v1/reports/1")).status == 200
        await http.aclose()

    asyncio.run(ask())
    assert seen == ["Bearer first-token", "Bearer second-token"]
