"""Every limit at its edge: what is just within is taken whole, what is one beyond is not; and no limit is forgotten.

Limits are found in the source by their names. Time limits and those of a whole run stand in tests of their own, which
are named here.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from limits_table import EDGES

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "tui"
NAMED = re.compile(
    r"(^|_)(LIMIT|MOST|KEPT|BYTES|DEPTH|LENGTH|CHARACTERS|LONGEST|LARGEST|COUNT|PAGES|TRIED|CAP|CEILING|TIMEOUT)(_|$)"
    r"|^SERVER_TEXT$|^TEXT_CELLS$|^(CONNECT|FIRST_BYTE|ANSWER|DOWNLOAD|COMMAND)_S$"
)
# Held at their edge elsewhere, by a test that names the limit or the key that sets it.
ELSEWHERE = {
    "app/pasted.py:PASTE_MOST": ("unit/app/test_pasted.py", "test_a_paste_is_kept_up_to_its_limit"),
    "absence_file.py:MOST_OWN": ("unit/app/test_absence_file.py", "MOST_OWN"),
    "domain/durations.py:SAMPLES_KEPT": ("unit/domain/test_learning.py", "SAMPLES_KEPT"),
    "domain/learning.py:STEPS_KEPT": ("unit/domain/test_learning.py", "STEPS_KEPT"),
    "domain/durations.py:KEPT_RUNS": ("unit/domain/test_learning.py", "KEPT_RUNS"),
    "domain/news.py:AWAY_KEPT": ("unit/domain/test_news.py", "AWAY_KEPT"),
    "domain/target.py:ADDRESS_LIMIT": ("unit/domain/test_target.py", "ADDRESS_LIMIT"),
    "polling/backoff.py:CEILING_S": ("unit/polling/test_polling_parts.py", "ceiling"),
    "polling/observe.py:CALLS_KEPT": ("unit/polling/test_observe.py", "CALLS_KEPT"),
    "polling/observe.py:TRANSITIONS_KEPT": ("unit/polling/test_observe.py", "TRANSITIONS_KEPT"),
    "polling/sources.py:BATCH_LIMIT": ("unit/polling/test_polling_parts.py", "BATCH_LIMIT"),
    "present/query.py:TERM_COUNT": ("unit/present/test_query.py", "TERM_COUNT"),
    "present/query.py:TERM_LENGTH": ("unit/present/test_query.py", "TERM_LENGTH"),
    "servers/codeinsight/starting.py:MOST_PARTS": ("unit/servers/test_acts_lookups.py", "MOST_PARTS"),
    "servers/xray/lookups.py:MOST_PARTS": ("unit/servers/test_acts_lookups.py", "MOST_PARTS"),
    "telling/notice.py:TOLD_KEPT": ("unit/telling/test_outbox.py", "TOLD_KEPT"),
    "settings.py:ANSWER_S": ("hostile/test_hostile_limits_of_time.py", "answer_s"),
    "settings.py:CONNECT_S": ("hostile/test_hostile_limits_of_time.py", "connect_s"),
    "settings.py:FIRST_BYTE_S": ("hostile/test_hostile_limits_of_time.py", "first_byte_s"),
}
DRAWN = "how much of it is drawn; more is cut with an ellipsis or scrolls"
NO_INPUT = "what scantop itself makes, not what it is given"
WIRE_FORM = "a size that the form prescribes, not one that is chosen"
OFFERED = "how many are offered; nothing is lost that could be asked for otherwise"
ASKED = "how much scantop asks for at once; what more there is, is asked for next or told"
KEPT_BACK = "a deque's length, or the newest of a list: older ones leave it"
EXEMPT = {
    "absence_file.py:ROW_BYTES": "a guess at a row's size, so that what is written can be read again",
    "app/pulse/page.py:CHART_AT_MOST": DRAWN,
    "app/candidates.py:MOST": OFFERED,
    "app/candidates.py:MOST_FUZZY": OFFERED,
    "app/completing.py:MOST": OFFERED,
    "app/choices.py:MOST_DONE": KEPT_BACK,
    "app/detail/parts.py:BAR_CELLS_AT_MOST": DRAWN,
    "app/screens/confirm.py:MOST_LINES": DRAWN,
    "app/screens/confirm.py:TEXT_LIMIT": DRAWN,
    "app/screens/form.py:SAID_LIMIT": DRAWN,
    "app/terminal.py:_READ_BYTES": ASKED,
    "app/widgets/filter_line.py:FILTER_LENGTH": "the input's own; the filter's rules have limits that are tested",
    "cli/acting.py:ANSWER_CHARACTERS": "what is longer than yes is no",
    "cli/completing.py:MOST_WORDS": OFFERED,
    "cli/completion.py:WORD_CHARACTERS": DRAWN,
    "cli/demo.py:LINE_BYTES": NO_INPUT,
    "cli/jobs.py:DEFAULT_LIMIT": "a default",
    "cli/report.py:DEFAULT_LIMIT": "a default",
    "commands.py:PANES_AT_MOST": "the keys 1 to 9",
    "crash.py:REPORT_CHARACTERS": NO_INPUT,
    "domain/changes.py:MOST_LOOKED": KEPT_BACK,
    "domain/latency.py:LONGEST_S": "the last step of a scale; the largest number has COUNT_LIMIT",
    "domain/learning.py:ENDS_KEPT": KEPT_BACK,
    "domain/target.py:_QUOTE_LIMIT": DRAWN,
    "history/lookback.py:LIKE_TRIED": ASKED,
    "history/sqlite.py:OWN_KEPT": KEPT_BACK,
    "history/sqlite.py:SIGHTS_KEPT": KEPT_BACK,
    "history/sqlite.py:UNSAVED_KEPT": KEPT_BACK,
    "jfrog.py:KEY_BYTES": WIRE_FORM,
    "jfrog.py:NONCE_BYTES": WIRE_FORM,
    "polling/backoff.py:REFUSED_CEILING_S": "the same rule as CEILING_S",
    "polling/backoff.py:SOURCE_CEILING_S": "the same rule as CEILING_S",
    "polling/delivery.py:SHARED_CALLS_KEPT": KEPT_BACK,
    "preferences.py:MOST_LINES": KEPT_BACK,
    "replay/tape.py:MOST_STEPS": "some gigabytes: no test can stand at its edge",
    "telling/webhook.py:ANSWER_BYTES": "of an answer that nobody reads",
    "telling/webhook.py:CONNECT_S": "the rule is that of a server's connect_timeout",
    "secrets.py:COMMAND_S": "waits real seconds; the command's end is tested with a shorter one",
    "servers/certificate.py:NAME_CHARACTERS": DRAWN,
    "servers/codeinsight/client.py:JOIN_LIMIT": ASKED,
    "servers/codeinsight/client.py:WALK_LIMIT": ASKED,
    "servers/codeinsight/client.py:WALK_PAGES": ASKED,
    "servers/codeinsight/starting.py:PROJECTS_KEPT_S": "how long a look-up is remembered",
    "servers/exchange.py:DOWNLOAD_BYTES": "half a gigabyte; a sink of fewer bytes is tested in its place",
    "servers/exchange.py:DOWNLOAD_S": "half an hour; each pause has the limit of an answer",
    "servers/http.py:SENT_KEPT": KEPT_BACK,
    "servers/route.py:HEAD_BYTES": "of the doctor's own look at a proxy, which ends with its time",
    "servers/route.py:MOST_TRIED": OFFERED,
    "servers/threadfix/evidence.py:_ROWS_AT_MOST": ASKED,
}


def is_limit(name: str) -> bool:
    return NAMED.search(name) is not None and not name.startswith("DEFAULT_ANSWER")


def limits_of(tree: ast.Module) -> set[str]:
    """Names of the module's limits: constants in capitals that hold a number."""
    found = set()
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        value = getattr(node, "value", None)
        is_number = value is not None and not any(
            not isinstance(part, ast.Constant | ast.BinOp | ast.operator) or isinstance(getattr(part, "value", 0), str)
            for part in ast.walk(value)
        )
        found |= {one.id for one in targets if isinstance(one, ast.Name) and one.id.lstrip("_").isupper() and is_number}
    return {name for name in found if is_limit(name)}


