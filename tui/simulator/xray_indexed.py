"""What is set to be indexed, as an administrator sees it, and Artifactory's list of repositories."""

from __future__ import annotations

from typing import Any

from tui.simulator import names
from tui.simulator.exchange import Endpoint, Reply, Request
from tui.simulator.variants import Variants
from tui.simulator.world import World

NOT_INDEXED_BUILD = "nightly-tools"  # a build that Artifactory has and Xray is not to index
NOT_INDEXED_REPOSITORY = ("generic-local", "Generic")
NUMBERS = 12  # of the build that is not indexed


class IndexCalls:
    """The lists that tell "not indexed" from "does not exist"."""

    def __init__(self, world: World, variants: Variants) -> None:
        self.world = world
        self.variants = variants
        self.endpoints = (
            Endpoint("indexed-builds", "GET", "/xray/api/v1/binMgr/default/builds", self._builds),
            Endpoint("indexed-repos", "GET", "/xray/api/v1/binMgr/default/repos", self._repos),
            Endpoint("repositories", "GET", "/artifactory/api/repositories", self._repositories),
        )

    def _refused(self) -> Reply | None:
        is_admin = self.variants["xray-admin"] == "on"
        return None if is_admin else Reply(403, {"error": "Permission denied: administrator rights are needed"})

    def _builds(self, request: Request, _: tuple[str, ...]) -> Reply:
        scans = self.world.scans
        indexed = [scans.line("build", index).name for index in range(scans.build_names)]
        answer = {"bin_mgr_id": "default", "indexed_builds": indexed, "non_indexed_builds": [NOT_INDEXED_BUILD]}
        return self._refused() or Reply(payload=answer)

    def _repos(self, request: Request, _: tuple[str, ...]) -> Reply:
        answer = {
            "bin_mgr_id": "default",
            "indexed_repos": [_repository(*each) for each in names.REPOSITORIES],
            "non_indexed_repos": [_repository(*NOT_INDEXED_REPOSITORY)],
        }
        return self._refused() or Reply(payload=answer)

    def _repositories(self, request: Request, _: tuple[str, ...]) -> Reply:
        rows: list[dict[str, Any]] = [
            {"key": key, "type": _type(key).upper(), "url": f"http://localhost/artifactory/{key}", "packageType": kind}
            for key, kind in ((name.removesuffix("-cache"), kind) for name, kind in _all())
        ]
        return Reply(payload=rows)


def _all() -> tuple[tuple[str, str], ...]:
    return (*names.REPOSITORIES, NOT_INDEXED_REPOSITORY)


def _type(name: str) -> str:
    return "remote" if "remote" in name else "local"


def _repository(name: str, kind: str) -> dict[str, str]:
    return {"name": name.removesuffix("-cache"), "type": _type(name), "pkg_type": kind}
