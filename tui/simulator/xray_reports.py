"""Xray's report calls: make, list, details, content, export, delete, abort.

Owns their wire forms; which reports there are comes from the world.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from tui.simulator import names, samples
from tui.simulator.chance import Draw
from tui.simulator.exchange import Endpoint, Reply, Request
from tui.simulator.reports_story import KEPT, Report, ReportView
from tui.simulator.variants import Variants, rfc3339
from tui.simulator.world import USER, World
from tui.simulator.xray_story import CATEGORIES

LIST_PARAMETERS = ("direction", "page_num", "num_of_rows", "order_by")
LIST_ORDERS = {
    "name": "name",
    "type": "report_type",
    "author": "author",
    "start_time": "start_time",
    "status": "status",
}
RESOURCES = ("repositories", "builds", "release_bundles", "release_bundles_v2", "projects")
SEVERITIES = ("critical", "high", "medium", "low", "unknown")
FINDINGS = {
    "secrets": ("Plaintext API keys found", "CWE-256", "aws_access"),
    "services": ("Service listens on all interfaces", "CWE-668", ""),
    "applications": ("Flask runs in debug mode", "CWE-489", ""),
    "iac": ("Bucket is readable by everyone", "CWE-732", ""),
}
_EPOCH = "1970-01-01T00:00:00Z"


class ReportCalls:
    """The endpoints of Xray's reports."""

    def __init__(self, world: World, variants: Variants, error: Callable[[int, str], Reply]) -> None:
        self.world = world
        self.variants = variants
        self._error = error
        base = "/xray/api/v1/reports"
        self.endpoints = (
            Endpoint("reports", "POST", base, self._list),
            Endpoint("report-create", "POST", f"{base}/exposures", self._create),
            Endpoint("report-rows", "POST", f"{base}/exposures/{{}}", self._rows),
            Endpoint("report-abort", "POST", f"{base}/abort/{{}}", self._abort),
            Endpoint("report-export", "GET", f"{base}/export/{{}}", self._export),
            Endpoint("report", "GET", f"{base}/{{}}", self._details),
            Endpoint("report-delete", "DELETE", f"{base}/{{}}", self._delete),
        )

    def _when(self, story_s: float | None) -> str | None:
        return None if story_s is None else rfc3339(self.world.clock.at(story_s), self.variants["times"])

    def _find(self, text: str) -> Report | None:
        return self.world.reports.find(int(text), self.world.t) if text.isascii() and text.isdigit() else None

    def _entry(self, view: ReportView) -> dict[str, Any]:
        """The report as its details and the list show it."""
        report = view.report
        is_ended = view.ended_s is not None
        progress = 1 if is_ended and self.variants["report-progress"] == "one" else view.progress
        word = view.status
        if self.variants["report-words"] == "complete":
            word = {"completed": "complete", "aborted": "cancelled"}.get(word, word)
        entry: dict[str, Any] = {
            "id": report.id,
            "name": report.name,
            "report_type": report.kind,
            "status": word,
            "total_artifacts": report.artifacts,
            "num_of_processed_artifacts": view.processed,
            "progress": progress,
            "number_of_rows": view.rows,
            "start_time": self._when(report.asked_s if view.started_s is None else view.started_s),
            "author": report.author,
        }
        end_s = view.ended_s if is_ended else report.end_s
        end = None if end_s == float("inf") else self._when(end_s)
        form = self.variants["report-end"]
        if form != "end_time":
            entry["end_time_estimation"] = end
        if form != "estimation" and is_ended:
            entry["end_time"] = end
        if view.status == "failed":
            entry["error"] = report.error
        if view.status == "aborted":
            entry["aborting_user"] = view.aborting_user
        return {key: value for key, value in entry.items() if value is not None}

    def _listed(self, report: Report) -> dict[str, Any]:
        entry = self._entry(self.world.reports.view(report, self.world.t))
        return entry | {"project_key": "", "resources": report.resources, "num_of_results": entry["number_of_rows"]}

    def _list(self, request: Request, _: tuple[str, ...]) -> Reply:
        missing = [name for name in LIST_PARAMETERS if not request.query.get(name)]
        if missing:
            return self._error(400, f"Mandatory query parameters are missing: {', '.join(missing)}")
        page, size, order = request.query["page_num"], request.query["num_of_rows"], request.query["order_by"]
        if order not in LIST_ORDERS or not (page.isdigit() and size.isdigit() and int(page) and int(size)):
            return self._error(400, "Failed to parse query parameters")
        filters = request.json_object().get("filters")
        rows = [self._listed(report) for report in self.world.reports.all(self.world.t)]
        if self.world.scenario.is_documents and not rows:
            rows = [samples.report()]
        if isinstance(filters, dict):
            rows = [row for row in rows if _fits(row, filters)]
        if order != "start_time" or request.query["direction"] == "asc":
            is_down = request.query["direction"] == "desc"
            rows.sort(key=lambda row: (str(row.get(LIST_ORDERS[order], "")), row["id"]), reverse=is_down)
        start = (int(page) - 1) * int(size)
        limit = {"pdf_export_limit": 50000, "max_saved_limit": KEPT}
        return Reply(payload={"total_reports": len(rows), "reports": rows[start : start + int(size)], **limit})

    def _details(self, _: Request, parts: tuple[str, ...]) -> Reply:
        report = self._find(parts[0])
        if report is None:
            is_sample = parts[0] == str(samples.REPORT)
            return Reply(payload=samples.report()) if is_sample else self._error(404, "report not found")
        return Reply(payload=self._entry(self.world.reports.view(report, self.world.t)))

    def _create(self, request: Request, _: tuple[str, ...]) -> Reply:
        body = request.json_object()
        filters, resources, name = body.get("filters"), body.get("resources"), body.get("name")
        if not isinstance(name, str) or not name or not isinstance(resources, dict) or not isinstance(filters, dict):
            return self._error(400, "Bad request - Mandatory fields are missing")
        if sum(1 for key in RESOURCES if resources.get(key)) != 1:
            return self._error(400, "Providing a single resource type is mandatory")
        category = filters.get("category")
        if category not in CATEGORIES:
            return self._error(400, f"category must be one of [{', '.join(CATEGORIES)}]")
        made = self.world.reports.add(name, str(category), USER, resources, self.world.t)
        return Reply(payload={"report_id": made.id, "status": "pending"})

    def _rows(self, request: Request, parts: tuple[str, ...]) -> Reply:
        report = self._find(parts[0])
        if report is None and parts[0] == str(samples.EXPOSURES_REPORT):
            return Reply(payload={"total_rows": 1, "rows": samples.exposures_rows()})
        if report is None or report.kind != "exposures":
            return self._error(404, "report not found")
        if self.world.reports.view(report, self.world.t).status != "completed":
            return self._error(400, "report is not completed")
        try:
            page, size = request.whole("page_num", 1), request.whole("num_of_rows", 20)
        except ValueError:
            page = size = 0
        order = request.query.get("order_by", "jfrog_severity")
        rows = self._findings(report)
        if page < 1 or size < 1 or (rows and order not in rows[0]):
            return self._error(400, "Failed to parse query parameters")
        rank = {word: place for place, word in enumerate(reversed(SEVERITIES))}
        is_down = request.query.get("direction", "desc") == "desc"
        rows.sort(
            key=lambda row: (rank.get(row[order], 0), str(row[order]), row[self.variants["report-id"]]), reverse=is_down
        )
        start = (page - 1) * size
        return Reply(payload={"total_rows": len(rows), "rows": rows[start : start + size]})

    def _findings(self, report: Report) -> list[dict[str, Any]]:
        text, cwe, provider = FINDINGS[report.category]
        found = []
        for number in range(1, report.rows + 1):
            draw = Draw(self.world.seed, "finding", report.id, number)
            service = names.service(self.world.seed, draw.whole(0, 40))
            row: dict[str, Any] = {
                "category": report.category,
                "jfrog_severity": draw.one_of(SEVERITIES),
                self.variants["report-id"]: f"EXP-{report.id}-{number:05d}",
                "description": text,
                "file_path": f"/{service}/config/{draw.one_of(('keys', 'app', 'main'))}.py",
                "location": f"Line Number: {draw.whole(1, 900)}",
                "repository": names.REPOSITORIES[0][0],
                "impacted_artifact": f"docker://{service}:1.{draw.whole(1, 60)}.0",
                "cwe": cwe,
                "evidence": "$gcyD6**********",
                "origin": "jfrog",
            }
            found.append(row | ({"provider": provider} if provider else {}))
        return found

    def _export(self, request: Request, parts: tuple[str, ...]) -> Reply:
        report = self._find(parts[0])
        if report is None:
            return self._error(404, "report not found")
        name, form = request.query.get("file_name", ""), request.query.get("format", "")
        if not name or form not in ("pdf", "json", "csv"):
            return self._error(400, "file_name and format (pdf, json or csv) are mandatory")
        if self.world.reports.view(report, self.world.t).status != "completed" or report.kind != "exposures":
            return self._error(400, "report is not completed")
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(zipfile.ZipInfo(f"{name}.{form}"), _written(self._findings(report), form))
        disposition = ("Content-Disposition", f'attachment; filename="{report.id}.zip"')
        return Reply(body=packed.getvalue(), content_type="application/zip", headers=[disposition])

    def _delete(self, _: Request, parts: tuple[str, ...]) -> Reply:
        report = self._find(parts[0])
        if report is None:
            return self._error(404, "report not found")
        self.world.reports.remove(report.id)
        text = "report deleted successfully"
        return Reply(payload=text if self.variants["delete-answer"] == "string" else {"info": text})

    def _abort(self, _: Request, parts: tuple[str, ...]) -> Reply:
        report = self._find(parts[0])
        if report is None or self.world.reports.view(report, self.world.t).ended_s is not None:
            return self._error(404, "report not found or not running")
        self.world.reports.abort(report.id, USER, self.world.t)
        return Reply(payload={"info": "report aborted successfully"})


