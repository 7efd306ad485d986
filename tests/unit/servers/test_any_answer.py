"""Whatever JSON, and whatever bytes, a server answers with: a record, a page or a problem, never an exception."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wire_bench import ARTIFACT, BUILD, SCAN, Wire, fixture, open_http, reply
from wire_bench import settings as server_settings

from tui.domain.records import Answer, Fields, ListQuery, Record
from tui.domain.target import Target
from tui.servers.kind import kinds

JOB = Target("codeinsight", "job", ("1234",))
REPORT = Target("xray", "report", ("1234",))
SAMPLES = [
    ("xray", BUILD, fixture("xray/build_status.json")),
    ("xray", ARTIFACT, fixture("xray/artifact_status.json")),
    ("xray", REPORT, fixture("xray/report_details.json")),
    ("xray", "reports", {"total_reports": 1, "reports": [fixture("xray/report_details.json")]}),
    ("threadfix", SCAN, fixture("threadfix/pending_scan_status.json")),
    ("codeinsight", JOB, fixture("codeinsight/job.json")),
    ("codeinsight", "jobs", {"data": [fixture("codeinsight/job.json")]}),
]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from(["DONE", "N/A", "", "0001-01-01T00:00:00Z", "\ud800", 10**400, -1, 1e308])
)
ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def asked(kind: str, what: Target | str, body: Any, status: int = 200) -> Answer:
    async def run() -> Answer:
        server = server_settings(kind)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        client = kinds()[kind].open_client(server, open_http(server, Wire(handler=lambda _: reply(content, status))))
        try:
            return await (client.list(ListQuery(kind, what)) if isinstance(what, str) else client.read([what]))
        finally:
            await client.aclose()

    return asyncio.run(run())


def texts_of(record: Record) -> list[str]:
    """Every text of a record, wherever it stands."""
    found = [record.name, record.note, record.error, record.raw, record.web_url, record.target.key]
    for stage in (*record.stages, *record.categories):
        found += [stage.name, stage.status or ""]
    pending: list[object] = [record.detail, record.status]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, Fields):
            pending += [inner for _, inner in value]
        elif isinstance(value, tuple):
            pending += value
    return found


def is_told(answer: Answer) -> bool:
    """Every outcome is a record, a page or a problem whose sentence is fit for a screen; none holds a surrogate."""
    problems = [answer.problem, *(reading.problem for reading in answer.readings)]
    records = [reading.record for reading in answer.readings if reading.record]
    records += list(answer.page.records) if answer.page else []
    for record in records:
        for text in texts_of(record):
            text.encode()
    for problem in problems:
        assert problem is None or (problem.text.isprintable() and len(problem.text) < 1000)
    has_outcome = all(bool(reading.record) != bool(reading.problem) for reading in answer.readings)
    return has_outcome and (bool(answer.readings) or bool(answer.page) != bool(answer.problem))


@st.composite
def spoiled(draw: st.DrawFn, sample: Any) -> Any:
    """A sample with a few of its values replaced by anything, or left out."""
    body = json.loads(json.dumps(sample))
    for _ in range(draw(st.integers(1, 4))):
        place: Any = body
        while isinstance(place, dict | list) and place:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            key = draw(st.sampled_from(keys))
            if not isinstance(place[key], dict | list) or not place[key] or draw(st.booleans()):
                if draw(st.booleans()):
                    place[key] = draw(ANY_JSON)
                else:
                    del place[key]
                break
            place = place[key]
    return body


def with_texts(value: Any, text: str) -> Any:
    """A sample in which every text (but the times) ends in `text`."""
    if isinstance(value, dict):
        return {key: with_texts(inner, text) for key, inner in value.items()}
    if isinstance(value, list):
        return [with_texts(inner, text) for inner in value]
    return value + text if isinstance(value, str) else value


@pytest.mark.parametrize("text", ["\ud800", "\udc00x", "\U0001f600", "\x00\x1b[31m"])
@pytest.mark.parametrize(("kind", "what", "sample"), SAMPLES)
def test_texts_that_no_encoder_takes(kind: str, what: Target | str, sample: Any, text: str) -> None:
    answer = asked(kind, what, with_texts(sample, text))
    assert is_told(answer)
    assert answer.readings[0].record if answer.readings else answer.page


@pytest.mark.parametrize(("kind", "what", "sample"), SAMPLES)
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data(), st.sampled_from([200, 200, 200, 400, 404, 500]))
def test_samples_with_anything_in_them(
    kind: str, what: Target | str, sample: Any, data: st.DataObject, status: int
) -> None:
    assert is_told(asked(kind, what, data.draw(spoiled(sample)), status))


@pytest.mark.parametrize(("kind", "what", "sample"), SAMPLES)
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(ANY_JSON | st.binary(max_size=200), st.sampled_from([200, 204, 302, 400, 401, 403, 404, 429, 503]))
def test_any_body_at_any_status(kind: str, what: Target | str, sample: Any, body: Any, status: int) -> None:
    assert is_told(asked(kind, what, body, status))
