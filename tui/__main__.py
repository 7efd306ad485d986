"""``python -m tui`` and the command ``scantop``. Imports nothing but the front door."""

from __future__ import annotations

import sys

from tui.cli.main import main as run


def main() -> None:
    """Entry point of the installed command."""
    sys.exit(run())


if __name__ == "__main__":
    main()