def _fits(row: dict[str, Any], filters: dict[str, Any]) -> bool:
    """The list's filters; those of older documents have other names."""
    name, kind = filters.get("name"), filters.get("type", filters.get("report_type"))
    status, author = filters.get("status"), filters.get("author")
    if isinstance(name, str) and not fnmatchcase(row["name"], name):
        return False
    if isinstance(kind, str) and kind != row["report_type"]:
        return False
    if isinstance(status, list) and status and row["status"] not in status:
        return False
    span = filters.get("start_time_range")
    if isinstance(span, dict):
        started = _moment(row.get("start_time", _EPOCH))
        if started < _moment(span.get("start") or _EPOCH) or started > _moment(
            span.get("end") or "9999-01-01T00:00:00Z"
        ):
            return False
    return not (isinstance(author, str) and author and author != row["author"])


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _written(rows: list[dict[str, Any]], form: str) -> bytes:
    """The rows as the exported file holds them; the PDF is a page that only says how many there are."""
    if form == "json":
        return json.dumps({"total_rows": len(rows), "rows": rows}, indent=1).encode()
    if form == "csv":
        out = io.StringIO()
        writer = csv.DictWriter(out, list(rows[0]) if rows else ["category"])
        writer.writeheader()
        writer.writerows(rows)
        return out.getvalue().encode()
    return f"%PDF-1.4\n% {len(rows)} rows\n%%EOF\n".encode()
