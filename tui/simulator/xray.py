"""Xray and the part of Artifactory that lists builds, as seen over HTTP.

Owns their wire forms and errors; what there is to tell comes from the world.
"""

from __future__ import annotations

import base64
import re
from typing import Any

from tui.simulator import names, samples
from tui.simulator.exchange import Endpoint, Reply, Request, html
from tui.simulator.variants import Variants, rfc3339
from tui.simulator.world import USER, World
from tui.simulator.xray_indexed import NOT_INDEXED_BUILD, NUMBERS, IndexCalls
from tui.simulator.xray_reports import ReportCalls
from tui.simulator.xray_story import Line, ScanView, Seen

KIND = "xray"
VERSION = {"xray_version": "3.107.14", "xray_revision": "6e2b1a0"}
MANIFEST = re.compile(r"/*([^/]+)/1\.(\d{1,9})\.0/(?:list\.)?manifest\.json")
HOSTILE_BUILD = "[/x] 漢字 🏴 [bold]evil[/] e\u0301\u0302"  # what a build may be called in the story `broken`
VERSIONS_SHOWN = 20  # newest numbers of a build that its version list tells


class XrayServer:
    """The endpoints of one Xray."""

    kind = KIND
    prefixes = ("/xray/", "/artifactory/", "/access/")

    def __init__(self, world: World, variants: Variants) -> None:
        self.world = world
        self.variants = variants
        reports = ReportCalls(world, variants, self.error)
        lists = ListCalls(world, variants, self)
        self.endpoints: tuple[Endpoint, ...] = (
            Endpoint("build-status", "POST", "/xray/api/v1/build/status", self._build_status),
            Endpoint("artifact-status", "POST", "/xray/api/v1/artifact/status", self._artifact_status),
            *reports.endpoints,
            *lists.endpoints,
            *IndexCalls(world, variants).endpoints,
            Endpoint(
                "ping", "GET", "/xray/api/v1/system/ping", lambda *_: Reply(payload={"status": "pong"}), is_open=True
            ),
            Endpoint("version", "GET", "/xray/api/v1/system/version", lambda *_: Reply(payload=VERSION), is_open=True),
            Endpoint(
                "artifactory-ping",
                "GET",
                "/artifactory/api/system/ping",
                lambda *_: Reply(body=b"OK", content_type="text/plain"),
                is_open=True,
            ),
        )

    def settings(self, base: str) -> dict[str, object]:
        """What a configuration needs."""
        return {"kind": self.kind, "url": base, "token": self.world.token(self.kind)}

    def watch(self) -> list[dict[str, object]]:
        """Builds and artifacts."""
        if self.world.scenario.is_documents:
            name, number, project = samples.BUILD
            return [
                {"server": KIND, "build": name, "number": number, "project": project},
                {"server": KIND, "artifact": "/".join(samples.ARTIFACT)},
            ]
        found: list[dict[str, object]] = []
        for line, build_number in self.world.scans.watched_builds():
            scope = {"project": line.project} if line.project else {}
            found.append({"server": KIND, "build": line.name, "number": str(build_number), **scope})
        for index in range(min(self.world.scenario.latest_names, self.world.scans.build_names if found else 0)):
            line = self.world.scans.line("build", index)
            scope = {"project": line.project} if line.project else {}
            found.append({"server": KIND, "build": line.name, "latest": 2, **scope})
        if self.world.scenario.is_hostile:
            number = str(self.world.scans.line("build", 0).base)
            found.append({"server": KIND, "build": HOSTILE_BUILD, "number": number})
        for index, image, tag in self.world.scans.watched_images():
            found.append({"server": KIND, "artifact": f"{repository(index)}/{manifest(image, tag)}"})
        return found

    def refuse(self, request: Request) -> Reply | None:
        """Bearer token, basic auth or the API key header; the refusals differ as those of a real platform do."""
        token = self.world.token(self.kind)
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return None if given.strip() == token else Reply(401, {"error": "Found invalid token"})
        basic = base64.b64encode(f"{USER}:{token}".encode()).decode()
        if (scheme.lower() == "basic" and given.strip() == basic) or request.headers.get("x-jfrog-art-api") == token:
            return None
        return Reply(401, {"errors": [{"status": 401, "message": "Bad credentials"}]})

    def error(self, status: int, text: str) -> Reply:
        """An error in the chosen form."""
        form = self.variants["xray-errors"]
        if form == "plain":
            return Reply(status, body=text.encode(), content_type="text/plain")
        if form == "errors":
            return Reply(status, {"errors": [{"status": status, "message": text}]})
        return html(status, f"HTTP Status {status}", text) if status >= 500 else Reply(status, {form: text})

    def _build_status(self, request: Request, _: tuple[str, ...]) -> Reply:
        body = request.json_object()
        name, number, project = body.get("name"), body.get("number"), body.get("project") or ""
        if not isinstance(name, str) or not isinstance(number, str) or not name or not number:
            return self.error(400, "Bad request - Mandatory fields are missing")
        if (name, number) == samples.BUILD[:2] and project in ("", samples.BUILD[2]):
            return Reply(payload=self._shaped(samples.build_status()))
        if self.world.scenario.is_hostile and name == HOSTILE_BUILD:
            name = self.world.scans.line("build", 0).name
            project = self.world.scans.line("build", 0).project
        line = self.world.scans.find("build", name)
        t = self.world.t
        is_number = number.isascii() and number.isdigit() and len(number) < 10 and str(int(number)) == number
        is_known = line is not None and project == line.project and is_number
        if line is None or not is_known or not self.world.scans.is_published(line, int(number), t):
            text = f"Request payload is invalid as build name: {name} build number: {number} "
            return self.error(404, text + "is either not indexed or does not exist")
        return Reply(payload=self.status_of(self.world.scans.view("build", line, int(number), t)))

    def _artifact_status(self, request: Request, _: tuple[str, ...]) -> Reply:
        body = request.json_object()
        repo, path = body.get("repo"), body.get("path")
        if not isinstance(repo, str) or not isinstance(path, str) or not repo or not path:
            return self.error(400, "Bad request - Mandatory fields are missing")
        if (repo, path.lstrip("/")) == samples.ARTIFACT:
            return Reply(payload=self._shaped(samples.artifact_status()))
        found = MANIFEST.fullmatch(path)
        line = self.world.scans.find("image", found[1]) if found else None
        t = self.world.t
        if found is None or line is None or not self.world.scans.is_published(line, int(found[2]), t):
            return self.error(404, f"artifact at path {repo}/{path.lstrip('/')} does not exist in Artifactory")
        return Reply(payload=self.status_of(self.world.scans.view("image", line, int(found[2]), t)))

    def status_of(self, view: ScanView) -> dict[str, Any]:
        """The status object of one scan, in the chosen forms."""
        details: dict[str, Any] = {}
        for turn, (name, seen) in enumerate(view.stages.items()):
            details[name] = self._seen(seen, turn)
            if name == "exposures":
                details[name]["categories"] = {
                    category: self._seen(part, turn + place)
                    for place, (category, part) in enumerate(view.categories.items())
                }
        return self._shaped({"overall": self._seen(view.overall, 0), "details": details})

    def _seen(self, seen: Seen, turn: int) -> dict[str, Any]:
        at = rfc3339(self.world.clock.at(seen.at_s), self.variants["times"], turn)
        return {"status": seen.word} | ({"time": at} if at is not None else {})

    def _shaped(self, status: dict[str, Any]) -> dict[str, Any]:
        """Leave out what the variants leave out, and spell the words as they say."""
        details = status["details"]
        stages = self.variants["stages"]
        if stages in ("no-exposures", "minimal"):
            details.pop("exposures", None)
        if stages == "minimal":
            details.pop("contextual_analysis", None)
        if stages == "none":
            details.clear()
        if self.variants["categories"] == "off" and "exposures" in details:
            details["exposures"].pop("categories", None)
        case = self.variants["xray-case"]
        if case != "upper":
            categories = details.get("exposures", {}).get("categories", {})
            for part in (status["overall"], *details.values(), *categories.values()):
                word = part["status"]
                part["status"] = word.replace("_", " ") if case == "space" else word.lower().replace("_", " ")
        return status


