"""The front door of the command line: arguments in, exit code out. Whatever goes wrong is one sentence, no traceback.

Knows no command's work: each has its own file, which imports what it needs when it runs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TextIO

from tui.cli.exit_codes import ExitCode
from tui.cli.output import close_quietly, narrate
from tui.cli.parser import UsageError, parse

DEBUG_VARIABLE = "SCANTOP_DEBUG"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line (`sys.argv` if None) and give its exit code. Never raises, but for what tests inject."""
    _soften(sys.stdout)
    _soften(sys.stderr)
    try:
        code = _run(sys.argv[1:] if argv is None else argv)
        close_quietly()
    except BrokenPipeError:
        close_quietly()
        code = ExitCode.FINE
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
    except OSError as error:
        code = _unwritable(error)
    return int(code)


def _run(argv: Sequence[str]) -> int:
    try:
        arguments = parse(argv)
        result: int = arguments.run(arguments)
        return result
    except SystemExit as end:  # argparse, after --help and --version
        return end.code if isinstance(end.code, int) else ExitCode.FINE
    except UsageError as error:
        narrate(str(error))
        return ExitCode.USAGE
    except OSError:
        raise
    except Exception as error:
        if _is_persons(error):
            narrate(str(error))
            return ExitCode.USAGE
        return _unexpected(_without_wrapping(error))


def _is_persons(error: Exception) -> bool:
    """What a person wrote is wrong: a config or an address. Loaded late, since `--help` needs neither."""
    from tui.config.faults import ConfigError
    from tui.domain.target import AddressError

    return isinstance(error, ConfigError | AddressError)


def _without_wrapping(error: Exception) -> BaseException:
    """The error that ended the screen, not what carried it here."""
    from tui.crash import Crashed

    return error.error if isinstance(error, Crashed) else error


def _soften(stream: TextIO | None) -> None:
    """A character that the terminal's encoding lacks is shown as an escape instead of ending the run."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def _unexpected(error: BaseException) -> int:
    """A mistake of ours. Its message may quote an answer or a secret, so it goes redacted into a report."""
    from datetime import UTC, datetime

    from tui import crash
    from tui.locations import state_folder

    now = datetime.now(UTC)
    if os.environ.get(DEBUG_VARIABLE):
        sys.stderr.write(crash.report_text(error, now, os.environ))
    narrate(crash.sentence(error, state_folder(os.environ), now, os.environ))
    return ExitCode.MISTAKE


def _unwritable(error: OSError) -> int:
    """Files and streams of this machine: a full disk, a folder that may not be written."""
    if os.environ.get(DEBUG_VARIABLE):
        from datetime import UTC, datetime

        from tui.crash import report_text

        sys.stderr.write(report_text(error, datetime.now(UTC), os.environ))
    where = f"{error.filename}: " if isinstance(error.filename, str) else ""
    narrate(f"{where}{error.strerror or type(error).__name__}")
    return ExitCode.USAGE
