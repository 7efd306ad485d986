"""`[poll] stuck`: the limit until usual times are known."""

import pytest

from tui.config import ConfigError, from_document
from tui.settings import STUCK_S

SERVERS = {"s": {"kind": "xray", "url": "https://x.example.com"}}


@pytest.mark.parametrize(("poll", "seconds"), [({}, STUCK_S), ({"stuck": "30m"}, 1800.0), ({"stuck": "0s"}, 0.0)])
def test_the_limit_is_a_duration_and_zero_is_none(poll: dict[str, str], seconds: float) -> None:
    assert from_document({"servers": SERVERS, "poll": poll}).poll.stuck_s == seconds


def test_a_wrong_one_is_told() -> None:
    with pytest.raises(ConfigError, match=r"poll\.stuck: 'soon' is not a duration"):
        from_document({"servers": SERVERS, "poll": {"stuck": "soon"}})
