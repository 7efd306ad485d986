"""Every fault does what it says, strikes where and as often as it is told, and leaves the rest alone."""

from __future__ import annotations

import contextlib
import json
import socket
import unicodedata
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest
from simulator_site import Site, running

from tui.simulator.faults import FAULTS, LISTENER_FAULTS

pytestmark = pytest.mark.anyio


async def ask(site: Site, patience_s: float = 5.0) -> httpx.Response:
    """The one question that all faults are tried on."""
    return await site.call("codeinsight", "GET", "/jobs", timeout=patience_s)


async def fails(site: Site, *errors: type[Exception], patience_s: float = 5.0) -> None:
    with pytest.raises(errors):
        await ask(site, patience_s)


def status_of(status: int) -> Callable[[Site], Awaitable[None]]:
    async def check(site: Site) -> None:
        answer = await ask(site)
        assert answer.status_code == status
        is_page = status >= 500 or status == 401
        assert is_page == ("html" in answer.headers["Content-Type"])
        assert is_page or answer.json()["errors"][0]["message"]

    return check


def body_of(check_body: Callable[[httpx.Response], None]) -> Callable[[Site], Awaitable[None]]:
    async def check(site: Site) -> None:
        answer = await ask(site)
        assert answer.status_code == 200
        check_body(answer)

    return check


def location_of(wanted: str) -> Callable[[Site], Awaitable[None]]:
    async def check(site: Site) -> None:
        answer = await ask(site)
        assert answer.status_code == 302
        base = str(site.announced["servers"]["codeinsight"]["url"])
        assert answer.headers["Location"].startswith(wanted.format(base=base, secure=base.replace("http:", "https:")))

    return check


def invalid(answer: httpx.Response) -> None:
    assert answer.content
    with pytest.raises(ValueError):
        answer.json()


def is_page(answer: httpx.Response) -> None:
    assert answer.content.lstrip().startswith(b"<!doctype html") and "html" in answer.headers["Content-Type"]


def is_deep(answer: httpx.Response) -> None:
    assert answer.content == b"[" * 100_000 + b"]" * 100_000


def not_utf8(answer: httpx.Response) -> None:
    with pytest.raises(UnicodeDecodeError):
        answer.content.decode()


def other_types(answer: httpx.Response) -> None:
    rows = answer.json()["data"]
    assert isinstance(rows, dict) and isinstance(rows["0"], list)


def all_null(answer: httpx.Response) -> None:
    row = answer.json()["data"][0]
    assert row["id"] is None and row["jobType"] is None and row["server"] == {"id": None, "name": None}


def hostile_text(answer: httpx.Response) -> None:
    rows = answer.json()["data"]
    text = json.dumps(rows, ensure_ascii=False)
    assert {row["status"] for row in rows} <= {
        "Active",
        "Completed",
        "Failed",
        "Scheduled",
        "Canceled",
        "Terminated",
        "New",
    }
    plain = "".join(str(row["jobType"]) + str(row["project"]) for row in rows)
    joined = "".join(row["jobType"] + (row["project"] or {"name": ""})["name"] for row in rows)
    assert plain and len(text) > 10_000
    for piece in (
        "\x1b]52;",
        "\x9b",
        "\u202e",
        "[/x]",
        "\x00",
        "\u200b",
        "\u0301",
        "=cmd",
        "👩",
        "漢字",
        "\x07",
        "\r\n",
    ):
        assert piece in joined
    assert any(unicodedata.category(each) == "Cs" for each in joined)


def strange_words(answer: httpx.Response) -> None:
    assert {row["status"] for row in answer.json()["data"]} == {"QUARANTINED"}


async def drips(site: Site) -> None:
    # The first bytes come and the rest does not: the read time of each is short, the whole is never there.
    pieces = 0
    async with site.client.stream("GET", site.url("codeinsight", "/jobs"), headers=site.auth("codeinsight")) as answer:
        async for piece in answer.aiter_raw():
            assert len(piece) < 20
            pieces += 1
            if pieces == 10:
                break
    assert pieces == 10


