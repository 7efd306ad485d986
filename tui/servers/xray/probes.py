"""What `scantop doctor` asks a JFrog platform. Sources: JFrog's REST reference, for permissions and releases.

All of them read: the two status POSTs and the POST that lists reports change nothing.
"""

from __future__ import annotations

from tui.secrets import Secret
from tui.servers.http import Http, HttpAnswer
from tui.servers.probing import NOWHERE, Probe, Probes, Release
from tui.servers.xray.client import API, API_KEY_PREFIX, authorise
from tui.servers.xray.normalise import DEFAULT_BUILDS
from tui.settings import ServerSettings

STATUS_SINCE = "3.80.9"  # build/status and artifact/status
REPORTS_SINCE = "3.8"
REFERENCE_PREFIX = "cmVmdGtu"  # how a reference token begins: "reftkn" in base64


def open_probes(server: ServerSettings, http: Http) -> Probes:
    """The probes of one platform."""
    http.authorise_with(authorise)

    async def build_status() -> HttpAnswer:
        return await http.request("POST", f"{API}/build/status", json_body={"name": NOWHERE, "number": "1"})

    async def artifact_status() -> HttpAnswer:
        question = {"repo": NOWHERE, "path": f"{NOWHERE}/manifest.json"}
        return await http.request("POST", f"{API}/artifact/status", json_body=question)

    async def reports() -> HttpAnswer:
        params = (("direction", "desc"), ("page_num", "1"), ("num_of_rows", "1"), ("order_by", "start_time"))
        return await http.request("POST", f"{API}/reports", params=params, json_body={})

    async def versions() -> HttpAnswer:
        params = (("build_repository", DEFAULT_BUILDS), ("order_by", "created_at"), ("direction", "desc"))
        return await http.request("GET", f"{API}/builds/{NOWHERE}/versions", params=params)

    async def recent() -> HttpAnswer:
        params = (("order_by", "updated_at"), ("direction", "desc"), ("num_of_rows", "1"))
        return await http.request("GET", f"{API}/builds", params=params)

    async def builds() -> HttpAnswer:
        return await http.request("GET", f"/artifactory/api/build/{NOWHERE}")

    async def release() -> Release:
        answer = await http.request("GET", f"{API}/system/version")
        found = answer.body.get("xray_version") if isinstance(answer.body, dict) else None
        return Release(found) if isinstance(found, str) else Release(note="Xray did not tell its release.")

    read = "Read on what is asked for"
    wants_reports = server.extra.get("reports", True) is not False
    probes = (
        Probe("POST /xray/api/v1/build/status", "builds", read, build_status, STATUS_SINCE),
        Probe("POST /xray/api/v1/artifact/status", "artifacts", read, artifact_status, STATUS_SINCE),
        Probe(
            "POST /xray/api/v1/reports",
            "exposures reports",
            "the role Manage Reports (or set reports = false for this server)",
            reports,
            REPORTS_SINCE,
            is_needed=wants_reports,
        ),
        Probe("GET /xray/api/v1/builds", "the builds that changed last", read, recent, is_needed=False),
        Probe("GET /xray/api/v1/builds/…/versions", "latest = N", read, versions, is_needed=False),
        Probe("GET /artifactory/api/build/…", "latest = N for builds that Xray lacks", read, builds, is_needed=False),
    )
    untried = (
        "Making, exporting and deleting reports is not tried, since it changes something; it needs Manage Reports.",
    )
    return Probes("Xray", probes, release, untried, name_token)


def name_token(secret: Secret) -> str:
    """The platform's kinds of tokens, by how they begin."""
    text = secret.reveal()
    if text.startswith(API_KEY_PREFIX):
        return "an API key (JFrog has retired these: take an access token)"
    return "a reference token" if text.startswith(REFERENCE_PREFIX) else "an access token"