class ListCalls:
    """What can be looked up: builds, their numbers, repositories, artifacts."""

    def __init__(self, world: World, variants: Variants, server: XrayServer) -> None:
        self.world = world
        self.variants = variants
        self.server = server
        self.endpoints = (
            Endpoint("builds", "GET", "/xray/api/v1/builds", self._builds),
            Endpoint("build-versions", "GET", "/xray/api/v1/builds/{}/versions", self._versions),
            Endpoint("repos", "GET", "/xray/api/v1/repos", self._repos),
            Endpoint("artifacts", "GET", "/xray/api/v1/artifacts", self._artifacts),
            Endpoint("artifactory-builds", "GET", "/artifactory/api/build", self._artifactory_builds),
            Endpoint("artifactory-build", "GET", "/artifactory/api/build/{}", self._artifactory_build),
        )

    def _when(self, story_s: float) -> str | None:
        return rfc3339(self.world.clock.at(story_s), self.variants["times"])

    def _lines(self, kind: str) -> list[Line]:
        scans = self.world.scans
        count = scans.build_names if kind == "build" else scans.image_names
        return [scans.line(kind, index) for index in range(count)]

    def _part(self, request: Request, rows: list[dict[str, Any]], default: int) -> Reply:
        """One part of a list as the Scans List gives it: `offset` of the next part, -1 at the end."""
        try:
            size, offset = request.whole("num_of_rows", default), request.whole("offset", 0)
        except ValueError:
            return self.server.error(400, "Failed to parse query parameters")
        more = offset + size < len(rows)
        return Reply(payload={"data": rows[offset : offset + size], "offset": offset + size if more else -1})

    def _builds(self, request: Request, _: tuple[str, ...]) -> Reply:
        t, search = self.world.t, request.query.get("search", "")
        rows = []
        for line in self._lines("build"):
            newest = line.newest(t)
            if search in line.name:
                at = self._when(line.published_s(newest))
                rows.append(
                    {
                        "name": line.name,
                        "build_repository": f"{line.project}-build-info" if line.project else "artifactory-build-info",
                        "latest_version": str(newest),
                        "latest_build_time": at,
                        "number_of_versions": newest,
                        "created_at": self._when(line.published_s(1)),
                        "updated_at": at,
                        "created_by": USER,
                    }
                )
        return self._part(request, _ordered(request, rows, "updated_at"), 15)

    def _versions(self, request: Request, parts: tuple[str, ...]) -> Reply:
        if "build_repository" not in request.query:
            return self.server.error(400, "build_repository is mandatory")
        line = self.world.scans.find("build", parts[0])
        if line is None:
            return self.server.error(404, f"build {parts[0]} not found")
        newest = line.newest(self.world.t)
        rows = [
            {
                "version": str(number),
                "created_at": self._when(line.published_s(number)),
                "status": "scanned",
                "component_id": f"build://{line.name}:{number}",
                "package_id": f"build://{line.name}",
            }
            for number in range(newest, max(0, newest - VERSIONS_SHOWN), -1)
        ]
        return self._part(request, rows, 15)

    def _repos(self, request: Request, _: tuple[str, ...]) -> Reply:
        rows: list[dict[str, Any]] = [
            {"repo": repo, "indexed_artifact": 12, "package_type": kind, "created_at": self._when(-8e6)}
            for repo, kind in names.REPOSITORIES
        ]
        return self._part(request, rows, 15)

    def _artifacts(self, request: Request, _: tuple[str, ...]) -> Reply:
        repo = request.query.get("repo")
        if not repo:
            return self.server.error(400, "repo is mandatory")
        t, search = self.world.t, request.query.get("search", "")
        rows = []
        for index, line in enumerate(self._lines("image")):
            newest = line.newest(t)
            for number in range(newest, max(0, newest - 3), -1):
                path = manifest(line, number)
                if repository(index) != repo or search not in path:
                    continue
                row: dict[str, Any] = {
                    "name": line.name,
                    "repo_path": f"{repo}/{path}",
                    "repo_full_path": f"{repo}/{path}",
                    "package_id": f"docker://{line.name}",
                    "version": f"1.{number}.0",
                    "created": self._when(line.published_s(number)),
                    "deployed_by": USER,
                    "size": "48.20 MB",
                    "violations": number % 5,
                }
                if self.variants["artifact-status"] == "on":
                    row["scans_status"] = self.server.status_of(self.world.scans.view("image", line, number, t))
                rows.append(row)
        return self._part(request, _ordered(request, rows, "created"), 15)

    def _artifactory_builds(self, request: Request, _: tuple[str, ...]) -> Reply:
        project, t = request.query.get("project", ""), self.world.t
        builds = [
            {"uri": f"/{line.name}", "lastStarted": self._started(line, line.newest(t))}
            for line in self._lines("build")
            if line.project == project
        ]
        if not builds:
            return Reply(404, {"errors": [{"status": 404, "message": "No builds were found"}]})
        return Reply(payload={"uri": "http://localhost/artifactory/api/build", "builds": builds})

    def _artifactory_build(self, request: Request, parts: tuple[str, ...]) -> Reply:
        if parts[0] == NOT_INDEXED_BUILD:
            started = self.world.clock.at(-8e6).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
            rows = [{"uri": f"/{number}", "started": started} for number in range(NUMBERS, 0, -1)]
            return Reply(payload={"uri": f"http://localhost/artifactory/api/build/{parts[0]}", "buildsNumbers": rows})
        line = self.world.scans.find("build", parts[0])
        if line is None or line.project != request.query.get("project", ""):
            return Reply(
                404, {"errors": [{"status": 404, "message": f"No build was found for build name: {parts[0]}"}]}
            )
        newest = line.newest(self.world.t)
        numbers = [
            {"uri": f"/{number}", "started": self._started(line, number)}
            for number in range(newest, max(0, newest - VERSIONS_SHOWN), -1)
        ]
        return Reply(payload={"uri": f"http://localhost/artifactory/api/build/{line.name}", "buildsNumbers": numbers})

    def _started(self, line: Line, number: int) -> str:
        return self.world.clock.at(line.published_s(number)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"


def _ordered(request: Request, rows: list[dict[str, Any]], default: str) -> list[dict[str, Any]]:
    """The rows in the order that is asked for; a column that they lack leaves them as they are."""
    column = request.query.get("order_by", default)
    if rows and column in rows[0] and not isinstance(rows[0][column], dict):
        rows.sort(
            key=lambda row: (row[column] is not None, row[column]),
            reverse=request.query.get("direction", "desc") == "desc",
        )
    return rows


def repository(index: int) -> str:
    """The repository of the `index`-th image."""
    return names.REPOSITORIES[index % len(names.REPOSITORIES)][0]


def manifest(line: Line, number: int) -> str:
    """The path of an image's manifest in its repository."""
    return f"{line.name}/1.{number}.0/manifest.json"


def open_server(world: World, variants: Variants) -> XrayServer:
    """This module's server."""
    return XrayServer(world, variants)
