"""ThreadFix as seen over HTTP: pending scans, uploads, deletes, applications, teams, scans.

Owns the wire forms: an envelope that says success false at HTTP 200, links that name another host, fields that came
with later versions. What there is to tell comes from the world.
"""

from __future__ import annotations

import re
from typing import Any

from tui.simulator import names, samples
from tui.simulator.exchange import Endpoint, Reply, Request, html
from tui.simulator.threadfix_story import SAMPLE, TEXTS, UploadView
from tui.simulator.variants import Variants
from tui.simulator.world import World

KIND = "threadfix"
BASE = "/threadfix/rest"
BAD_KEY = "Authentication failed, check your API Key."
BAD_APPLICATION = "Application lookup failed. Check your ID."
LINK_HOST = "http://10.150.1.155:8080/threadfix"  # what the server believes it is called; nobody may follow it
_FILE_NAME = re.compile(rb'filename="([^"\r\n]*)"')
_VERSION = re.compile(r"latest|legacy|v\d[\d.]*")


class ThreadFixServer:
    """The endpoints of one ThreadFix."""

    kind = KIND
    prefixes = ("/threadfix/",)

    def __init__(self, world: World, variants: Variants) -> None:
        self.world = world
        self.variants = variants
        self.endpoints: tuple[Endpoint, ...] = (
            *self._both("scan-status", "GET", "/applications/{}/pendingScan/{}/status", self._status),
            *self._both("upload", "POST", "/applications/{}/upload", self._upload),
            *self._both("upload-multi", "POST", "/applications/{}/upload/multi", self._upload_multi),
            *self._both("scans", "GET", "/applications/{}/scans", self._scans),
            *self._both("application", "GET", "/applications/{}", self._application),
            *self._both("teams", "GET", "/teams", self._teams),
            *self._both("scan", "GET", "/scans/{}", self._scan),
            *self._both("scan-delete", "DELETE", "/scans/{}/delete", self._delete),
        )

    def _both(self, name: str, method: str, path: str, run: Any) -> tuple[Endpoint, Endpoint]:
        """The call with a version in its path, and in the old form without."""

        def versioned(request: Request, parts: tuple[str, ...]) -> Reply:
            if not _VERSION.fullmatch(parts[0]):
                return self._failure("Bad rest request due to unrecognized path.", 404)
            found = self._checked(name, parts[1:])
            return found if found is not None else run(request, tuple(parts[1:]))

        def bare(request: Request, parts: tuple[str, ...]) -> Reply:
            found = self._checked(name, parts)
            return found if found is not None else run(request, parts)

        return Endpoint(name, method, f"{BASE}{path}", bare), Endpoint(name, method, f"{BASE}/{{}}{path}", versioned)

    def _checked(self, name: str, parts: tuple[str, ...]) -> Reply | None:
        """What stands in the way of any call: too new a server, an id that is no number."""
        if self.variants["threadfix"] == "3.1" and name == "scan-status":
            return self._failure("Bad rest request due to unrecognized path.", 404)
        if any(not (part.isascii() and part.isdigit() and len(part) < 10) for part in parts):
            return html(404, "HTTP Status 404 – Not Found")
        return None

    def settings(self, base: str) -> dict[str, object]:
        """What a configuration needs."""
        return {"kind": self.kind, "url": f"{base}/threadfix", "token": self.world.token(self.kind)}

    def watch(self) -> list[dict[str, object]]:
        """The pending scans."""
        watched = [SAMPLE] if self.world.scenario.is_documents else self.world.uploads.watched()
        return [{"server": KIND, "application": application, "pending_scan": scan} for application, scan in watched]

    def refuse(self, request: Request) -> Reply | None:
        """The key in the header, or in the query as old clients send it."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        given = key.strip() if scheme == "APIKEY" else request.query.get("apiKey", "")
        if given == self.world.token(self.kind):
            return None
        form = self.variants["threadfix-auth"]
        return html(401, "HTTP Status 401 – Unauthorized") if form == "401" else self._failure(BAD_KEY, int(form))

    def error(self, status: int, text: str) -> Reply:
        """An error in this server's form."""
        return self._failure(text, status) if status < 500 else html(status, f"HTTP Status {status}", text)

    def _failure(self, text: str, status: int = 200) -> Reply:
        return Reply(status, {"message": text, "success": False, "responseCode": -1, "object": None})

    def _success(self, thing: Any, text: str = "") -> Reply:
        return Reply(payload={"message": text, "success": True, "responseCode": -1, "object": thing})

    def _lookup_failed(self, text: str) -> Reply:
        form = self.variants["threadfix-errors"]
        if form == "html":
            return html(200, "System error", "An uncaught exception was thrown.")
        return self._failure(text, int(form))

    def _ms(self, story_s: float) -> int:
        """Whole seconds, as in all of the vendor's samples."""
        return int(self.world.clock.at(story_s).timestamp()) * 1000

    def _status(self, _: Request, parts: tuple[str, ...]) -> Reply:
        application, scan = int(parts[0]), int(parts[1])
        is_old = self.variants["threadfix"] in ("2.7.6", "2.4.5")
        if (application, scan) == SAMPLE:
            return Reply(payload=samples.pending_scan_old() if is_old else samples.pending_scan())
        t = self.world.t
        if not 1 <= application <= self.world.uploads.applications:
            return self._lookup_failed(BAD_APPLICATION)
        upload = self.world.uploads.find(application, scan, t)
        if upload is None:
            return self._lookup_failed("No pending scan exists for requested id")
        view = self.world.uploads.view(upload, t)
        text = TEXTS[view.status]
        return self._success(self._pending(view, text, is_old), text)

    def _pending(self, view: UploadView, text: str, is_old: bool) -> dict[str, Any]:
        upload = view.upload
        files = upload.file.split(",")
        found: dict[str, Any] = {
            "id": upload.id,
            "modifiedDate": self._ms(view.at_s),
            "active": True,
            "fileDataList": [{"id": 5 * upload.id + place, "originalName": name} for place, name in enumerate(files)],
            "appId": upload.application,
            "errorMessage": view.error,
            "status": view.status,
            "error": view.error is not None,
            "type": upload.kind,
            "name": files[0],
            "time": self._ms(upload.uploaded_s),
            "scanMessage": text,
        }
        if is_old:
            del found["modifiedDate"]
        elif view.scan_id is not None:
            found["scanId"] = view.scan_id
        return found

    def _queued(self, application: int, scans: list[int], text: str) -> Reply:
        version = {"2.8.8": "/latest", "3.1": "/latest"}.get(self.variants["threadfix"], "")
        base = f"{LINK_HOST}/rest{version}/applications/{application}/pendingScan"
        answer: dict[str, Any] = {"message": "", "success": True, "responseCode": -1, "object": text}
        if self.variants["threadfix"] != "2.4.5":
            answer["links"] = [{"method": "GET", "rel": "related", "href": f"{base}/{scan}/status"} for scan in scans]
        return Reply(payload=answer)

    def _upload(self, request: Request, parts: tuple[str, ...]) -> Reply:
        return self._take(request, int(parts[0]), is_one=True)

    def _upload_multi(self, request: Request, parts: tuple[str, ...]) -> Reply:
        return self._take(request, int(parts[0]), is_one=False)

    def _take(self, request: Request, application: int, *, is_one: bool) -> Reply:
        """Take files in as one scan, or as one each."""
        if not 1 <= application <= self.world.uploads.applications:
            return self._lookup_failed("Invalid application ID.")
        files = [found.decode("utf-8", "replace") for found in _FILE_NAME.findall(request.body)]
        if not files:
            return self._failure("No files selected.")
        uploads, t = self.world.uploads, self.world.t
        made = [uploads.upload(application, group, t) for group in ([files] if is_one else [[file] for file in files])]
        return self._queued(application, [each.id for each in made], "Scan upload process started.")

    def _delete(self, _: Request, parts: tuple[str, ...]) -> Reply:
        found = self._done(int(parts[0]))
        if found is None:
            return self._lookup_failed("No scan exists for requested id")
        made = self.world.uploads.upload(found.upload.application, [found.upload.file], self.world.t, kind="delete")
        return self._queued(made.application, [made.id], "Successfully queued scan to be deleted.")

    def _done(self, scan: int) -> UploadView | None:
        """The finished scan of that scan id (not pending scan id)."""
        pending, t = scan - 1000, self.world.t
        for application in range(1, self.world.uploads.applications + 1):
            upload = self.world.uploads.find(application, pending, t)
            if upload is not None:
                view = self.world.uploads.view(upload, t)
                return view if view.scan_id is not None else None
        return None

    def _finished(self, application: int) -> list[dict[str, Any]]:
        uploads, t = self.world.uploads, self.world.t
        found = []
        for scan in uploads.ids():
            upload = uploads.find(application, scan, t)
            if upload is not None:
                view = uploads.view(upload, t)
                if view.scan_id is not None:
                    found.append(self._counted(view))
        return found

    def _counted(self, view: UploadView) -> dict[str, Any]:
        """A finished scan; its statistics come later, so its counts are null for a while."""
        is_counted = self.world.t > view.at_s + 20
        total = view.upload.id % 17 if is_counted else None
        at = self._ms(view.at_s)
        counts = {"numberTotalVulnerabilities": total, "numberNewVulnerabilities": total}
        return {"id": view.scan_id, "importTime": at, "updatedDate": at, "scannerName": "Fortify 360", **counts}

    def _scans(self, _: Request, parts: tuple[str, ...]) -> Reply:
        found = self._finished(int(parts[0]))
        if not found:
            return self._failure(f"No scans associated with application: {parts[0]}")
        return self._success(found)

    def _scan(self, _: Request, parts: tuple[str, ...]) -> Reply:
        found = self._done(int(parts[0]))
        if found is None:
            return self._lookup_failed("No scan exists for requested id")
        return self._success(self._counted(found) | {"findings": []})

    def _application(self, _: Request, parts: tuple[str, ...]) -> Reply:
        application = int(parts[0])
        if not 1 <= application <= self.world.uploads.applications:
            return self._lookup_failed(BAD_APPLICATION)
        return self._success(self._described(application) | {"scans": self._finished(application)})

    def _described(self, application: int) -> dict[str, Any]:
        team = 1 + application % 3
        return {
            "id": application,
            "name": self.world.uploads.application_name(application),
            "url": None,
            "uniqueId": None,
            "applicationCriticality": {"id": 3, "name": "High"},
            "totalVulnCount": application * 3 % 20,
            "organization": {"id": team, "name": _team(team)},
        }

    def _teams(self, _: Request, parts: tuple[str, ...]) -> Reply:
        every = range(1, self.world.uploads.applications + 1)
        teams = [
            {
                "id": team,
                "name": _team(team),
                "totalVulnCount": 0,
                "applications": [self._described(each) for each in every if 1 + each % 3 == team],
            }
            for team in (1, 2, 3)
        ]
        return self._success(teams)


def _team(team: int) -> str:
    return f"{names.SUBJECTS[team]} team"


def open_server(world: World, variants: Variants) -> ThreadFixServer:
    """This module's server."""
    return ThreadFixServer(world, variants)
