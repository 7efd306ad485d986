"""Every limit with a way to stand at its edge: each entry says whether `size` of something is still taken whole.

Keyed by file and name, as `test_hostile_limits` finds them in the source. Sizes are the limits' own unit.
"""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import tempfile
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from tui import (
    absence_file,
    addressing,
    config,
    crash,
    durations,
    exporting,
    jfrog,
    kept_file,
    preferences,
    secrets,
    settings,
    typed,
    watchlist,
)
from tui.app import clipboard, line
from tui.app.widgets import entry_line
from tui.cli import columns, job, jobs, naming, parser, report
from tui.config import servers as config_servers
from tui.doctor import tokens
from tui.domain import acts, latency, learning, target
from tui.domain.durations import Scope
from tui.domain.records import ListQuery, Page, Record
from tui.domain.snapshot import Transition
from tui.domain.state import State
from tui.history import carrying, rows
from tui.polling import backoff, store
from tui.polling.messages import Message, MessageKind
from tui.present import safe
from tui.servers import body, cycle, errors, status, times, watching, wire
from tui.servers.codeinsight import watching as jobs_watching
from tui.servers.threadfix import paste as scan_paste
from tui.servers.xray import paste as build_paste
from tui.servers.xray import watching as build_watching

AT = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
ANSWER = json.dumps({"links": [{"href": "/rest/latest/applications/1/pendingScan/2"}]})
Edge = tuple[float, Callable[[Any], bool]]


def taken(error: type[Exception], work: Callable[[], object]) -> bool:
    """It raises nothing; what it may raise is `error`."""
    try:
        work()
    except error:
        return False
    return True


def complains(words: str, error: type[Exception], work: Callable[[], object]) -> bool:
    """It raises, and with these words."""
    try:
        work()
    except error as found:
        return words in str(found)
    return False


def in_folder(work: Callable[[Path], bool]) -> bool:
    with tempfile.TemporaryDirectory() as name:
        return work(Path(name))


def file_of(name: str, content: bytes, work: Callable[[Path], bool]) -> bool:
    """Whether `work` takes a folder with this one file in it."""

    def check(folder: Path) -> bool:
        (folder / name).write_bytes(content)
        return work(folder)

    return in_folder(check)


def json_of(size: int, head: str = '{"a": "', tail: str = '"}') -> bytes:
    """A JSON document of so many bytes."""
    return (head + "x" * (size - len(head) - len(tail)) + tail).encode()


def flag(argv: list[str]) -> bool:
    """Whether the command line's parser takes these words."""
    with mock.patch("sys.stderr", io.StringIO()):
        return taken(Exception, lambda: parser.build().parse_args(argv))


def form(read: Callable[..., object], table: dict[str, object]) -> bool:
    from tui.servers.kind import WatchFormError

    return taken(WatchFormError, lambda: read("x", table))


def key_of_server(key: str, value: int) -> bool:
    document = {"servers": {"a": {"kind": "xray", "url": "https://a.test", key: value}}}
    return taken(config.ConfigError, lambda: config.from_document(document))


def transition(number: int, part: str = "", state: State = State.RUNNING) -> Transition:
    return Transition(f"a:job/{number}", part, None, state, None, None, AT + timedelta(seconds=number))


def followed(count: int) -> bool:
    learner = learning.Learner()
    for number in range(count):
        learner.take(Scope("a", "job"), transition(number))
    return len(learner._ways) == count


def listed(count: int) -> bool:
    query = ListQuery("a", "jobs")
    one = Record(target.Target("a", "job", ("1",)), "n", State.DONE, "x")
    page = cycle.Cycle().listed(Page(query, (one,) * count, 1)).page
    assert page is not None and len(page.records) <= cycle.ROWS_MOST
    return len(page.records) == count and not page.notes


def told(count: int) -> bool:
    one = store.Store()
    one.publish(messages=[Message(AT, MessageKind.NOTE, "", "", str(number)) for number in range(count)])
    return len(one.messages) == count


