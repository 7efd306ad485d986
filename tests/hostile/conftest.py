"""The terminal of the end-to-end tests serves here too, and the authority of the contract's."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path += [str(Path(__file__).resolve().parents[1] / name) for name in ("e2e", "contract")]