async def floods(site: Site) -> None:
    size = 0
    async with site.client.stream("GET", site.url("codeinsight", "/jobs"), headers=site.auth("codeinsight")) as answer:
        assert "Content-Length" not in answer.headers
        async for piece in answer.aiter_bytes():
            size += len(piece)
            if size > 2_500_000:
                break
    assert size > 2_500_000


async def bombs(site: Site) -> None:
    packed, unpacked = 0, 0
    url = site.url("codeinsight", "/jobs")
    async with site.client.stream("GET", url, headers=site.auth("codeinsight")) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        async for piece in answer.aiter_raw():
            packed += len(piece)
    async with site.client.stream("GET", url, headers=site.auth("codeinsight")) as answer:
        async for piece in answer.aiter_bytes():
            unpacked += len(piece)
    assert unpacked > 3_000_000 and packed * 100 < unpacked


async def empty(site: Site) -> None:
    answer = await ask(site)
    assert (answer.status_code, answer.content) == (200, b"")


async def too_many(site: Site) -> None:
    assert (await ask(site)).status_code == 429


async def cut_handshake(site: Site) -> None:
    await fails(site, httpx.TransportError)


CHECKS: dict[str, tuple[str, Callable[[Site], Awaitable[None]]]] = {
    "slow": ("slow=30", lambda site: fails(site, httpx.ReadTimeout, patience_s=0.1)),
    "drip": ("drip=0.001", drips),
    "hang": ("hang", lambda site: fails(site, httpx.ReadTimeout, patience_s=0.1)),
    "hang-body": ("hang-body", lambda site: fails(site, httpx.ReadTimeout, patience_s=0.1)),
    "reset": ("reset", lambda site: fails(site, httpx.ReadError)),
    "reset-body": ("reset-body", lambda site: fails(site, httpx.ReadError)),
    "close": ("close", lambda site: fails(site, httpx.RemoteProtocolError)),
    "truncated": ("truncated", lambda site: fails(site, httpx.RemoteProtocolError)),
    "400": ("400", status_of(400)),
    "401": ("401", status_of(401)),
    "403": ("403", status_of(403)),
    "404": ("404", status_of(404)),
    "409": ("409", status_of(409)),
    "429": ("429", too_many),
    "500": ("500", status_of(500)),
    "502": ("502", status_of(502)),
    "503": ("503", status_of(503)),
    "404-page": ("404-page", lambda site: location_page(site)),
    "login": ("login", body_of(is_page)),
    "html": ("html", body_of(is_page)),
    "empty": ("empty", empty),
    "invalid-json": ("invalid-json", body_of(invalid)),
    "half-json": ("half-json", body_of(invalid)),
    "deep": ("deep", body_of(is_deep)),
    "bad-utf8": ("bad-utf8", body_of(not_utf8)),
    "wrong-types": ("wrong-types", body_of(other_types)),
    "nulls": ("nulls", body_of(all_null)),
    "hostile": ("hostile", body_of(hostile_text)),
    "strange-words": ("strange-words", body_of(strange_words)),
    "huge": ("huge=3", floods),
    "gzip-bomb": ("gzip-bomb=4", bombs),
    "wrong-type": ("wrong-type", body_of(lambda answer: none_of(answer, "json"))),
    "no-type": ("no-type", body_of(lambda answer: none_of(answer, ""))),
    "redirect-host": ("redirect-host", location_of("http://redirected.invalid/codeinsight/api/jobs")),
    "redirect-path": ("redirect-path", location_of("{base}/login.jsp")),
    "redirect-scheme": ("redirect-scheme", location_of("{secure}/codeinsight/api/jobs")),
    "redirect-loop": ("redirect-loop", location_of("{base}/codeinsight/api/jobs")),
    "not-http": ("not-http", lambda site: fails(site, httpx.RemoteProtocolError)),
    "refused": ("refused=60", lambda site: fails(site, httpx.ConnectError)),
    "reset-accept": ("reset-accept", lambda site: fails(site, httpx.TransportError)),
    "tls-cut": ("tls-cut", cut_handshake),
}


