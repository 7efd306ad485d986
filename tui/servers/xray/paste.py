"""Targets in what people paste: URLs of files, of the web pages of builds and artifacts, names of Docker images.

The forms are those that JFrog's command line takes, and those of its web pages as they are seen in the field.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote, urlsplit

from tui.servers.kind import Pasted

_IMAGE = re.compile(
    r"(?:(?P<host>[A-Za-z0-9][A-Za-z0-9.-]*(?::\d{1,5})?)/)??"
    r"(?P<repo>[A-Za-z0-9][A-Za-z0-9_.-]*)/(?P<image>[a-z0-9][a-z0-9._/-]*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})|@sha256:(?P<digest>[0-9a-f]{64}))"
)
_NOT_REPOSITORIES = frozenset({"build", "artifact", "report", "scan", "job"})  # an address, not an image
PASTE_LIMIT = 4096  # characters of a URL or name


def recognise(text: str) -> tuple[Pasted, ...]:
    """The build or artifact that a URL or image name means; () if it is none of these. Never raises."""
    text = text.strip()
    if len(text) > PASTE_LIMIT or any(c.isspace() for c in text):
        return ()
    if text.startswith(("http://", "https://")):
        try:
            return _from_url(text)
        except ValueError:
            return ()
    return _from_image(text.removeprefix("docker://"))


def _from_url(text: str) -> tuple[Pasted, ...]:
    parts = urlsplit(text)
    segments = [segment for segment in parts.path.split("/") if segment]
    lower = [segment.lower() for segment in segments]
    for product in ("artifactory", "ui"):
        if product in lower:
            at = lower.index(product)
            netloc = parts.netloc.rpartition("@")[2]
            base = "/".join([f"{parts.scheme.lower()}://{netloc}", *segments[:at]])
            rest = segments[at + 1 :]
            if product == "ui":
                return _from_page(base, rest, parts.query)
            return _from_artifactory(base, rest, parts.fragment)
    return ()


def _from_artifactory(base: str, rest: list[str], fragment: str) -> tuple[Pasted, ...]:
    if rest[:1] == ["webapp"]:  # the web pages before Artifactory 7
        found = re.search(r"artifacts/browse/(?:tree|simple)/[^/]+/(.+)", fragment)
        return _artifact(base, found.group(1)) if found else ()
    if rest[:2] == ["api", "storage"]:
        rest = rest[2:]
    elif rest[:1] in (["api"], ["list"]):
        return ()
    return _artifact(base, "/".join(rest))


def _from_page(base: str, rest: list[str], query: str) -> tuple[Pasted, ...]:
    if rest[:2] == ["repos", "tree"] and len(rest) > 3:
        return _artifact(base, "/".join(rest[3:]))
    if rest[:1] == ["native"]:
        return _artifact(base, "/".join(rest[1:]))
    asked = parse_qs(query)
    project = (asked.get("projectKey") or [""])[0]
    if not project:
        repository = (asked.get("buildRepo") or asked.get("build_repository") or [""])[0]
        key = repository.removesuffix("-build-info")
        project = key if key and key not in (repository, "artifactory") else ""
    params = (("project", project),) if project else ()
    if rest[:1] == ["builds"] and len(rest) > 2:
        return (Pasted("build", (unquote(rest[1]), unquote(rest[2])), params, base),)
    if rest[:2] == ["scans-list", "builds-scans"] and len(rest) > 4 and rest[3] == "scan-descendants":
        return (Pasted("build", (unquote(rest[2]), unquote(rest[4])), params, base),)
    return ()


def _artifact(base: str, path: str) -> tuple[Pasted, ...]:
    """`path` may be encoded as a whole (``repo%2Fpath``) and carry matrix parameters (``;build.name=x``)."""
    repo, _, inner = unquote(path.split(";", 1)[0]).strip("/").partition("/")
    inner = inner.strip("/")
    return (Pasted("artifact", (repo, inner), (), base),) if repo and inner else ()


def _from_image(text: str) -> tuple[Pasted, ...]:
    found = _IMAGE.fullmatch(text)
    if found is None:
        return ()
    host, repo, image = found.group("host"), found.group("repo"), found.group("image").strip("/")
    first, _, rest = image.partition("/")
    if host is None and rest and ("." in repo or repo == "localhost"):
        host, repo, image = repo, first, rest  # host/repo/image:tag, where the host has no port
    if not image or repo in _NOT_REPOSITORIES:
        return ()
    version = found.group("tag") or f"sha256__{found.group('digest')}"
    return (Pasted("artifact", (repo, f"{image}/{version}/manifest.json"), (), f"https://{host}" if host else None),)