def limits() -> set[str]:
    files = [file for file in SOURCE.rglob("*.py") if "simulator" not in file.parts and file.name != "simulate.py"]
    return {
        f"{file.relative_to(SOURCE)}:{name}" for file in files for name in limits_of(ast.parse(file.read_text("utf-8")))
    }


@pytest.mark.parametrize("name", EDGES)
def test_each_limit_is_where_it_says(name: str) -> None:
    limit, is_within = EDGES[name]
    assert is_within(limit - 1) and is_within(limit), "up to the limit it is taken whole"
    assert not is_within(limit + 1), "and no further"


def test_no_limit_is_without_a_test_or_a_reason() -> None:
    known = [*EDGES, *ELSEWHERE, *EXEMPT]
    assert len(known) == len(set(known))
    assert limits() - set(known) == set(), "these limits stand in no table"
    assert set(known) - limits() == set(), "these are limits no more"
    for name, (file, words) in ELSEWHERE.items():
        assert words in (ROOT / "tests" / file).read_text("utf-8"), name


def test_a_new_limit_would_be_seen() -> None:
    code = "ROWS_LIMIT = 5\n_MOST_ROWS: int = 2**3\nNAMES = ('a',)\nTEXT_LIMIT = other\nlimit = 3\nLIMIT_WORDS = 'x'"
    assert limits_of(ast.parse(code)) == {"ROWS_LIMIT", "_MOST_ROWS"}