async def location_page(site: Site) -> None:
    answer = await ask(site)
    assert answer.status_code == 404
    is_page(answer)


def none_of(answer: httpx.Response, word: str) -> None:
    content_type = answer.headers.get("Content-Type", "")
    assert answer.json()["data"]
    assert word not in content_type if word else not content_type


def test_every_fault_is_checked() -> None:
    assert set(CHECKS) == {*FAULTS, *LISTENER_FAULTS}


@pytest.mark.parametrize("name", list(CHECKS))
async def test_each_fault_strikes_its_server_alone_and_ends_when_it_is_cleared(name: str) -> None:
    text, check = CHECKS[name]
    async with running() as site:
        await site.control("faults", {"faults": f"codeinsight:{text}"})
        await check(site)
        await check(site)
        assert (await site.build("my-build", "1", "my-project")).json()["overall"]["status"] == "DONE"
        assert (await site.scan(6, 41)).json()["object"]["status"] == "DONE"
        assert (await site.control("faults", method="DELETE"))["faults"] == []
        mended = await ask(site)
        assert (mended.status_code, len(mended.json()["data"])) == (200, 25)


@pytest.mark.parametrize("name", ["slow", "drip"])
async def test_a_slow_answer_is_whole_in_the_end(name: str) -> None:
    async with running(faults=f"codeinsight:{name}=0.00001") as site:
        assert len((await site.jobs(limit=2)).json()["data"]) == 2


@pytest.mark.parametrize("value", ["3", "date", "absurd", "wrong", ""])
async def test_retry_after_in_its_forms(value: str) -> None:
    async with running(faults="xray:429" + (f"={value}" if value else "")) as site:
        answer = await site.build("my-build", "1")
        assert (answer.status_code, answer.json()) == (429, {"error": "Too Many Requests"})
        given = answer.headers.get("Retry-After")
        if value == "date":
            assert parsedate_to_datetime(given) == datetime(2026, 11, 22, 7, 0, 5, tzinfo=UTC)
        else:
            assert given == {"3": "3", "absurd": "99999999999", "wrong": "soon", "": None}[value]


@pytest.mark.parametrize(
    ("server", "wanted"),
    [
        ("xray", {"error": "Permission denied"}),
        ("threadfix", {"message": "Permission denied", "success": False, "responseCode": -1, "object": None}),
        ("codeinsight", {"errors": [{"message": "Permission denied"}]}),
    ],
)
async def test_an_error_has_the_form_of_its_server(server: str, wanted: dict[str, Any]) -> None:
    paths = {"xray": "/builds", "threadfix": "/teams", "codeinsight": "/jobs"}
    async with running(faults="403") as site:
        answer = await site.call(server, "GET", paths[server])
        assert (answer.status_code, answer.json()) == (403, wanted)


async def test_a_fault_strikes_one_endpoint_as_often_as_it_is_told() -> None:
    async with running(faults="codeinsight/job:500*2") as site:
        seen = [(await site.call("codeinsight", "GET", "/jobs/1")).status_code for _ in range(4)]
        assert seen == [500, 500, 200, 200]
        await site.control("faults", {"fault": "503", "server": "codeinsight", "endpoint": "jobs", "count": 1})
        assert (await site.call("codeinsight", "GET", "/jobs/1")).status_code == 200
        assert [(await site.jobs()).status_code for _ in range(2)] == [503, 200]
        logged = (await site.control("requests"))["requests"]
        assert [each["fault"] for each in logged] == ["500", "500", "", "", "", "503", ""]


