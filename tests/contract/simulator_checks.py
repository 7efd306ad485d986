"""Questions that tell one form of a variant from another: each builds a check that a site passes or not."""

from __future__ import annotations

import gzip
import re
from collections.abc import Awaitable, Callable
from typing import Any

from simulator_site import Site

Check = Callable[[Site], Awaitable[bool]]


def list_shape(read: Callable[[Any], Any]) -> Check:
    async def check(site: Site) -> bool:
        return [row["id"] for row in read((await site.jobs(limit=2)).json())] == [437, 436]

    return check


def header(name: str | None) -> Check:
    async def check(site: Site) -> bool:
        names = [raw.decode() for raw, _ in (await site.jobs()).headers.raw]
        return name in names if name else not any("records" in each.lower() for each in names)

    return check


def past_the_end(status: int) -> Check:
    async def check(site: Site) -> bool:
        answer = await site.jobs(offset=99)
        if status == 200:
            return bool(answer.json() == {"data": []})
        if status == 204:
            return (answer.status_code, answer.content) == (204, b"")
        text = "The page 99 you requested is out of bounds. Total records :437 number of pages :18"
        return answer.status_code == status and answer.json() == {"errors": [{"message": text}]}

    return check


def every_job(test: Callable[[dict[str, Any]], Any]) -> Check:
    async def check(site: Site) -> bool:
        rows = (await site.jobs(limit=60)).json()["data"]
        return bool(rows) and all(test(row) for row in rows)

    return check


def some_job(test: Callable[[dict[str, Any]], Any]) -> Check:
    async def check(site: Site) -> bool:
        return any(test(row) for row in (await site.jobs(limit=60)).json()["data"])

    return check


def job_times(pattern: str) -> Check:
    return every_job(lambda row: re.fullmatch(pattern, str(row["queuedOn"])))


async def ignores_limit(site: Site) -> bool:
    return len((await site.jobs(limit=5, offset=3)).json()["data"]) == 437


async def honours_limit(site: Site) -> bool:
    return len((await site.jobs(limit=5, offset=3)).json()["data"]) == 5


def single_job(test: Callable[[Any], Any], number: int = 437) -> Check:
    async def check(site: Site) -> bool:
        answer = await site.call("codeinsight", "GET", f"/jobs/{number}")
        return bool(test(answer))

    return check


def bad_request(wanted: set[str]) -> Check:
    async def check(site: Site) -> bool:
        return set((await site.jobs(limit=0)).json()) == wanted

    return check


async def first_artifact(site: Site) -> dict[str, Any]:
    table = next(table for table in site.announced["watch"] if "artifact" in table)
    return dict((await site.artifact(str(table["artifact"]))).json())


def scan_times(pattern: str) -> Check:
    async def check(site: Site) -> bool:
        answer = await first_artifact(site)
        parts = [answer["overall"], *answer["details"].values()]
        return all(re.fullmatch(pattern, part.get("time", "")) for part in parts)

    return check


async def mixed_times(site: Site) -> bool:
    answer = await first_artifact(site)
    return len({len(part["time"]) for part in [answer["overall"], *answer["details"].values()]}) > 2


def scan_words(pattern: str) -> Check:
    async def check(site: Site) -> bool:
        answer = (await site.artifact("docker-local/desktop-storage/1.0/manifest.json")).json()
        categories = answer["details"]["exposures"]["categories"].values()
        return all(re.fullmatch(pattern, part["status"]) for part in [answer["overall"], *categories])

    return check


def stages(*names: str) -> Check:
    async def check(site: Site) -> bool:
        return set((await first_artifact(site))["details"]) == set(names)

    return check


def categories(has: bool) -> Check:
    async def check(site: Site) -> bool:
        exposures = (await first_artifact(site))["details"]["exposures"]
        return ("categories" in exposures) is has and "status" in exposures

    return check


def missing_build(wanted: Callable[[Any], bool]) -> Check:
    async def check(site: Site) -> bool:
        answer = await site.build("no", "1")
        return answer.status_code == 404 and wanted(answer)

    return check


