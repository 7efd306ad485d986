"""Rules for builds and artifacts: what a 404 may mean, what a stage lacks, what "done" does not say."""

from __future__ import annotations

from collections.abc import Iterator

from tui.domain.evidence import Case, Evidence, Question, found
from tui.domain.records import Record, Stage
from tui.domain.state import State
from tui.domain.stuck import span_words

SCANNED = frozenset({"build", "artifact"})
NEW_S = 600.0  # seconds; one published this recently may simply not have arrived yet
MOVED_S = 5.0  # seconds by which a time has to move on, so that rounding is none
RETENTION = "90 days, unless somebody chose otherwise"


def not_found(case: Case) -> Iterator[Evidence]:
    """A 404: not indexed, or not there; what other lists say of it, where they may be read."""
    entry = case.entry
    if entry.target.kind not in SCANNED or entry.state is not State.MISSING:
        return
    is_build = entry.target.kind == "build"
    listed = case.fact(Question.BUILD_LISTED if is_build else Question.REPOSITORY_LISTED)
    indexed = case.fact(Question.BUILD_INDEXED if is_build else Question.REPOSITORY_INDEXED)
    what = "build" if is_build else "repository"
    if indexed is not None and indexed.is_so is False:
        text = f"The {what} {entry.target.parts[0]} is not set to be indexed, so it is never scanned. An administrator"
        yield from found(case, "not_indexed", f"{text} can have it indexed.", indexed.call)
    if listed is not None and listed.is_so is False:
        thing = f"number {entry.target.parts[1]} of it" if is_build else "such a repository"
        text = f"The list of {'builds' if is_build else 'repositories'} does not have {thing}: not published (yet), or"
        yield from found(case, "not_listed", f"{text} another name or project is meant.", listed.call)
    if listed is not None and listed.is_so:
        it = f"The build list has number {entry.target.parts[1]}, so it exists" if is_build else "The repository exists"
        if indexed is not None and indexed.is_so:
            it += ", and is set to be indexed: it may not have been reached yet"
        elif indexed is None and is_build:
            it += ": it is not indexed, or was not reached yet; which of them is told to administrators only"
        yield from found(case, "listed", f"{it}.", listed.call)
    elif indexed is not None and indexed.is_so:
        text = f"The {what} is set to be indexed: then this {'number' if is_build else 'path'} does not exist (yet)."
        yield from found(case, "indexed", text, indexed.call)
    seen = case.fact(Question.REPOSITORY_SCANNED)
    if not is_build and seen is not None and seen.is_so is not None:
        has = "has" if seen.is_so else "does not have"
        text = f"The scans list, which shows indexed repositories only, {has} {entry.target.parts[0]}."
        yield from found(case, "repository_scanned", text, seen.call)
    if indexed is None and not (is_build and listed is not None and listed.is_so):
        text = "Not indexed, or does not exist: the answer is the same, and the two cannot be told apart without"
        yield from found(case, "not_found", f"{text} administrator rights.", case.own_call())
    gone_s = case.gone_s(entry.first_seen_at)
    if gone_s is not None and gone_s < NEW_S:
        since = f"{span_words(gone_s)} ago" if gone_s >= 1.0 else "just now"
        text = f"It was asked for first {since}; a new one may take minutes to appear."
        yield from found(case, "new", text, case.own_call(), is_telling=False)


def left_out(case: Case) -> Iterator[Evidence]:
    """The whole says done, but a stage that decides was not scanned."""
    record = _scan(case)
    if record is None or record.state is not State.PARTIAL:
        return
    for stage in record.stages:
        if stage.name in ("sca", "violations") and stage.state is State.NOT_SCANNED and _is_done(record):
            text = f"{_title(stage.name)} not scanned, though overall says {record.status}: green would be wrong here."
            yield from found(case, "left_out", text, case.own_call())