async def test_chance_is_about_what_it_is_told_and_the_same_for_the_same_seed() -> None:
    found = []
    for _ in range(2):
        async with running(faults="codeinsight:503@0.3") as site:
            found.append([(await site.jobs(limit=1)).status_code for _ in range(100)])
    assert found[0] == found[1]
    assert 15 < found[0].count(503) < 45


async def test_a_lost_answer_of_a_making_call_has_made_it_and_a_refused_one_has_not() -> None:
    async with running() as site:
        for fault, more in (("reset", 1), ("hang-body", 1), ("half-json", 1), ("500", 0), ("403", 0), ("hang", 0)):
            before = int((await site.jobs()).headers["Total-records"])
            await site.control("faults", {"fault": fault, "endpoint": "notices", "count": 1})
            free = {job["project"]["id"] for job in (await site.jobs(limit=30)).json()["data"] if job["project"]}
            project = next(number for number in range(1, 18) if number not in free)
            with contextlib.suppress(httpx.TransportError):
                await site.call("codeinsight", "POST", f"/jobs/notices/{project}", timeout=0.1)
            assert int((await site.jobs()).headers["Total-records"]) == before + more, fault


async def test_a_refused_port_stays_ours_and_opens_by_itself() -> None:
    async with running() as site:
        await ask(site)
        await site.control("faults", {"fault": "refused", "server": "codeinsight", "value": 0.05})
        await fails(site, httpx.ConnectError)
        port = httpx.URL(site.url("codeinsight", "")).port
        assert port is not None
        with socket.socket() as taken, pytest.raises(OSError):
            taken.bind(("127.0.0.1", port))
        transport = httpx.AsyncHTTPTransport(retries=6)  # waits longer each time until the port is open again
        async with httpx.AsyncClient(transport=transport) as client:
            answer = await client.get(site.url("codeinsight", "/jobs"), headers=site.auth("codeinsight"))
        assert answer.status_code == 200


async def test_hanging_callers_who_give_up_leave_nothing_behind() -> None:
    async with running(faults="codeinsight:hang") as site:
        for _ in range(3):
            await fails(site, httpx.ReadTimeout, patience_s=0.05)
        await site.control("faults", method="DELETE")
        await ask(site)
        assert len(site.simulator._listeners["codeinsight"].connections) <= 1


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("xray:hangg", "did you mean 'hang'"),
        ("xrya:hang", "did you mean 'xray'"),
        ("xray/bild-status:hang", "did you mean 'build-status'"),
        ("slow@2", "between 0 and 1"),
        ("!!", "is no fault"),
    ],
)
async def test_a_wrong_fault_names_the_nearest_right_one(text: str, hint: str) -> None:
    async with running() as site:
        answer = await site.client.post(f"{site.announced['control']}/faults", json={"faults": text})
        assert answer.status_code == 400 and hint in answer.json()["error"]
        assert (await site.control("faults"))["faults"] == []


@pytest.mark.parametrize(
    "body", [{"fault": "hang", "sever": "xray"}, {"faults": [7]}, {"fault": "hang", "count": "x"}, 7]
)
async def test_a_fault_that_cannot_be_read_is_a_bad_request(body: Any) -> None:
    async with running() as site:
        answer = await site.client.post(f"{site.announced['control']}/faults", json=body)
        assert answer.status_code == 400 and answer.json()["error"]


async def test_the_broken_story_has_hostile_names_and_failing_servers() -> None:
    async with running("broken") as site:
        assert (await site.control("faults"))["faults"]
        await site.control("faults", method="DELETE")
        text = (await site.jobs()).json()["data"]
        assert any("\x1b" in row["jobType"] for row in text)
        hostile = next(table for table in site.announced["watch"] if "[/x]" in str(table.get("build")))
        assert (await site.build(str(hostile["build"]), str(hostile["number"]))).status_code == 200
