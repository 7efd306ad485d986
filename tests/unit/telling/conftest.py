"""What the tests of polling use is used here too: a clock of one's own, a server that answers as it is told."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "polling"))
