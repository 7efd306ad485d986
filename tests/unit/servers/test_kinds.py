"""What each kind offers before any request: addresses, pasted text, base URLs, [[watch]] tables, cheap imports."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire_bench import fixture

from tui.domain.records import ListQuery
from tui.domain.target import Target, parse_address
from tui.servers.kind import Pasted, WatchFormError, grammars, kinds
from tui.settings import WatchedLatest, WatchedList, WatchedTarget, WatchItem

KINDS = kinds()
DIGEST = "0123456789abcdef" * 4


def test_three_kinds_are_found() -> None:
    assert sorted(KINDS) == ["codeinsight", "threadfix", "xray"]
    assert {kind.default_name for kind in KINDS.values()} == set(KINDS)


def test_knowing_the_kinds_costs_no_http_and_no_models() -> None:
    heavy = ("httpx", "pydantic", "textual", "asyncio", "ssl")
    script = f"import sys; from tui.servers.kind import kinds; kinds(); print([m for m in {heavy} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "address",
    [
        *("x:build/my-build/1", "x:build/a%2Fb/1?project=k", "x:artifact/docker-local/a/1.0/manifest.json"),
        *("x:report/22", "t:scan/6/41", "c:job/437"),
    ],
)
def test_addresses_of_every_kind(address: str) -> None:
    servers = {"x": "xray", "t": "threadfix", "c": "codeinsight"}
    assert parse_address(address, grammars(), servers).key == address


@pytest.mark.parametrize(
    ("kind", "pasted", "base"),
    [
        *(
            ("xray", pasted, "https://acme.jfrog.io")
            for pasted in (
                "https://acme.jfrog.io",
                "https://acme.jfrog.io/",
                "HTTPS://ACME.jfrog.io/xray",
                "https://acme.jfrog.io/xray/",
                "https://acme.jfrog.io/artifactory/",
                "https://acme.jfrog.io/xray/api/v1/build/status",
                "https://acme.jfrog.io/ui/repos/tree/General/x?a=b#c",
                " acme.jfrog.io ",
            )
        ),
        ("xray", "http://host:8082", "http://host:8082"),
        ("xray", "https://host/jfrog/artifactory", "https://host/jfrog"),
        ("xray", "localhost:8082", "http://localhost:8082"),
        ("xray", "http://[::1]:8082/xray", "http://[::1]:8082"),
        *(
            ("threadfix", f"https://h:8443{path}", "https://h:8443/threadfix")
            for path in (
                "",
                "/",
                "/threadfix",
                "/threadfix/",
                "/threadfix/rest",
                "/threadfix/rest/",
                "/threadfix/rest/latest",
            )
        ),
        ("threadfix", "https://h:8443/threadfix/rest/v2.8.3/", "https://h:8443/threadfix"),
        ("threadfix", "https://h/appsec", "https://h/appsec"),
        ("threadfix", "https://h/rest/latest", "https://h/rest"),
        *(
            ("codeinsight", f"http://sca:8888{path}", "http://sca:8888")
            for path in (
                "",
                "/",
                "/codeinsight",
                "/codeinsight/",
                "/codeinsight/api/",
                "/codeinsight/FNCI#myprojectdetails/?id=1",
            )
        ),
        ("codeinsight", "https://h/tools/codeinsight/", "https://h/tools"),
    ],
)
def test_base_urls_in_all_the_forms_that_people_paste(kind: str, pasted: str, base: str) -> None:
    assert KINDS[kind].normalise_url(pasted) == base
    assert KINDS[kind].normalise_url(base) == base, "once is enough"


@pytest.mark.parametrize(
    "url", ["", "ftp://h", "https://", "https://me:pw@h", "http://[::1", "https://h:99999", "a b", "://"]
)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_is_no_base_url(kind: str, url: str) -> None:
    with pytest.raises(ValueError, match=r"URL|user name") as caught:
        KINDS[kind].normalise_url(url)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "https://acme.jfrog.io/artifactory/docker-local/app/1.0/manifest.json",
            ("docker-local", "app/1.0/manifest.json"),
        ),
        ("https://acme.jfrog.io/artifactory/generic/a%20b/c%2Fd.zip;build.name=x?y=1", ("generic", "a b/c/d.zip")),
        ("https://acme.jfrog.io/artifactory/api/storage/libs/x.jar", ("libs", "x.jar")),
        ("https://acme.jfrog.io/ui/repos/tree/General/libs/org/x.jar", ("libs", "org/x.jar")),
        ("https://acme.jfrog.io/ui/repos/tree/Xray/libs%2Forg%2Fx.jar?clearFilter=true", ("libs", "org/x.jar")),
        ("https://acme.jfrog.io/ui/native/libs/org/x.jar", ("libs", "org/x.jar")),
        ("https://acme.jfrog.io/artifactory/webapp/#/artifacts/browse/tree/General/libs/x.jar", ("libs", "x.jar")),
    ],
)
def test_pasted_urls_of_files(text: str, parts: tuple[str, str]) -> None:
    assert KINDS["xray"].recognise(f" {text}\n") == (Pasted("artifact", parts, (), "https://acme.jfrog.io"),)


@pytest.mark.parametrize(
    ("text", "parts", "url"),
    [
        ("docker-local/app:1.0", ("docker-local", "app/1.0/manifest.json"), None),
        ("docker-local/team/app:1.0-rc_1", ("docker-local", "team/app/1.0-rc_1/manifest.json"), None),
        ("acme.jfrog.io/docker-local/app:1.0", ("docker-local", "app/1.0/manifest.json"), "https://acme.jfrog.io"),
        ("localhost:8082/docker-local/app:1.0", ("docker-local", "app/1.0/manifest.json"), "https://localhost:8082"),
        ("docker://docker-local/app:1.0", ("docker-local", "app/1.0/manifest.json"), None),
        (f"docker-local/app@sha256:{DIGEST}", ("docker-local", f"app/sha256__{DIGEST}/manifest.json"), None),
    ],
)
def test_images(text: str, parts: tuple[str, str], url: str | None) -> None:
    assert KINDS["xray"].recognise(text) == (Pasted("artifact", parts, (), url),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "https://a.test/ui/builds/my%20build/7/1712/published?buildRepo=artifactory-build-info",
            (("my build", "7"), ()),
        ),
        (
            "https://a.test/ui/builds/b/7/1712/xrayData?buildRepo=pay-build-info&projectKey=pay",
            (("b", "7"), (("project", "pay"),)),
        ),
        (
            "https://a.test/ui/scans-list/builds-scans/b/scan-descendants/7?build_repository=pay-build-info",
            (("b", "7"), (("project", "pay"),)),
        ),
    ],
)
def test_pages_of_builds(text: str, expected: Any) -> None:
    assert KINDS["xray"].recognise(text) == (Pasted("build", *expected, "https://a.test"),)


@pytest.mark.parametrize(
    "text",
    [
        "https://h:8443/threadfix/rest/latest/applications/6/pendingScan/41/status",
        "http://10.150.1.155:8080/threadfix/rest/applications/6/pendingScan/41/status",
        "https://h/rest/v2.8.3/applications/06/pendingScan/41/status?x=1",
        "/rest/legacy/applications/6/pendingScan/41/status",
        "applications/6/pendingScan/41",
    ],
)
def test_threadfix_status_urls_give_two_ids_and_no_host(text: str) -> None:
    assert KINDS["threadfix"].recognise(text) == (Pasted("scan", ("6", "41")),)


def test_upload_answers() -> None:
    answer = fixture("threadfix/upload_answer.json")
    one = Pasted("scan", ("1295", "716"))
    recognise = KINDS["threadfix"].recognise
    assert recognise(json.dumps(answer, indent=2)) == (one,)
    old = {**answer, "links": [{"href": "http://localhost:8080/threadfix/rest/applications/1/pendingScan/17/status"}]}
    assert recognise(json.dumps([answer, old, answer])) == (one, Pasted("scan", ("1", "17")))
    several = {**answer, "links": [*answer["links"], *old["links"], {"href": 5}, {}, "x"]}
    assert recognise(json.dumps(several)) == (one, Pasted("scan", ("1", "17")))
    for nothing in ({**answer, "links": None}, {"links": {}}, {"success": False}, [], [5]):
        assert recognise(json.dumps(nothing)) == ()


def test_job_urls() -> None:
    pasted = KINDS["codeinsight"].recognise("http://sca:8888/codeinsight/api/jobs/437")
    assert pasted == (Pasted("job", ("437",), (), "http://sca:8888"),)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "build/x/1",
            "prod:build/x/1",
            "artifact/docker-local/app:1.0",
            "hello",
            "https://x.test/",
            "a:b",
            "/",
            "{",
            "[",
        ),
        *("https://x.test/artifactory/", "https://x.test/artifactory/repo/", "repo/image", "repo/image:", "x" * 10_000),
        *("https://x.test/artifactory/api/build/x", "{}", "[" * 100_000, "http://[::1/artifactory/a/b", "repo/a b:1"),
    ],
)
def test_what_nobody_recognises(text: str) -> None:
    assert [kind.name for kind in KINDS.values() if kind.recognise(text)] == []


@given(st.text(max_size=200) | st.from_regex(r"https?://[a-z]*/(artifactory|ui|rest)[/ -~]{0,60}", fullmatch=True))
def test_recognising_never_fails_and_gives_what_an_address_takes(text: str) -> None:
    for kind in KINDS.values():
        for pasted in kind.recognise(text):
            grammar = next(one for one in kind.grammars if one.kind == pasted.kind)
            target = Target("s", pasted.kind, pasted.parts, pasted.params, grammar.has_rest)
            assert parse_address(target.key, kind.grammars, {"s": kind.name}) == target


def watch(kind: str, table: dict[str, object]) -> WatchItem:
    form = next(form for form in KINDS[kind].watch_forms if form.marker in table)
    assert set(table) <= set(form.keys)
    (item,) = form.read("s", table)
    return item


def test_watch_tables() -> None:
    build = Target("s", "build", ("my-build", "1"), (("project", "p"),))
    assert watch("xray", {"build": "my-build", "number": 1, "project": "p", "label": "l"}) == WatchedTarget(build, "l")
    assert watch("xray", {"build": "b", "latest": 5}) == WatchedLatest("s", "b", 5, (), "")
    file = Target("s", "artifact", ("docker-local", "app/1.0/manifest.json"), (), True)
    for text in ("docker-local/app/1.0/manifest.json", "/docker-local/app/1.0/manifest.json", "docker-local/app:1.0"):
        assert watch("xray", {"artifact": text}) == WatchedTarget(file)
    assert watch("xray", {"report": 22}) == WatchedTarget(Target("s", "report", ("22",)))
    scan = Target("s", "scan", ("6", "41"))
    assert watch("threadfix", {"application": 6, "pending_scan": "41"}) == WatchedTarget(scan)
    assert watch("codeinsight", {"job": 437, "label": "x"}) == WatchedTarget(Target("s", "job", ("437",)), "x")
    asked = {"status": "Active", "type": "Project Scan", "project": 3, "user": "me", "history_days": 7, "limit": 50}
    filters = (("type", "Project Scan"), ("status", "Active"), ("project", "3"), ("user", "me"), ("days", "7"))
    assert watch("codeinsight", {"jobs": asked}) == WatchedList(ListQuery("s", "jobs", filters, limit=50))
    assert watch("codeinsight", {"jobs": {}}) == WatchedList(ListQuery("s", "jobs"))


@pytest.mark.parametrize(
    ("kind", "table", "key", "words"),
    [
        ("xray", {"build": "b"}, "build", "number"),
        ("xray", {"build": "b", "number": 1, "latest": 2}, "latest", "both"),
        ("xray", {"build": "b", "latest": 0}, "latest", "at least 1"),
        ("xray", {"build": "b", "latest": True}, "latest", "whole number"),
        ("xray", {"build": "b", "latest": 1000}, "latest", "at most"),
        ("xray", {"build": "b", "number": [1]}, "number", "text"),
        ("xray", {"build": " ", "number": 1}, "build", "empty"),
        ("xray", {"artifact": "docker-local"}, "artifact", "REPOSITORY/PATH"),
        ("xray", {"artifact": "https://x.test/y"}, "artifact", "REPOSITORY/PATH"),
        ("xray", {"report": "x"}, "report", "whole number"),
        ("threadfix", {"application": 6}, "pending_scan", "missing"),
        ("threadfix", {"application": -6, "pending_scan": 1}, "application", "at least 0"),
        ("codeinsight", {"jobs": 5}, "jobs", "table"),
        ("codeinsight", {"jobs": {"statsu": "x"}}, "jobs.statsu", "did you mean status"),
        ("codeinsight", {"jobs": {"limit": 0}}, "jobs.limit", "at least 1"),
        ("codeinsight", {"jobs": {"limit": 10**6}}, "jobs.limit", "at most"),
        ("codeinsight", {"jobs": {"history_days": 4000}}, "jobs.history_days", "at most"),
        ("codeinsight", {"job": 2**70}, "job", "whole number"),
    ],
)
def test_watch_tables_that_cannot_be_read(kind: str, table: dict[str, object], key: str, words: str) -> None:
    with pytest.raises(WatchFormError, match=words) as caught:
        watch(kind, table)
    assert caught.value.key == key


def test_default_lists_and_batches() -> None:
    assert KINDS["xray"].default_lists("s") == (ListQuery("s", "reports", limit=25),)
    assert KINDS["codeinsight"].default_lists("s") == (ListQuery("s", "jobs", limit=25),)
    assert KINDS["threadfix"].default_lists("s") == ()
    reports = {KINDS["xray"].batch(Target("s", "report", (str(number),))) for number in range(3)}
    assert len(reports) == 1
    assert None not in reports
    assert KINDS["xray"].batch(Target("s", "build", ("a", "1"))) is None


def test_own_keys_are_checked() -> None:
    check = KINDS["codeinsight"].check_key
    assert check("timezone", "America/Chicago") == ""
    assert "Mars" in check("timezone", "Mars/Olympus")
    check = KINDS["threadfix"].check_key
    assert [check("api_version", good) for good in ("latest", "v2.8.3", "", "legacy")] == [""] * 4
    assert "v2.8.3" in check("api_version", "../admin")
