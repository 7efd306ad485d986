"""The last runs of the same thing as a small chart: how long each took, how it ended, this one among them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui.app.detail.context import DetailContext, flowed, heading
from tui.app.line import Line, Piece
from tui.domain.past_runs import LastRuns, PastRun, median_s
from tui.present.charts import ASCII_BEYOND, BEYOND, columns, scale_of
from tui.present.format import age, count, duration

ASKED = 20  # runs that are asked for
LEAST = 2  # runs; a single one is no chart
LINES = 4  # of the columns
LABEL_CELLS = 7  # of the scale's ends: ``12m30``
BAR_CELLS, GAP_CELLS = 2, 1


def past_lines(past: LastRuns, context: DetailContext, width: int) -> Iterator[Line]:
    """Columns on a line of nought, the newest at the right; narrow screens have fewer."""
    first = 2 + LABEL_CELLS + 2
    size = BAR_CELLS + GAP_CELLS
    room = (width - first) // size
    shown = past.runs[-room:] if room > 0 else ()
    if len(shown) < LEAST or not any(run.ended_at is not None for run in shown):
        return
    is_ascii = context.signs.glyphs.is_ascii
    seconds = [run.seconds(context.now) for run in shown]
    scale = scale_of(seconds)
    yield heading(f"The last runs {past.basis}".rstrip(), "the newest at the right")
    beyond = f"; {ASCII_BEYOND if is_ascii else BEYOND} took {duration(scale.most)}" if scale.most > scale.top else ""
    yield from flowed((Piece("  "), Piece(_sentence(past, shown, context) + beyond)), width, 2)
    drawn = columns(seconds, scale, LINES, is_ascii=is_ascii)
    wall = "|" if is_ascii else "│"
    for number, text in enumerate(drawn):
        label = duration(scale.top) if not number else "0s" if number == LINES - 1 else ""
        yield (Piece(f"  {label:>{LABEL_CELLS}} {wall}", "dim"), *_bars(text, shown))
    signs = [context.signs.glyphs.of(run.state) for run in shown]
    yield (
        Piece(" " * first),
        *(Piece(f"{sign:<{size}}", run.state.value) for sign, run in zip(signs, shown, strict=True)),
    )
    own = next((index for index, run in enumerate(shown) if run.key == past.key), None)
    if own is not None:
        yield _pointer(first + own * size, context, width)


def _bars(text: str, shown: Sequence[PastRun]) -> Iterator[Piece]:
    for sign, run in zip(text, shown, strict=True):
        yield Piece(sign * BAR_CELLS, run.state.value if not sign.isspace() else "")
        yield Piece(" " * GAP_CELLS)


def _pointer(cell: int, context: DetailContext, width: int) -> Line:
    """This one, pointed at from below."""
    words, sign = "this one", context.signs.up
    if cell + 2 + len(words) < width:
        return (Piece(" " * cell), Piece(f"{sign} {words}", "strong"))
    return (Piece(" " * max(0, cell - len(words) - 1)), Piece(f"{words} {sign}", "strong"))


def _sentence(past: LastRuns, shown: Sequence[PastRun], context: DetailContext) -> str:
    """``half of 19 others took up to 6m10, this one 9m so far``."""
    others = [run for run in shown if run.ended_at is not None and run.key != past.key]
    middle = median_s(others, context.now)
    own = next((run for run in shown if run.key == past.key), None)
    words = [f"median {duration(middle)} of {count(len(others), 'other')}"] if middle is not None else []
    if own is not None:
        took = own.seconds(context.now)
        words.append(f"this one {duration(took)}" if own.ended_at is not None else f"this one {age(took)} so far")
    return ", ".join(words)
