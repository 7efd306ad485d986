"""What `scantop doctor` asks a ThreadFix: the one call that scantop makes, for a scan that is not there."""

from __future__ import annotations

from dataclasses import replace

from tui.domain.problem import ProblemCode
from tui.servers.errors import ServerError
from tui.servers.http import Http, HttpAnswer
from tui.servers.probing import Probe, Probes, Release
from tui.servers.threadfix.client import ThreadFixClient, is_unknown_path, judge
from tui.settings import ServerSettings

NO_APPLICATION = 0  # ids count from 1


def open_probes(server: ServerSettings, http: Http) -> Probes:
    """The probe of one ThreadFix."""
    rest = ThreadFixClient(server, http).rest

    async def pending_scan() -> HttpAnswer:
        path = f"{rest}/applications/{NO_APPLICATION}/pendingScan/{NO_APPLICATION}/status"
        try:
            return await http.request("GET", path, judge=judge)
        except ServerError as error:
            if error.answer is not None and is_unknown_path(error.answer):
                # For a scan this is "missing"; here it says that the release is another one, or the url wrong.
                error.problem = replace(error.problem, code=ProblemCode.BAD_ANSWER)
            raise

    async def release() -> Release:
        note = "ThreadFix does not tell its release, but answers in the form that 2.5 to 3.0 have"
        return Release(note=note, is_shown=True)

    probe = Probe(
        "GET /rest/…/pendingScan/…/status",
        "uploaded scans",
        "the permission Upload Scans (which also permits uploads; scantop only reads)",
        pending_scan,
        "2.5",
    )
    return Probes("ThreadFix", (probe,), release, name_token=lambda secret: "an API key")
