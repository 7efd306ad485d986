"""``scantop config path|check|init|import-jfrog``: where the configuration is, whether it is right, a first one."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from tui.cli.exit_codes import ExitCode
from tui.cli.output import emit, narrate
from tui.cli.parser import UsageError

if TYPE_CHECKING:
    from tui.settings import ServerSettings, Settings, WatchItem

EPILOG = """\
examples:
  scantop config path                       where the config file is, or would be
  scantop config init                       write a commented one, readable by you alone
  scantop config check                      read it, and say everything that is wrong with it
  scantop config import-jfrog               write one that refers to the servers of the JFrog CLI (no token is copied)
  scantop config import-jfrog --print       the same on standard output, to add to a config that is there
  scantop --config ./ci.toml config check

exit codes: 0, or 2 where something is wrong
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's grammar."""
    parser = subparsers.add_parser(
        "config",
        help="path, check, init or import-jfrog: the configuration",
        description="The configuration is one TOML file; --config or SCANTOP_CONFIG name another than your own.",
        epilog=EPILOG,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    actions.add_parser(
        "path", help="print where the config file is", description="Print the config file's path.", epilog=EPILOG
    )
    actions.add_parser(
        "check",
        help="read the configuration and say all that is wrong with it",
        description="Read the configuration and say everything that is wrong with it. Asks no server.",
        epilog=EPILOG,
    )
    actions.add_parser(
        "init",
        help="write a commented config to fill in (never over another)",
        description="Write a commented config that only you can read. Never overwrites a file.",
        epilog=EPILOG,
    )
    importing = actions.add_parser(
        "import-jfrog",
        help="write a config that refers to the JFrog CLI's own",
        description="Write a config with the JFrog CLI's servers. It says where each token is (token = { jfrog_cli = "
        '"ID" }) and holds none: that file is read anew whenever a token is needed. Never overwrites a file.',
        epilog=EPILOG,
    )
    importing.add_argument(
        "--print", action="store_true", dest="is_printing", help="print the tables and write no file"
    )


def run(arguments: argparse.Namespace) -> int:
    """Do the one action."""
    actions = {"path": _path, "check": _check, "init": _init, "import-jfrog": _import_jfrog}
    return actions[arguments.action](arguments)


def _path(arguments: argparse.Namespace) -> int:
    from tui.locations import config_file

    path = config_file(arguments.config, os.environ)
    emit(str(path))
    if not path.exists():
        narrate("there is no such file yet; `scantop config init` writes one")
    return ExitCode.FINE


def _check(arguments: argparse.Namespace) -> int:
    from tui.cli.session import narrow
    from tui.config import ConfigError, load
    from tui.present.safe import clean

    try:
        settings = narrow(load(arguments.config, os.environ), arguments.server)
    except ConfigError as error:
        for fault in error.faults:
            narrate(str(fault))
        return ExitCode.USAGE
    lines = [f"{settings.path or _elsewhere(settings)}: all right"]
    for server in settings.servers:
        lines.append(f"server {server.name}: {server.kind} at {server.url}, {_credential(server)}")
    lines += [f"watch {_words(item)}" for item in settings.watch]
    lines += _rules(settings)
    for line in lines:
        emit(clean(line))
    for warning in (*settings.warnings, *_token_notes(settings)):
        narrate(f"note: {warning}")
    return ExitCode.FINE


def _rules(settings: Settings) -> list[str]:
    """The rules that tell people; loaded where there are any."""
    if not settings.tell:
        return []
    from tui.telling.channels import words_of
    from tui.telling.teller import rule_words

    return [
        f"tell {rule.name}: {rule_words(rule)}; by {', '.join(words_of(channel) for channel in rule.channels)}"
        for rule in settings.tell
    ]


def _elsewhere(settings: Settings) -> str:
    """Where servers come from that no config file names."""
    from_jf = [server.token is not None and server.token.how == "jfrog_cli" for server in settings.servers]
    return " and ".join(["the environment"] * (not all(from_jf)) + ["the JFrog CLI's set-up"] * any(from_jf))


def _credential(server: ServerSettings) -> str:
    if server.token is None:
        return "no token"
    return f"user {server.user}, password from {server.token}" if server.user else f"token from {server.token}"


def _words(item: WatchItem) -> str:
    from tui.settings import WatchedLatest, WatchedList

    if isinstance(item, WatchedLatest):
        whose = f"of {item.server}:{item.name}" if item.name else f"on {item.server}, of any name"
        return f"the newest {item.count} {whose}"
    if isinstance(item, WatchedList):
        filters = ", ".join(f"{name} {value}" for name, value in item.query.filters)
        return f"{item.query.key}" + (f" ({filters})" if filters else "")
    return item.target.key + (f" ({item.label})" if item.label else "")


def _token_notes(settings: Settings) -> list[str]:
    """What can be said of the tokens without reading any: variables that are not set, files that others can read."""
    from tui.secrets import SecretError, source_note

    notes = []
    for server in settings.servers:
        source = server.token
        if source is None:
            notes.append(f"servers.{server.name}: has no token, so it is asked without one")
        elif source.how == "env" and not os.environ.get(source.what[0]):
            notes.append(f"servers.{server.name}.token: the variable {source.what[0]} is not set here")
        elif source.how == "file" and not os.path.isfile(source.what[0]):
            notes.append(f"servers.{server.name}.token: there is no file {source.what[0]}")
        else:
            try:
                note = source_note(source)
            except SecretError as error:
                note = str(error)
            if note:
                notes.append(f"servers.{server.name}.token: {note}")
    return notes


def _init(arguments: argparse.Namespace) -> int:
    from tui.config.sample import write_sample
    from tui.locations import config_file

    path = config_file(arguments.config, os.environ)
    try:
        write_sample(path)
    except FileExistsError:
        raise UsageError(f"{path} is there already and was left as it is") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from None
    emit(str(path))
    narrate("written; fill it in, then run `scantop config check`")
    return ExitCode.FINE


def _import_jfrog(arguments: argparse.Namespace) -> int:
    from tui.config.importing import import_text
    from tui.locations import config_file, create_private_file

    path = config_file(arguments.config, os.environ)
    imported = import_text(os.environ)
    if not imported.names:
        raise UsageError("; ".join(imported.notes) or "the JFrog CLI is not set up here; set it up with: jf config add")
    if arguments.is_printing:
        emit(imported.text.rstrip("\n"))
    else:
        try:
            create_private_file(path, imported.text)
        except FileExistsError:
            raise UsageError(
                f"{path} is there already and was left as it is; add what `scantop config import-jfrog --print` prints"
            ) from None
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror or error}") from None
        emit(str(path))
        narrate(f"written, with {', '.join(imported.names)}; try it with: scantop doctor")
    for note in imported.notes:
        narrate(f"note: {note}")
    return ExitCode.FINE
