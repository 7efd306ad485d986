"""What a person may ask a server to do, and what came of it: frozen values for acts, report rows and look-ups.

Knows no server kind and no wire. An act's failure is an `Outcome`, a reading's failure a `Problem`; neither is raised.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tui.domain.problem import Problem
from tui.domain.records import CATEGORIES, Fields, FieldValue
from tui.domain.target import Target

NAME_LIMIT = 250  # characters of a report's name; file systems take 255 bytes, and its export is a file of that name
MOST_NAMES = 500  # of builds, repositories … in one scope: more is a paste by mistake
FORMATS = ("json", "csv", "pdf")
SCOPES = ("repositories", "builds", "projects", "release_bundles", "release_bundles_v2")
JOB_KINDS = ("sbom-export", "notices")
SUGGESTED = 50  # suggestions that a look-up gives at most
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_DIGITS = re.compile(r"[0-9]+")
_AFTER_ID = re.compile(r"id\b[^0-9a-z]{0,8}([0-9]+)", re.IGNORECASE)
_ID_DIGITS = 19  # of the largest 64-bit id


class ActError(ValueError):
    """A request that cannot be meant; one sentence, and the field that it is about in `field` ("" if several)."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


class Fate(StrEnum):
    """What came of an act."""

    DONE = "done"
    REFUSED = "refused"  # it did not happen: the server, the way to it or a rule of ours said no
    UNSURE = "unsure"  # the answer was lost, and looking did not show that it happened


