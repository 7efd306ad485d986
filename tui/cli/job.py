"""``scantop job start``: the two jobs that Code Insight's API can start."""

from __future__ import annotations

import argparse

from tui.cli.acting import acting, add_json, add_wait, add_yes, agree, check_allowed, finish, place_of, server_for
from tui.cli.exit_codes import ExitCode
from tui.cli.parser import UsageError, number

LARGEST_ID = 2**63 - 1
KINDS = {"sbom-export": "export a project to SBOM Insights", "notices": "bring a project's notices up to date"}

EPILOG = """\
examples:
  scantop job start sbom-export 12 --yes
  scantop job start notices 12 --overwrite-all --wait --timeout 1h --yes

PROJECT_ID is the project's number (`scantop jobs --json` shows it beside its name). It is asked first on a terminal;
without one it wants --yes. A job is never started twice: where the server's answer is lost, scantop looks for it in
the queue, and says so. Under read_only = true it is off. Standard output has the address of the new job.

exit codes: 0 all right; 2 usage, read-only, or not agreed to; 3 the server could not be asked, did not accept it, or
it is unsure whether it happened; 4 refused (401, 403); 6 there is no such project; with --wait also those of `wait`
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's grammar."""
    parser = subparsers.add_parser(
        "job",
        help="start an SBOM export or a notices update",
        description="Start a Code Insight job.",
        epilog=EPILOG,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    start = actions.add_parser("start", help="start a job", description="Start a Code Insight job.", epilog=EPILOG)
    kinds = start.add_subparsers(title="jobs", metavar="JOB", dest="kind", required=True)
    for name, words in KINDS.items():
        each = kinds.add_parser(name, help=words, description=f"{words.capitalize()}.", epilog=EPILOG)
        each.add_argument("project_id", metavar="PROJECT_ID", type=number(1, LARGEST_ID), help="the project's number")
        if name == "notices":
            each.add_argument(
                "--overwrite-all",
                action="store_true",
                dest="is_overwriting",
                help="overwrite notices that are there (default: only those that are empty)",
            )
        add_wait(each, "the new job to its end")
        add_json(each)
        add_yes(each)


def run(arguments: argparse.Namespace) -> int:
    """Start the job, and follow it if asked. Raises `UsageError`, `ConfigError`."""
    from tui.cli.session import settings_of
    from tui.domain.acts import JobRequest

    settings = settings_of(arguments)
    server = server_for(settings, "job.start", "start jobs")
    check_allowed(settings, server, "job.start")
    if arguments.timeout is not None and not arguments.is_waiting:
        raise UsageError("--timeout goes with --wait")
    request = JobRequest(arguments.kind, arguments.project_id, getattr(arguments, "is_overwriting", False))
    how = ", overwriting all" if request.is_overwriting else ""
    what = f"Start {request.kind} for project {request.project_id}{how} on {place_of(settings, server)}?"
    if not agree(what, is_yes=arguments.is_yes):
        return ExitCode.USAGE
    outcome = acting(settings, lambda actor: actor.start_job(server, request))
    return finish((outcome,), arguments)
