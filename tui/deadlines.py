"""Deadlines as people write them: ``45m`` after a run began, or by ``17:30``. Text in, `Deadline` out.

Used by the config, the command line and the typed line; knows none of them.
"""

from __future__ import annotations

from datetime import datetime

from tui.domain.deadline import Deadline, next_time
from tui.durations import parse_duration
from tui.moments import parse_time_of_day


def read_deadline(within: str | None, by: str | None, now: datetime | None = None) -> Deadline | None:
    """The deadline of two texts of which one at most is given; None where neither is.

    With `now` a time of day is the next such moment, else the first after the run began. ValueError with a sentence's
    end, and the key that it is about as its second argument.
    """
    if within is not None and by is not None:
        raise ValueError("deadline and by cannot both be given: one says when it is due", "by")
    if within is not None:
        try:
            seconds = parse_duration(within)
        except ValueError as error:
            raise ValueError(str(error), "deadline") from None
        if not seconds:
            raise ValueError("must be longer than nothing", "deadline")
        return Deadline(within_s=seconds)
    if by is None:
        return None
    try:
        time_of_day = parse_time_of_day(by)
    except ValueError as error:
        raise ValueError(str(error), "by") from None
    return Deadline(by=time_of_day) if now is None else Deadline(at=next_time(time_of_day, now))
