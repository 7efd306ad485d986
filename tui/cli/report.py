"""``scantop report``: the grammar of its actions. What they do is in `report_acts` and `report_views`."""

from __future__ import annotations

import argparse

from tui.cli.acting import add_json, add_wait, add_yes
from tui.cli.parser import number

CATEGORY_WORDS = ("secrets", "services", "applications", "iac")
ALL = "all"
FORMATS = ("json", "csv", "pdf")
DEFAULT_LIMIT = 25
MOST_ROWS = 10_000
MOST_PAGE = 10_000_000
MOST_LATEST = 1000

EPILOG = """\
REPORT is a number, or an address (prod:report/22). Which server: --server, unless only one can.

examples:
  scantop report create nightly --build app --latest 2 --category secrets --yes
  scantop report create audit --repo docker-local --include 'app/**' --category all --from 30d --wait --yes
  scantop report list --status running
  scantop report rows 22 --sort jfrog_severity --limit 100 --json
  scantop report export 22 --format csv --output findings.csv
  scantop report delete 22 23 --yes

create and delete ask first on a terminal; without one they want --yes. Neither is ever asked for twice: where the
server's answer is lost, scantop looks whether it happened, and says so. Under read_only = true both are off.

exit codes: 0 all right; 2 usage, read-only, or not agreed to; 3 the server could not be asked, did not accept it, or
it is unsure whether it happened; 4 refused (401, 403); 6 there is no such report; with --wait also those of `wait`
"""
CREATE = """\
examples:
  scantop report create nightly --build app --latest 2 --category secrets --yes
  scantop report create audit --repo docker-local --include 'app/**' --category all --from 30d --wait --yes
  scantop report create q3 --project web --category iac --from 2026-07-01 --to 2026-09-30 --json --yes

Name things of exactly one kind: --repo, --build, --project, --release-bundle or --release-bundle-v2, each as often as
needed. Each category is a report of its own; with several, each one's name ends in its category. A time is a date, a
date with a time (2026-11-22T07:00:00Z), or how long ago (7d). Standard output has the address of each new report.
"""
LIST = """\
examples:
  scantop report list
  scantop report list --name 'nightly*' --status completed --json | jq '.reports[].id'
"""
SHOW = """\
examples:
  scantop report show 22
  scantop report show prod:report/22 --json
"""
ROWS = """\
examples:
  scantop report rows 22
  scantop report rows 22 --page 2 --limit 100 --sort file_path --ascending
  scantop report rows 22 --limit 10000 --json | jq '.rows[] | select(.jfrog_severity == "critical")'

The server sorts; where it does not know the field, the rows come in its own order and a note says so.
"""
EXPORT = """\
examples:
  scantop report export 22 --format csv --output findings.csv
  scantop report export 22 --output - | jq '.rows | length'

The server's ZIP is checked and unpacked, and the file is written in one step. A file that exists is kept, unless
--force says otherwise. OUTPUT is a file, a folder, or - for standard output.
"""
DELETE = """\
examples:
  scantop report delete 22
  scantop report delete 22 23 --yes
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's grammar."""
    parser = subparsers.add_parser(
        "report",
        help="exposures reports: create, list, show, rows, export, delete",
        description="Xray's exposures reports.",
        epilog=EPILOG,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    _add_create(actions)
    _add_list(actions)
    _add_show(actions)
    _add_rows(actions)
    _add_export(actions)
    _add_delete(actions)


def run(arguments: argparse.Namespace) -> int:
    """Do the one action. Raises `UsageError`, `AddressError`, `ConfigError`, OSError."""
    from tui.cli import report_acts, report_views

    actions = {
        "create": report_acts.create,
        "export": report_acts.export,
        "delete": report_acts.delete,
        "list": report_views.list_reports,
        "show": report_views.show,
        "rows": report_views.rows,
    }
    return actions[arguments.action](arguments)


def _add_create(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = actions.add_parser(
        "create", help="have exposures reports made", description="Have exposures reports made.", epilog=CREATE
    )
    parser.add_argument("name", metavar="NAME", help="the report's name")
    parser.add_argument(
        "--category",
        metavar="C",
        action="append",
        required=True,
        choices=(*CATEGORY_WORDS, ALL),
        help=f"{', '.join(CATEGORY_WORDS)}, or all; repeatable",
    )
    scope = parser.add_argument_group("scope (of exactly one kind)")
    scope.add_argument("--repo", metavar="R", action="append", default=[], help="a repository; repeatable")
    scope.add_argument("--build", metavar="B", action="append", default=[], help="a build's name; repeatable")
    scope.add_argument("--project", metavar="KEY", action="append", default=[], help="a project's key; repeatable")
    scope.add_argument("--release-bundle", metavar="B", action="append", default=[], help="a bundle; repeatable")
    scope.add_argument("--release-bundle-v2", metavar="B", action="append", default=[], help="likewise, version 2")
    scope.add_argument(
        "--latest", metavar="N", type=number(1, MOST_LATEST), help="only the newest N versions (not for --repo)"
    )
    scope.add_argument("--include", metavar="P", action="append", default=[], help="only these paths of --repo")
    scope.add_argument("--exclude", metavar="P", action="append", default=[], help="all but these paths of --repo")
    parser.add_argument("--artifact", metavar="P", default="", help="only artifacts of this pattern, e.g. '*bin*'")
    parser.add_argument("--from", metavar="TIME", dest="start", help="only what was scanned since then")
    parser.add_argument("--to", metavar="TIME", dest="end", help="only what was scanned until then")
    parser.add_argument("--for-project", metavar="KEY", default="", help="make it in this project's name")
    add_wait(parser, "the new reports to their end")
    add_json(parser)
    add_yes(parser)


def _add_list(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = actions.add_parser(
        "list", help="a page of the reports; a table, or JSON", description="Print a page of reports.", epilog=LIST
    )
    parser.add_argument("--name", metavar="N", help="only reports of this name; * stands for anything")
    parser.add_argument("--status", metavar="S", help="only with this status, e.g. running; several with |")
    parser.add_argument("--author", metavar="A", help="only reports that this user had made")
    parser.add_argument("--type", metavar="T", help="only of this type (default: exposures, and what may be)")
    parser.add_argument("--page", metavar="N", type=number(1, MOST_PAGE), default=1, help="page, from 1")
    parser.add_argument(
        "--limit", metavar="N", type=number(1, MOST_ROWS), default=DEFAULT_LIMIT, help="reports on a page (default 25)"
    )
    add_json(parser)


def _add_show(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = actions.add_parser(
        "show", help="how far a report is", description="Print how far a report is.", epilog=SHOW
    )
    parser.add_argument("report", metavar="REPORT", help="its number or address")
    add_json(parser)


def _add_rows(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = actions.add_parser(
        "rows", help="a page of what a report found", description="Print a page of a report's rows.", epilog=ROWS
    )
    parser.add_argument("report", metavar="REPORT", help="its number or address")
    parser.add_argument("--sort", metavar="FIELD", default="jfrog_severity", help="by which field (the server sorts)")
    parser.add_argument("--ascending", action="store_true", dest="is_ascending", help="the least first")
    parser.add_argument("--page", metavar="N", type=number(1, MOST_PAGE), default=1, help="page, from 1")
    parser.add_argument(
        "--limit", metavar="N", type=number(1, MOST_ROWS), default=DEFAULT_LIMIT, help="rows on a page (default 25)"
    )
    add_json(parser)


def _add_export(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = actions.add_parser(
        "export", help="download a report as a file", description="Download a report as a file.", epilog=EXPORT
    )
    parser.add_argument("report", metavar="REPORT", help="its number or address")
    parser.add_argument("--format", metavar="F", choices=FORMATS, default="json", help="json (default), csv or pdf")
    parser.add_argument("--output", metavar="OUTPUT", default=".", help="where to (default: this folder)")
    parser.add_argument("--force", action="store_true", dest="is_overwriting", help="overwrite a file that exists")


def _add_delete(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = actions.add_parser(
        "delete", help="delete reports for good", description="Delete reports for good.", epilog=DELETE
    )
    parser.add_argument("reports", nargs="+", metavar="REPORT", help="their numbers or addresses")
    add_json(parser)
    add_yes(parser)
