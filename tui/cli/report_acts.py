"""What ``scantop report`` changes or writes: create, delete, export."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.acting import acting, agree, check_allowed, finish, place_of, report_outcomes, server_for
from tui.cli.exit_codes import ExitCode, of_problem
from tui.cli.output import emit, narrate
from tui.cli.parser import UsageError
from tui.cli.report import ALL, CATEGORY_WORDS
from tui.cli.session import settings_of

if TYPE_CHECKING:
    from tui.acting import Actor
    from tui.domain.acts import ExportProgress, Outcome, ReportRequest, Scope
    from tui.domain.target import Target
    from tui.settings import Settings

STDOUT = "-"
BAR_CELLS = 30
BAR_EVERY_S = 0.2  # a terminal over SSH; more often nobody sees
DAY = timedelta(days=1)


def report_named(word: str, settings: Settings) -> Target:
    """The report of a number or an address. Raises `AddressError`, `UsageError`."""
    from tui.addressing import resolve

    is_number = word.isascii() and word.isdigit()
    targets = resolve(f"report/{word}" if is_number else word, settings)
    if len(targets) != 1 or targets[0].kind != "report":
        raise UsageError(f"{word!r} is no report; write its number or its address, e.g. prod:report/22")
    return targets[0]


def create(arguments: argparse.Namespace) -> int:
    """Have reports made, and follow them if asked."""
    from tui.domain.acts import ActError

    settings = settings_of(arguments)
    server = server_for(settings, "report.create", "make reports")
    check_allowed(settings, server, "report.create")
    request = _request(arguments)
    try:
        request.check()
    except ActError as error:
        raise UsageError(str(error).rstrip(".")) from None
    if arguments.timeout is not None and not arguments.is_waiting:
        raise UsageError("--timeout goes with --wait")
    count = len(request.categories)
    what = "an exposures report" if count == 1 else f"{count} exposures reports"
    categories = ", ".join(request.categories)
    question = f"Make {what} named {request.name!r} ({categories}) on {place_of(settings, server)}?"
    if not agree(question, is_yes=arguments.is_yes):
        return ExitCode.USAGE
    outcomes = acting(settings, lambda actor: actor.create_report(server, request))
    return finish(outcomes, arguments)


def _request(arguments: argparse.Namespace) -> ReportRequest:
    from tui.domain.acts import ReportRequest

    named = list(dict.fromkeys(arguments.category))
    categories = CATEGORY_WORDS if ALL in named else tuple(named)
    start_at = None if arguments.start is None else moment_in(arguments.start, "--from")
    end_at = None if arguments.end is None else moment_in(arguments.end, "--to", is_end=True)
    scope = _scope(arguments)
    return ReportRequest(arguments.name, scope, categories, start_at, end_at, arguments.artifact, arguments.for_project)


def _scope(arguments: argparse.Namespace) -> Scope:
    from tui.domain.acts import Scope

    given = {
        "repositories": arguments.repo,
        "builds": arguments.build,
        "projects": arguments.project,
        "release_bundles": arguments.release_bundle,
        "release_bundles_v2": arguments.release_bundle_v2,
    }
    chosen = [kind for kind, names in given.items() if names]
    if len(chosen) != 1:
        raise UsageError("a report is about things of exactly one kind: --repo, --build, --project or a release bundle")
    kind = chosen[0]
    names = tuple(dict.fromkeys(given[kind]))
    return Scope(kind, names, arguments.latest, tuple(arguments.include), tuple(arguments.exclude))


def moment_in(text: str, flag: str, *, is_end: bool = False, now: datetime | None = None) -> datetime:
    """A time as people write it: a date, RFC 3339, or how long ago. A date alone as an end means its last second."""
    from tui.durations import parse_duration

    now = now or datetime.now(UTC)
    folded = text.strip()
    try:
        return now - timedelta(seconds=parse_duration(folded))
    except (ValueError, OverflowError):
        pass
    try:
        found = datetime.fromisoformat(folded)
        found = found + DAY - timedelta(seconds=1) if is_end and len(folded) <= len("2026-11-22") else found
        return found.astimezone(UTC)  # without a zone it is this machine's
    except (ValueError, OverflowError):
        raise UsageError(
            f"argument {flag}: {text!r} is no time (write 2026-11-22, 2026-11-22T07:00:00Z, or 7d for a week ago)"
        ) from None


def delete(arguments: argparse.Namespace) -> int:
    """Delete reports, one after the other."""
    settings = settings_of(arguments)
    targets = tuple(dict.fromkeys(report_named(word, settings) for word in arguments.reports))
    for target in targets:
        check_allowed(settings, target.server, "report.delete")
    servers = dict.fromkeys(target.server for target in targets)
    parts = [
        f"{', '.join(target.parts[0] for target in targets if target.server == server)} on {place_of(settings, server)}"
        for server in servers
    ]
    noun = "report" if len(targets) == 1 else "reports"
    if not agree(f"Delete {noun} {' and '.join(parts)} for good?", is_yes=arguments.is_yes):
        return ExitCode.USAGE

    async def each(actor: Actor) -> tuple[Outcome, ...]:
        return tuple([await actor.delete_report(target) for target in targets])

    return report_outcomes(acting(settings, each), arguments)


def export(arguments: argparse.Namespace) -> int:
    """Download a report, and print where it went."""
    from tui.exporting import ExportError

    settings = settings_of(arguments)
    target = report_named(arguments.report, settings)
    try:
        if arguments.output == STDOUT:
            with tempfile.TemporaryDirectory(prefix="scantop-") as folder:
                return _export(settings, target, arguments, Path(folder))
        return _export(settings, target, arguments, Path(arguments.output))
    except ExportError as error:
        narrate(str(error))
        return ExitCode.USAGE


def _export(settings: Settings, target: Target, arguments: argparse.Namespace, place: Path) -> int:
    from tui.domain.problem import Problem

    bar = Bar(time.monotonic)
    try:
        found = acting(
            settings,
            lambda actor: actor.export_report(
                target, arguments.format, place, is_overwriting=arguments.is_overwriting, progress=bar.show
            ),
        )
    finally:
        bar.clear()
    if isinstance(found, Problem):
        narrate(f"{target.key}: {found.text}" + (f" {found.advice}" if found.advice else ""))
        return of_problem(found)
    if arguments.output != STDOUT:
        emit(str(found.path))
        return ExitCode.FINE
    with found.path.open("rb") as file:
        shutil.copyfileobj(file, sys.stdout.buffer)
    return ExitCode.FINE


class Bar:
    """How far a download is, on standard error, where that is a terminal; a few times a second and not more."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        import os

        self._monotonic = monotonic
        is_dumb = os.environ.get("TERM", "") in ("", "dumb")
        self._is_shown = sys.stderr is not None and sys.stderr.isatty() and not is_dumb
        self._next_s = 0.0
        self._has_drawn = False

    def show(self, progress: ExportProgress) -> None:
        """Draw it, if it is time to."""
        now = self._monotonic()
        if not self._is_shown or now < self._next_s:
            return
        self._next_s, self._has_drawn = now + BAR_EVERY_S, True
        sys.stderr.write(f"\r{bar_line(progress)}\x1b[K")
        sys.stderr.flush()

    def clear(self) -> None:
        """Leave no trace of it."""
        if self._has_drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def bar_line(progress: ExportProgress) -> str:
    """``[######........] 1.5 of 4.0 MB``; without a total only what has come."""
    done = f"{progress.done / 1e6:.1f}"
    if not progress.total:
        return f"{done} MB"
    filled = min(BAR_CELLS, BAR_CELLS * progress.done // progress.total)
    return f"[{'#' * filled}{'.' * (BAR_CELLS - filled)}] {done} of {progress.total / 1e6:.1f} MB"
