"""What explains where a target stands: what was asked for it, the case that the rules look at, and what they find.

Values only. Which calls answer a question is the server kinds' affair, what follows from the answers the rules'
(`tui.domain.explain`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tui.domain.estimates import Left
from tui.domain.outlook import Outlook
from tui.domain.problem import Problem
from tui.domain.records import Call, Record
from tui.domain.snapshot import Entry, ServerHealth
from tui.domain.stuck import FINE, Verdict


class Question(StrEnum):
    """What one further reading call may tell. The words are those for a person, after "whether" or "about"."""

    ACTIVE_JOBS = "which jobs are active"
    SCHEDULED_JOBS = "which jobs are scheduled"
    BUILD_LISTED = "whether the list of builds has this number"
    BUILD_INDEXED = "whether the build is set to be indexed"
    REPOSITORY_LISTED = "whether the list of repositories has this one"
    REPOSITORY_SCANNED = "whether the scans list has the repository"
    REPOSITORY_INDEXED = "whether the repository is set to be indexed"
    REPORTS_KEPT = "how many reports are kept"
    FINISHED_SCANS = "which scans of the application have finished"


@dataclass(frozen=True, slots=True)
class Fact:
    """What one call told, or the `problem` that stood in its way; `call` is None where nothing was sent.

    By question: `is_so` (None: the answer does not tell), `records` (jobs), `count` and `limit` (reports, jobs),
    `name` and `at` (of the newest finished scan), `name` (a repository's package type).
    """

    question: Question
    call: Call | None = None
    is_so: bool | None = None
    records: tuple[Record, ...] = ()
    count: int | None = None
    limit: int | None = None
    name: str = ""
    at: datetime | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece: which rule says so, in a sentence, and the call that it comes from ("" where it is our own reckoning).

    `text` may quote a server (hostile); `about` is the address of another target that it is about, "" for none;
    `is_telling`: it says why, and not merely how things stand.
    """

    rule: str
    text: str
    call: str = ""
    at: datetime | None = None
    about: str = ""
    is_telling: bool = True


@dataclass(frozen=True, slots=True)
class Case:
    """All that the rules may look at. `title` names the kind of server, `others` are the server's other entries."""

    entry: Entry
    now: datetime
    title: str = ""
    health: ServerHealth | None = None
    facts: tuple[Fact, ...] = ()
    others: tuple[Entry, ...] = ()
    verdict: Verdict = FINE
    left: Left | None = None
    quiet: str = ""  # the sentence where nothing on the whole server finishes

    def fact(self, question: Question) -> Fact | None:
        """The answer to a question; None where it was not asked, or could not be."""
        return next((one for one in self.facts if one.question is question and one.problem is None), None)

    def words(self, call: Call | None) -> str:
        """A call as it is told: ``Code Insight GET /codeinsight/api/jobs?status=Active``."""
        return f"{self.title} {call.method} {call.path}".strip() if call is not None else ""

    def own_call(self) -> Call | None:
        """The call that brought what is known of the target: the last good one, else the last."""
        return last_call(self.entry)

    def gone_s(self, since_at: datetime | None) -> float | None:
        """Seconds since then, never less than 0; None where it is not known."""
        return None if since_at is None else max(0.0, (self.now - since_at).total_seconds())

    def told_gone_s(self, told_at: datetime | None) -> float | None:
        """The same for a time that the server tells, whose clock may be another."""
        return None if told_at is None else max(0.0, (self.entry.on_server(self.now) - told_at).total_seconds())


def last_call(entry: Entry) -> Call | None:
    """The newest of an entry's calls that went well, else the newest."""
    good = (call for call in reversed(entry.calls) if call.problem is None)
    return next(good, entry.calls[-1] if entry.calls else None)


def case_of(
    entry: Entry,
    entries: Iterable[Entry],
    now: datetime,
    *,
    outlook: Outlook,
    title: str = "",
    health: ServerHealth | None = None,
    facts: tuple[Fact, ...] = (),
) -> Case:
    """The case of one target among all that are known; looks at each of them once."""
    server = entry.target.server
    same = tuple(one for one in entries if one.target.server == server)
    return Case(
        entry,
        now,
        title,
        health,
        facts,
        tuple(one for one in same if one.key != entry.key),
        outlook.verdict(entry, now),
        outlook.time_left(entry, now),
        outlook.server_stuck(server, same, now),
    )


def found(
    case: Case, rule: str, text: str, call: Call | None, *, about: str = "", is_telling: bool = True
) -> Iterator[Evidence]:
    """One piece of evidence from a call."""
    yield Evidence(rule, text, case.words(call), call.at if call is not None else None, about, is_telling)
