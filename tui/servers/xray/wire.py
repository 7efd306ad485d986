"""What Xray sends, as pydantic models. Source: JFrog's REST reference and the samples in it."""

from __future__ import annotations

from pydantic import Field

from tui.servers.wire import Loose, Moment, Whole, Wire, Word


class StatusWire(Wire):
    """A status word with the time of it."""

    status: Word = None
    time: Moment = None


class CategoriesWire(Wire):
    """The four exposure categories; any may be absent."""

    secrets: StatusWire | None = None
    services: StatusWire | None = None
    applications: StatusWire | None = None
    iac: StatusWire | None = None


class ExposuresWire(StatusWire):
    """The exposures stage; its categories may be absent."""

    categories: CategoriesWire | None = None


class DetailsWire(Wire):
    """The stages; any may be absent (builds have no exposures more often than not)."""

    sca: StatusWire | None = None
    contextual_analysis: StatusWire | None = None
    exposures: ExposuresWire | None = None
    violations: StatusWire | None = None


class ScanWire(Wire):
    """The answer of build/status and artifact/status."""

    overall: StatusWire | None = None
    details: DetailsWire | None = None


class ReportWire(Wire):
    """One report: an element of the list, or the details by id. `end_time` is written three ways."""

    id: Whole = None
    name: Loose = None
    report_type: Loose = None
    status: Word = None
    total_artifacts: Whole = None
    num_of_processed_artifacts: Whole = None
    progress: Whole = None
    number_of_rows: Whole = None
    start_time: Moment = None
    end_time: Moment = None
    end_time_estimation: Moment = None
    author: Loose = None
    aborting_user: Loose = None
    error: Loose = None
    project_key: Loose = None
    category: Loose = None
    filters: object = None


class ReportsWire(Wire):
    """A page of the list of reports."""

    total_reports: Whole = None
    reports: list[object] | None = None


class VersionWire(Wire):
    """One number of a build in Xray's scans list."""

    version: Loose = None
    created_at: Moment = None


class BuildNumberWire(Wire):
    """One number of a build in Artifactory's list; `uri` is ``/51``, percent-encoded."""

    uri: Loose = None
    started: Moment = None


class BuildNumbersWire(Wire):
    """Artifactory's answer for one build."""

    numbers: list[object] | None = Field(default=None, alias="buildsNumbers")


class MadeWire(Wire):
    """The answer of a report's creation."""

    report_id: Whole = None
    id: Whole = None
    status: Loose = None


class RowsWire(Wire):
    """A page of an exposures report's rows."""

    total_rows: Whole = None
    rows: list[object] | None = None


class PartWire(Wire):
    """One part of a scans list; `offset` is where the next part begins, -1 at the end."""

    rows: list[object] | None = Field(default=None, alias="data")
    offset: Whole = None


class BuildNameWire(Wire):
    """One build in Xray's scans list."""

    name: Loose = None
    build_repository: Loose = None
    latest_version: Loose = None
    number_of_versions: Whole = None


class RepositoryWire(Wire):
    """One repository in Xray's list (`repo`) or Artifactory's (`key`)."""

    repo: Loose = None
    key: Loose = None
    package_type: Loose = None
    type: Loose = None


class ArtifactWire(Wire):
    """One artifact in Xray's scans list; the paths begin with the repository."""

    repo_path: Loose = None
    repo_full_path: Loose = None
    name: Loose = None
    version: Loose = None