def ended_report(test: Callable[[dict[str, Any]], Any]) -> Check:
    async def check(site: Site) -> bool:
        rows = [row for row in await site.reports(num_of_rows="100") if row["status"] not in ("pending", "running")]
        return bool(rows) and all(test(row) for row in rows)

    return check


def words_of_reports(there: str, absent: str) -> Check:
    async def check(site: Site) -> bool:
        seen = {row["status"] for row in await site.reports(num_of_rows="100")}
        return there in seen and absent not in seen

    return check


async def a_row(site: Site) -> dict[str, Any]:
    done = [row for row in await site.reports(num_of_rows="100") if row["status"] == "completed"]
    number = next(row["id"] for row in done if row["report_type"] == "exposures" and row["number_of_rows"])
    query = {"direction": "desc", "page_num": "1", "num_of_rows": "1", "order_by": "jfrog_severity"}
    answer = await site.call("xray", "POST", f"/reports/exposures/{number}", params=query)
    return dict(answer.json()["rows"][0])


def row_key(name: str) -> Check:
    async def check(site: Site) -> bool:
        return len({"exposures_id", "exposure_id"} & set(await a_row(site))) == 1 and name in await a_row(site)

    return check


def deleted(wanted: Any) -> Check:
    async def check(site: Site) -> bool:
        number = (await site.reports())[-1]["id"]
        return bool((await site.call("xray", "DELETE", f"/reports/{number}")).json() == wanted)

    return check


def artifact_rows(has: bool) -> Check:
    async def check(site: Site) -> bool:
        rows = (await site.call("xray", "GET", "/artifacts", params={"repo": "docker-local"})).json()["data"]
        return bool(rows) and all(("scans_status" in row) is has for row in rows)

    return check


def indexed_lists(status: int) -> Check:
    async def check(site: Site) -> bool:
        paths = ("/binMgr/default/builds", "/binMgr/default/repos")
        return [(await site.call("xray", "GET", path)).status_code for path in paths] == [status, status]

    return check


def pending_scan(has_new_fields: bool, link: str | None) -> Check:
    async def check(site: Site) -> bool:
        table = next(table for table in site.announced["watch"] if "application" in table)
        shown = (await site.scan(int(table["application"]), int(table["pending_scan"]))).json()["object"]
        files = {"file": ("a.fpr", b"x")}
        made = (await site.call("threadfix", "POST", "/applications/6/upload", files=files)).json()
        links = [each["href"].partition("/rest")[2].partition("/applications")[0] for each in made.get("links", [])]
        return ("modifiedDate" in shown) is has_new_fields and links == ([] if link is None else [link])

    return check


async def too_new(site: Site) -> bool:
    answer = await site.scan(6, 41)
    return answer.status_code == 404 and answer.json()["message"] == "Bad rest request due to unrecognized path."


def refusal(status: int, is_json: bool) -> Check:
    async def check(site: Site) -> bool:
        url = site.url("threadfix", "/teams")
        answer = await site.client.get(url, headers={"Authorization": "APIKEY no"})
        return answer.status_code == status and is_json == ("json" in answer.headers["Content-Type"])

    return check


def lookup(status: int, is_json: bool) -> Check:
    async def check(site: Site) -> bool:
        answer = await site.scan(1, 999)
        return answer.status_code == status and is_json == ("json" in answer.headers["Content-Type"])

    return check


def framing(test: Callable[[Any], Any]) -> Check:
    async def check(site: Site) -> bool:
        answer = await site.jobs()
        return len(answer.json()["data"]) == 25 and bool(test(answer.headers))

    return check


async def is_packed(site: Site) -> bool:
    async with site.client.stream("GET", site.url("codeinsight", "/jobs"), headers=site.auth("codeinsight")) as answer:
        body = b"".join([piece async for piece in answer.aiter_raw()])
    return answer.headers["Content-Encoding"] == "gzip" and b'"data"' in gzip.decompress(body)


def missing_project(row: dict[str, Any]) -> bool:
    return row["project"] is None