class Look(StrEnum):
    """What looking showed after the answer of an act was lost."""

    NOT_NEEDED = "not_needed"
    FOUND = "found"
    NOT_FOUND = "not_found"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one act.

    `act` says what was asked ("make the report nightly-secrets"). `target` is what was made or started, where
    that is known (it can be watched at once), or what was to be deleted. `problem` is why it did not happen or why the
    answer is lost (also beside DONE, where the answer was lost and looking showed that it happened). `text` is the
    whole in a sentence or two for the person; server text in it has been cleaned. Nothing here was asked twice.
    """

    act: str
    fate: Fate
    text: str
    target: Target | None = None
    problem: Problem | None = None
    look: Look = Look.NOT_NEEDED

    @property
    def is_done(self) -> bool:
        """It happened."""
        return self.fate is Fate.DONE

    @property
    def id(self) -> int | None:
        """The id of `target`."""
        return int(self.target.parts[-1]) if self.target is not None and self.target.parts[-1].isdigit() else None


@dataclass(frozen=True, slots=True)
class Scope:
    """What a report is about: things of exactly one `kind` (a word of `SCOPES`).

    `names` are repository, build or bundle names, or project keys. `latest` is how many of the newest versions count
    (not for repositories); `include` and `exclude` are path patterns (only for repositories), e.g. ``app/**``.
    """

    kind: str
    names: tuple[str, ...]
    latest: int | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """An exposures report to make: one for each of `categories` (words of `CATEGORIES`).

    `start_at` and `end_at` bound the date of the scans (aware; None is open); `artifact` is a pattern with ``*`` for
    the artifact's name, "" for all; `project` is the project in whose name it is made. With several categories each
    report's name ends in its category (`name_for`).
    """

    name: str
    scope: Scope
    categories: tuple[str, ...]
    start_at: datetime | None = None
    end_at: datetime | None = None
    artifact: str = ""
    project: str = ""

    def name_for(self, category: str) -> str:
        """The name of the report of that category."""
        return self.name if len(self.categories) == 1 else f"{self.name}-{category}"

    def check(self) -> None:
        """Raise `ActError` with one sentence for what no server can take."""
        _check_text(self.name, "name", "A report needs a name.")
        longest = max((len(self.name_for(category)) for category in self.categories), default=0)
        if longest > NAME_LIMIT:
            raise ActError(f"The report's name has {longest} characters; at most {NAME_LIMIT} are taken.", "name")
        if not self.categories:
            raise ActError(f"Choose at least one category of {', '.join(CATEGORIES)}.", "categories")
        for category in self.categories:
            if category not in CATEGORIES:
                raise ActError(f"{category!r} is no category; there are {', '.join(CATEGORIES)}.", "categories")
        if len(set(self.categories)) != len(self.categories):
            raise ActError("A category is named twice.", "categories")
        self._check_scope()
        if self.start_at is not None and self.end_at is not None and self.start_at > self.end_at:
            raise ActError("The window ends before it starts.", "end_at")
        for name, text in (("artifact", self.artifact), ("project", self.project)):
            if text:
                _check_text(text, name, "")

    def _check_scope(self) -> None:
        scope = self.scope
        if scope.kind not in SCOPES:
            raise ActError(f"{scope.kind!r} is no scope; there are {', '.join(SCOPES)}.", "scope")
        words = scope.kind.replace("_", " ")
        if not scope.names:
            raise ActError(f"Name at least one of the {words} that the report is about.", "names")
        if len(scope.names) > MOST_NAMES:
            raise ActError(f"These are {len(scope.names)} {words}; at most {MOST_NAMES} are taken.", "names")
        for text in (*scope.names, *scope.include, *scope.exclude):
            _check_text(text, "names", f"One of the {words} is empty.")
        if scope.kind != "repositories" and (scope.include or scope.exclude):
            raise ActError("Path patterns are for repositories only.", "include")
        if scope.latest is not None and (scope.kind == "repositories" or scope.latest < 1):
            text = "Repositories have no versions" if scope.kind == "repositories" else "At least 1 version is needed"
            raise ActError(f"{text}: leave out the number of latest versions, or change it.", "latest")


def _check_text(text: str, name: str, empty: str) -> None:
    if not text.strip():
        raise ActError(empty or f"The {name} is blank.", name)
    if _CONTROL.search(text):
        raise ActError(f"The {name} holds a line break or a control character.", name)
    if len(text) > 4096:
        raise ActError(f"The {name} has {len(text)} characters: that is a paste by mistake.", name)


@dataclass(frozen=True, slots=True)
class JobRequest:
    """A job to start: `kind` is a word of `JOB_KINDS`; `is_overwriting` is for notices only."""

    kind: str
    project_id: int
    is_overwriting: bool = False

    def check(self) -> None:
        """Raise `ActError` with one sentence for what no server can take."""
        if self.kind not in JOB_KINDS:
            raise ActError(f"{self.kind!r} is no job that can be started; there are {', '.join(JOB_KINDS)}.", "kind")
        if not 1 <= self.project_id < 2**63:
            raise ActError(f"{self.project_id} is no project's id.", "project_id")
        if self.is_overwriting and self.kind != "notices":
            raise ActError("Only a notices job can overwrite.", "is_overwriting")


@dataclass(frozen=True, slots=True)
class RowsQuery:
    """Which rows of a report: `page` counts from 1, `sort` is a field's name ("" for the server's own order)."""

    page: int = 1
    limit: int = 25
    sort: str = "jfrog_severity"
    is_descending: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of a report, with every field that the server sent under the server's own name (server text: hostile)."""

    fields: Fields

    def text(self, *names: str) -> str:
        """The first of these fields that says something."""
        return next((found for found in map(self.fields.text, names) if found), "")

    @property
    def id(self) -> str:
        """The finding's id; both spellings occur."""
        return self.text("exposures_id", "exposure_id", "id")

    @property
    def severity(self) -> str:
        """The severity in lower case, "" where there is none."""
        return self.text("jfrog_severity", "severity").lower()

    def get(self, name: str) -> FieldValue:
        """One field's value."""
        return self.fields.get(name)


@dataclass(frozen=True, slots=True)
class RowsPage:
    """A page of a report's rows. `total` is None where the server does not tell; `notes` say what it could not do."""

    query: RowsQuery
    rows: tuple[Finding, ...]
    total: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def pages(self) -> int | None:
        """How many pages there are."""
        return None if self.total is None else -(-self.total // self.query.limit)


@dataclass(frozen=True, slots=True)
class ExportProgress:
    """How far a download is, in bytes; `total` is None where the server does not tell."""

    done: int
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """A look-up for completion.

    `what`: build, number (of the build `within`), repository, artifact (path in the repository `within`), or project
    (of Code Insight; its id is the value). `prefix` is what was typed; `project` narrows builds to one.
    """

    what: str
    prefix: str = ""
    within: str = ""
    project: str = ""
    limit: int = SUGGESTED


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One completion: the value to take, and words beside it (a time, a type; server text)."""

    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What a look-up brought, best first. `is_whole`: there are no more that fit. `problem`: why nothing came."""

    ask: Ask
    found: tuple[Suggestion, ...] = ()
    is_whole: bool = False
    problem: Problem | None = None
    notes: tuple[str, ...] = field(default=())


def id_in_message(message: str) -> int | None:
    """The id in a sentence such as "Update Notices job is added. The JobId is : 4711"; None where there is none.

    The last run of digits after the last colon, as the vendor's own scripts read it; where none follows it, the digits
    after the word ID, else the only run of digits in the whole message.
    """
    runs = _DIGITS.findall(message.rpartition(":")[2]) if ":" in message else []
    if runs:
        return _id(runs[-1])
    named = _AFTER_ID.search(message)
    if named is not None:
        return _id(named.group(1))
    runs = _DIGITS.findall(message)
    return _id(runs[0]) if len(runs) == 1 else None


def _id(digits: str) -> int | None:
    return int(digits) if len(digits) <= _ID_DIGITS and int(digits) > 0 else None