def stage_failed(case: Case) -> Iterator[Evidence]:
    """Which stage failed, or ended in part."""
    record = _scan(case)
    for stage in record.stages if record is not None else ():
        if stage.state in (State.FAILED, State.PARTIAL):
            how = "failed" if stage.state is State.FAILED else "ended in part: some of it could not be scanned"
            since = _since(case, stage)
            text = f"{_title(stage.name)} {how}{since}; the server gives no reason."
            yield from found(case, "stage_failed", text, case.own_call())


def time_moves(case: Case) -> Iterator[Evidence]:
    """A stage waits, and the server's time of that moved on: it was put into the queue again (a forced reindex)."""
    if _scan(case) is None:
        return
    for mark in case.entry.marks:
        course = [one for one in case.entry.transitions if one.part == mark.part]
        if mark.state is not State.WAITING or not mark.part or not course or course[-1].after is not State.WAITING:
            continue
        began_at = course[-1].server_at or course[-1].seen_at
        moved_s = (mark.since_at - course[-1].seen_at).total_seconds()
        if moved_s > MOVED_S:
            waits = span_words(case.gone_s(began_at) or 0.0)
            text = (
                f"{_title(mark.part)} has waited for {waits}, though the server's time says"
                f" {span_words(case.gone_s(mark.since_at) or 0.0)}: that moves when it is queued again (a forced"
                " reindex), which brought no scan."
            )
            yield from found(case, "time_moves", text, case.own_call())


def never_scanned(case: Case) -> Iterator[Evidence]:
    """The whole is not scanned: dropped after its time, or older than the indexing."""
    record = _scan(case)
    if record is not None and record.state is State.NOT_SCANNED:
        text = (
            f"No scan of it is kept: results go after the retention time ({RETENTION}), and what was published before"
            f" it was indexed is not scanned by itself. A new scan must be asked for."
        )
        yield from found(case, "never_scanned", text, case.own_call())


def exposures_unsupported(case: Case) -> Iterator[Evidence]:
    """Exposures, contextual analysis or some categories are not supported here."""
    record = _scan(case)
    if record is None:
        return
    fact = case.fact(Question.REPOSITORY_SCANNED)
    kind = f" (this repository is of the type {fact.name})" if fact is not None and fact.name else ""
    for stage in record.stages:
        if stage.state is State.UNSUPPORTED:
            text = f"{_title(stage.name)} unsupported: the package type{kind}, or the licence, has no such scan."
            yield from found(
                case, "stage_unsupported", text, case.own_call(), is_telling=record.state is not State.DONE
            )
    names = [one.name for one in record.categories if one.state is State.UNSUPPORTED]
    if names and not any(one.name == "exposures" and one.state is State.UNSUPPORTED for one in record.stages):
        text = f"Exposures of {', '.join(names)} unsupported: the package type{kind}, or the licence, has none."
        yield from found(case, "category_unsupported", text, case.own_call(), is_telling=False)


def stage_absent(case: Case) -> Iterator[Evidence]:
    """Stages that the answer lacks: nothing is known of them, good or bad."""
    record = _scan(case)
    names = [_title(one.name) for one in record.stages if one.state is State.ABSENT] if record is not None else []
    if names:
        is_one = len(names) == 1
        text = f"{' and '.join(names)} {'is' if is_one else 'are'} not reported by this server: neither good nor bad."
        yield from found(case, "stage_absent", text, case.own_call(), is_telling=False)


def _scan(case: Case) -> Record | None:
    record = case.entry.record
    return record if record is not None and record.target.kind in SCANNED else None


def _is_done(record: Record) -> bool:
    return (record.status or "").strip().upper() == "DONE"


def _since(case: Case, stage: Stage) -> str:
    gone_s = case.gone_s(stage.time_at)
    return f" {span_words(gone_s)} ago" if gone_s is not None else ""


def _title(name: str) -> str:
    """A stage's or category's name at the head of a sentence."""
    if name == "sca":
        return "SCA"
    plain = name.removeprefix("@").replace("_", " ")
    return plain[:1].upper() + plain[1:]
