"""The words that the story is told in: names of builds, images, projects, people, files. No behaviour."""

from __future__ import annotations

from tui.simulator.chance import Draw

SUBJECTS = (
    "payments", "ledger", "checkout", "identity", "search", "catalog", "billing", "inventory", "shipping", "pricing",
    "fraud", "notify", "reports", "gateway", "sessions", "archive", "media", "loyalty", "returns", "treasury",
)  # fmt: skip
PARTS = ("api", "core", "web", "worker", "batch", "sync", "proxy", "admin", "mobile", "events")
PROJECT_KEYS = ("", "pay", "", "web", "core", "")
USERS = ("admin", "mlopez", "jchen", "akowalski", "svc-release", "dokafor", "tnguyen")
SCAN_SUFFIXES = ("fpr", "ozasmt", "xml", "threadfix", "sarif", "json")
SCAN_SERVERS = ("scan-east-1", "scan-east-2", "scan-west-1")
CORE_SERVER = "Core Server"
REPOSITORIES = (("docker-local", "Docker"), ("oci-release-local", "OCI"), ("docker-remote-cache", "Docker"))
CUSTOM_REPORTS = ("Executive Summary", "License Obligations")


def service(seed: int, index: int) -> str:
    """The name of the `index`-th service, the same for builds, images and projects; never twice the same."""
    pairs = len(SUBJECTS) * len(PARTS)
    start = Draw(seed, "services").whole(0, pairs - 1)
    place = (start + index * 37) % pairs  # 37 has no factor in common with the 200 pairs, so all are met
    name = f"{SUBJECTS[place // len(PARTS)]}-{PARTS[place % len(PARTS)]}"
    return name if index < pairs else f"{name}-{index // pairs + 1}"


def service_index(seed: int, name: str) -> int | None:
    """The index that `service` makes `name` of; None if it makes no such name."""
    pieces = name.split("-")
    if len(pieces) not in (2, 3) or pieces[0] not in SUBJECTS or pieces[1] not in PARTS:
        return None
    if len(pieces) == 3 and not (pieces[2].isascii() and pieces[2].isdigit()):
        return None
    pairs = len(SUBJECTS) * len(PARTS)
    start = Draw(seed, "services").whole(0, pairs - 1)
    place = SUBJECTS.index(pieces[0]) * len(PARTS) + PARTS.index(pieces[1])
    # The inverse of 37 modulo the number of pairs undoes the step.
    index = (place - start) * pow(37, -1, pairs) % pairs
    round_ = int(pieces[2]) - 1 if len(pieces) == 3 else 0
    found = index + round_ * pairs
    return found if service(seed, found) == name else None