def members(count: int) -> bool:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(count - 1):
            archive.writestr(f"folder{number}/", "")
        archive.writestr("report.json", "{}")
    with zipfile.ZipFile(packed) as archive:
        return taken(exporting.ExportError, lambda: exporting.member_of(archive))


def says_size(size: int) -> bool:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("report.json", "{}")
    with zipfile.ZipFile(packed) as archive:
        archive.infolist()[0].file_size = size
        return taken(exporting.ExportError, lambda: exporting.member_of(archive))


def tight(times: int) -> bool:
    """A file that unpacks to so many times its packed size."""
    writer, packed = exporting.Writer.__new__(exporting.Writer), exporting.RATIO_FROM // exporting.RATIO_LIMIT + 1
    content = io.BytesIO(b"x" * (packed * times))
    return taken(exporting.ExportError, lambda: writer._copy(content, io.BytesIO(), packed))


def exported(line: str) -> bool:
    head = json.dumps({"scantop": carrying.FORM, "version": 1})
    return taken(carrying.NotAnExport, lambda: list(carrying._read([head, line])))


def export_line(address: str) -> str:
    return json.dumps({"target": address, "after": "done", "before": None, "seen_at": "2026-11-22T07:00:00Z"})


def standard_input(size: int) -> bool:
    with mock.patch("sys.stdin", io.StringIO("x" * size)):
        return not complains("longer than", Exception, naming.stdin_texts)


def scope(count: int) -> bool:
    wanted = acts.ReportRequest("n", acts.Scope("repositories", ("a",) * count), ("secrets",))
    return taken(acts.ActError, wanted.check)


def report_name(size: int) -> bool:
    wanted = acts.ReportRequest("n" * size, acts.Scope("repositories", ("a",)), ("secrets",))
    return taken(acts.ActError, wanted.check)


def copied(size: int) -> bool:
    said: list[str] = []
    return "NOT" not in asyncio.run(clipboard.copy("x" * size, {}, said.append))


def token_file(size: int) -> bool:
    return file_of(
        "t", b"x" * size, lambda folder: taken(secrets.SecretError, lambda: secrets._from_file(f"{folder}/t"))
    )


def kept_reports(count: int) -> bool:
    def check(folder: Path) -> bool:
        for number in range(count - 1):
            (folder / f"{crash._PREFIX}20200101T0000{number:02d}{crash._SUFFIX}").write_text("x")
        crash.keep_report(folder, ValueError("x"), AT, {})
        return len(list(folder.iterdir())) == count

    return in_folder(check)


def preferred(panes: int = 1, text: int = 1, size: int = 0) -> bool:
    document = {
        "form": preferences.FORM.name,
        "version": 1,
        "theme": "x" * text,
        "panes": {str(i): {} for i in range(panes)},
    }
    content = json.dumps(document).encode()
    content += b" " * max(0, size - len(content))
    return file_of(preferences.FILE_NAME, content, lambda folder: not preferences.PreferencesFile(folder).load()[1])


def absent(count: int) -> bool:
    unseen = {f"a:job/{number}": AT.isoformat() for number in range(count)}
    form = absence_file.FORM
    document = {"form": form.name, "version": form.version, "left_at": AT.isoformat(), "unseen": unseen}
    content = json.dumps(document).encode()
    return file_of(absence_file.FILE_NAME, content, lambda folder: not absence_file.AbsenceFile(folder).load()[1])


def polled(count: int) -> bool:
    line = {"server": "a", "from": "2026-11-22T07:00:00Z", "polls": count, "failed": 0, "sum_s": 1, "longest_s": 1}
    return exported(json.dumps({**line, "spread": ""}))


def deadline(seconds: float) -> bool:
    return taken(ValueError, lambda: watchlist._seconds(seconds))


