"""The rows of one server's pulse, as values: label, series, scale, numbers. Pure; knows no width.

Rows that can be compared share a scale: what waits and what runs, good ends and bad ones, the two latencies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tui.domain.pulse import Grid, Series, ServerPulse
from tui.domain.state import State
from tui.present.charts import Scale, scale_of
from tui.present.format import age

LATENCY_SPIKE = 4.0  # times the usual that an answer took: beyond that it would flatten the rest
QUEUE = (State.WAITING, State.RUNNING)
_MS_UP_TO_S, _TENTHS_UP_TO_S, _SECONDS_UP_TO_S = 0.9995, 9.95, 600.0


@dataclass(frozen=True, slots=True)
class Number:
    """A text of few cells, and what it is: of the moment (now), or of all the time that is shown (all)."""

    text: str = ""
    word: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `state` gives its sign and colour, else `tone`; `marks` are drawn for values, where these are known.

    `is_tall`: worth more than one line where there is room; then a blank one goes before a row that `is_apart`.
    """

    label: str
    values: Series
    scale: Scale
    first: Number
    most: str = ""
    state: State | None = None
    tone: str = ""
    marks: tuple[bool, ...] | None = None
    is_tall: bool = False
    is_apart: bool = False


def rows_of(pulse: ServerPulse, grid: Grid, now: Mapping[State, int]) -> Iterator[Row]:
    """All rows of a server, from what waits to what failed; `now` are the counts of the moment."""
    queue = {state: pulse.level(state) for state in QUEUE}
    shared = scale_of(*queue.values())
    for state in QUEUE:
        yield _level(state, queue[state], shared, now, is_tall=True)
    for state in State:
        values = pulse.level(state)
        if state not in QUEUE and (any(values) or now.get(state)):
            yield _level(state, values, scale_of(values), now)
    ends = scale_of(pulse.good, pulse.bad)
    yield Row(
        "ended well", pulse.good, ends, _all(pulse.good), _most(pulse.good), tone="done", is_tall=True, is_apart=True
    )
    yield Row("ended badly", pulse.bad, ends, _all(pulse.bad), _most(pulse.bad), tone="failed", is_tall=True)
    times = scale_of(pulse.middle_s, pulse.high_s, spike=LATENCY_SPIKE)
    for name, values, share in (("latency", pulse.middle_s, 0.5), ("95 of 100", pulse.high_s, 0.95)):
        number = Number(span(pulse.overall.quantile(share)), "all")
        yield Row(name, values, times, number, span(_largest(values)), is_tall=True, is_apart=share == 0.5)
    yield Row("poll errors", pulse.failed, scale_of(pulse.failed), _all(pulse.failed), _most(pulse.failed), tone="bad")
    if any(pulse.is_out):
        text = age(sum(pulse.is_out) * grid.step_s)
        yield Row("no answer", pulse.failed, Scale(0.0, 0.0), Number(text, "all"), tone="bad", marks=pulse.is_out)


def _level(state: State, values: Series, scale: Scale, now: Mapping[State, int], *, is_tall: bool = False) -> Row:
    count = now.get(state, 0)
    most = whole(max(count, _largest(values) or 0))
    return Row(state.word, values, scale, Number(whole(count), "now"), most, state, state.value, is_tall=is_tall)


def _all(values: Series) -> Number:
    return Number(whole(sum(value for value in values if value is not None)), "all")


def _most(values: Series) -> str:
    return whole(_largest(values) or 0)


def _largest(values: Series) -> float | None:
    return max((value for value in values if value is not None), default=None)


def whole(number: float) -> str:
    """A count in at most 5 cells: ``412``, ``12.4k``."""
    if number < 10_000:
        return f"{number:.0f}"
    return f"{number / 1_000:.0f}k" if number < 10_000_000 else ">9M"


def span(seconds: float | None) -> str:
    """A latency in at most 6 cells: ``4 ms``, ``1.2 s``, ``45 s``, ``10m``; "" for None."""
    if seconds is None:
        return ""
    if seconds < _MS_UP_TO_S:
        return f"{max(1, round(seconds * 1_000))} ms"
    if seconds < _TENTHS_UP_TO_S:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < _SECONDS_UP_TO_S else age(seconds)