def watched(label: int = 1, size: int = 0) -> bool:
    entry = {"address": "a:job/1", "label": "x" * label, "by": ""}
    content = json.dumps({"form": watchlist.FORM, "version": 1, "entries": [entry]}).encode()
    content += b" " * max(0, size - len(content))
    return file_of(watchlist.FILE_NAME, content, lambda folder: not watchlist.WatchList(folder).read(AT).trouble)


def claims_of(size: int) -> str:
    """The middle of a token, of so many characters: JSON with blanks behind it."""
    content = b'{"sub": "me"}'.ljust(size * 3 // 4 - 3)
    text = urlsafe_b64encode(content).decode().rstrip("=")
    while len(text) < size:
        content += b" "
        text = urlsafe_b64encode(content).decode().rstrip("=")
    return text


def packed_of(size: int) -> bytes:
    """So many bytes, packed."""
    return gzip.compress(b"0" * size, 1)


def chained(count: int) -> bool:
    first = last = ValueError("x")
    for _ in range(count - 1):
        last.__cause__ = ValueError("x")
        last = last.__cause__
    return len(list(errors._chain(first))) == count


def whole_text(clean: Callable[[str], str]) -> Callable[[int], bool]:
    """A text of that many characters is not cut."""
    return lambda size: len(clean("x" * size).rstrip("…")) == size


def links(count: int) -> bool:
    answer = json.dumps({"links": [{"href": f"/rest/latest/applications/1/pendingScan/{n}"} for n in range(count)]})
    return len(scan_paste._links(json.loads(answer))) == count


EDGES: dict[str, Edge] = {
    "addressing.py:PASTE_LIMIT": (addressing.PASTE_LIMIT, lambda n: not complains(
        "neither an address", ValueError, lambda: addressing.resolve("x" * n, settings.Settings()))),
    "app/clipboard.py:OSC52_BYTES": (clipboard.OSC52_BYTES, copied),
    "app/line.py:SERVER_TEXT_LIMIT": (line.SERVER_TEXT_LIMIT, whole_text(lambda text: line.server_text(text).text)),
    "app/widgets/entry_line.py:ENTRY_LENGTH": (
        entry_line.ENTRY_LENGTH, lambda n: not entry_line.complaint_about("x" * n)),
    "cli/columns.py:CELL_LIMIT": (columns.CELL_LIMIT, lambda n: "x" * n in columns.table(
        ("a", "b"), [("x" * n, "y")], is_ascii=False)),
    "cli/columns.py:LAST_LIMIT": (columns.LAST_LIMIT, lambda n: "x" * n in columns.table(
        ("a", "b"), [("y", "x" * n)], is_ascii=False)),
    "cli/job.py:LARGEST_ID": (job.LARGEST_ID, lambda n: flag(["job", "start", "notices", str(n)])),
    "cli/jobs.py:LARGEST_ID": (jobs.LARGEST_ID, lambda n: flag(["jobs", "--project", str(n)])),
    "cli/jobs.py:MOST_ROWS": (jobs.MOST_ROWS, lambda n: flag(["jobs", "--limit", str(n)])),
    "cli/jobs.py:MOST_DAYS": (jobs.MOST_DAYS, lambda n: flag(["jobs", "--days", str(n)])),
    "cli/jobs.py:MOST_PAGE": (jobs.MOST_PAGE, lambda n: flag(["jobs", "--page", str(n)])),
    "cli/report.py:MOST_ROWS": (report.MOST_ROWS, lambda n: flag(["report", "list", "--limit", str(n)])),
    "cli/report.py:MOST_PAGE": (report.MOST_PAGE, lambda n: flag(["report", "list", "--page", str(n)])),
    "cli/report.py:MOST_LATEST": (report.MOST_LATEST, lambda n: flag(
        ["report", "create", "n", "--build", "b", "--category", "secrets", "--latest", str(n)])),
    "cli/naming.py:INPUT_CHARACTERS": (naming.INPUT_CHARACTERS, standard_input),
    "config/__init__.py:FILE_BYTES": (config.FILE_BYTES, lambda n: file_of(
        "c", b"#" * n, lambda folder: not complains("larger than", Exception, lambda: config._read(folder / "c")))),
    "config/__init__.py:MOST_AT_ONCE": (config.MOST_AT_ONCE, lambda n: taken(config.ConfigError, lambda: (
        config.from_document({"servers": {"a": {"kind": "xray", "url": "https://a"}}, "poll": {"concurrency": n}})))),
    "config/servers.py:MOST_ANSWER_BYTES": (
        config_servers.MOST_ANSWER_BYTES, lambda n: key_of_server("answer_bytes", n)),
    "config/servers.py:MOST_PER_MINUTE": (
        config_servers.MOST_PER_MINUTE, lambda n: key_of_server("budget_per_minute", n)),
    "crash.py:KEPT": (crash.KEPT, kept_reports),
    "doctor/tokens.py:CLAIM_CHARACTERS": (tokens.CLAIM_CHARACTERS, whole_text(tokens._person)),
    "doctor/tokens.py:CLAIMS_BYTES": (tokens.CLAIMS_BYTES, lambda n: tokens.read_claims(
        f"e30.{claims_of(n)}.x") is not None),
    "domain/acts.py:NAME_LIMIT": (acts.NAME_LIMIT, report_name),
    "domain/acts.py:MOST_NAMES": (acts.MOST_NAMES, scope),
    "domain/learning.py:TARGETS_KEPT": (learning.TARGETS_KEPT, followed),
    "durations.py:LONGEST_S": (durations.LONGEST_S, lambda n: taken(
        ValueError, lambda: durations.parse_duration(f"{int(n)}s"))),
    "exporting.py:UNPACKED_LIMIT": (exporting.UNPACKED_LIMIT, says_size),
    "exporting.py:RATIO_LIMIT": (exporting.RATIO_LIMIT, tight),
    "exporting.py:MOST_MEMBERS": (exporting.MOST_MEMBERS, members),
    "history/carrying.py:LINE_LIMIT": (carrying.LINE_LIMIT, lambda n: exported(
        export_line("a:job/1") + " " * (n - len(export_line("a:job/1"))))),
    "history/carrying.py:ADDRESS_LIMIT": (carrying.ADDRESS_LIMIT, lambda n: exported(
        export_line("a:job/" + "1" * (n - 6)))),
    "history/rows.py:TEXT_LIMIT": (rows.TEXT_LIMIT, whole_text(lambda text: rows._short(text) or "")),
    "jfrog.py:FILE_BYTES": (jfrog.FILE_BYTES, lambda n: taken(Exception, lambda: jfrog._entries(
        json_of(n, '{"servers": [{}], "version": "6", "a": "'), Path("f")))),
    "polling/backoff.py:RETRY_AFTER_CAP_S": (
        backoff.RETRY_AFTER_CAP_S, lambda n: backoff.delay_s(1, 1.0, 9.0, 0.0, n) == n),
    "absence_file.py:MOST_ROWS": (absence_file.MOST_ROWS, absent),
    "domain/latency.py:COUNT_LIMIT": (latency.COUNT_LIMIT, polled),
    "kept_file.py:FILE_BYTES": (kept_file.FILE_BYTES, lambda n: preferred(size=n)),
    "preferences.py:MOST_PANES": (preferences.MOST_PANES, lambda n: preferred(panes=n)),
    "kept_file.py:TEXT_CHARACTERS": (kept_file.TEXT_CHARACTERS, lambda n: preferred(text=n)),
    "watchlist.py:_MOST_S": (watchlist._MOST_S - 1, deadline),
    "present/safe.py:TEXT_CELLS": (safe.TEXT_CELLS, whole_text(safe.clean)),
    "present/safe.py:LINE_COUNT": (safe.LINE_COUNT, lambda n: "not shown" not in safe.clean_lines("x\n" * (n - 1))[-1]),
    "present/safe.py:CSV_CHARACTERS": (safe.CSV_CHARACTERS, whole_text(safe.csv_cell)),
    "secrets.py:SECRET_BYTES": (secrets.SECRET_BYTES, token_file),
    "servers/body.py:JSON_DEPTH": (body.JSON_DEPTH, lambda n: taken(
        body.UnreadableBody, lambda: body.read_json("[" * (n + 1) + "]" * (n + 1)))),
    "servers/codeinsight/watching.py:DAYS_LIMIT": (
        jobs_watching.DAYS_LIMIT, lambda n: form(jobs_watching.read_jobs, {"jobs": {"history_days": n}})),
    "servers/codeinsight/watching.py:PAGE_LIMIT": (
        jobs_watching.PAGE_LIMIT, lambda n: form(jobs_watching.read_jobs, {"jobs": {"limit": n}})),
    "servers/cycle.py:RAW_LIMIT": (cycle.RAW_LIMIT, lambda n: "cut" not in cycle.raw_of("x" * n)),
    "servers/cycle.py:ROWS_MOST": (cycle.ROWS_MOST, listed),
    "servers/errors.py:CHAIN_LIMIT": (errors.CHAIN_LIMIT, chained),
    "servers/errors.py:SERVER_TEXT": (errors.SERVER_TEXT, whole_text(errors.plain)),
    "servers/status.py:RETRY_AFTER_LIMIT_S": (
        status.RETRY_AFTER_LIMIT_S, lambda n: status.retry_after(f"{int(n)}", AT) == n),
    "servers/threadfix/paste.py:PASTE_LIMIT": (scan_paste.PASTE_LIMIT, lambda n: bool(scan_paste.recognise(
        ANSWER[:-1] + " " * (n - len(ANSWER)) + "}"))),
    "servers/threadfix/paste.py:SCANS_LIMIT": (scan_paste.SCANS_LIMIT, links),
    "servers/times.py:TEXT_LIMIT": (times.TEXT_LIMIT, lambda n: times.parse_time(
        "2026-11-22T07:00:00Z" + " " * (n - 20)) is not None),
    "servers/watching.py:NUMBER_LIMIT": (watching.NUMBER_LIMIT - 1, lambda n: taken(
        Exception, lambda: watching.number_of({"a": n}, "a"))),
    "servers/wire.py:TEXT_LIMIT": (wire.TEXT_LIMIT, lambda n: all(
        len(str(found)) == n for found in (wire._word("x" * n), wire._loose("x" * n), wire._field("x" * n, 1)))),
    "servers/xray/paste.py:PASTE_LIMIT": (build_paste.PASTE_LIMIT, lambda n: bool(
        build_paste.recognise("repo/" + "i" * (n - 7) + ":1"))),
    "servers/xray/watching.py:LATEST_LIMIT": (
        build_watching.LATEST_LIMIT, lambda n: form(build_watching.read_build, {"build": "b", "latest": n})),
    "polling/store.py:MESSAGES_KEPT": (store.MESSAGES_KEPT, told),
    "settings.py:ANSWER_BYTES": (settings.ANSWER_BYTES, lambda n: taken(
        body.TooLargeBody, lambda: body.Inflater(settings.ANSWER_BYTES).feed(packed_of(n)))),
    "typed.py:LINE_LENGTH": (typed.LINE_LENGTH, lambda n: not typed.refusal("x" * n)),
    "typed.py:MOST_PAGE": (typed.MOST_PAGE, lambda n: taken(ValueError, lambda: typed.read_jobs(f"--page {n}"))),
    "typed.py:MOST_ROWS": (typed.MOST_ROWS, lambda n: taken(ValueError, lambda: typed.read_jobs(f"--limit {n}"))),
    "typed.py:MOST_DAYS": (typed.MOST_DAYS, lambda n: taken(ValueError, lambda: typed.read_jobs(f"--days {n}"))),
    "watchlist.py:FILE_BYTES": (watchlist.FILE_BYTES, lambda n: watched(size=n)),
    "watchlist.py:TEXT_CHARACTERS": (watchlist.TEXT_CHARACTERS, lambda n: watched(label=n)),
}  # fmt: skip
