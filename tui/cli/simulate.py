"""`scantop simulate`: the three servers on loopback, as a process of its own.

Owns its flags, the one line on standard output and the ways in which the process ends. Imports neither the screen nor
the HTTP client.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tui.simulator.serve import Simulator

USAGE_ERROR = 2
HIGHEST_PORT = 65532  # three more follow for the servers
MOST_TARGETS = 100_000
MOST_JOBS = 1_000_000


def register(subparsers: Any) -> None:
    """Add the command to the command line's sub-parsers."""
    parser = subparsers.add_parser(
        "simulate",
        help="run simulated servers on this machine",
        description="Simulated Xray, ThreadFix and Code Insight on 127.0.0.1. Prints one JSON line with port, "
        "addresses, tokens and a watch list, then serves until it is stopped.",
        epilog="examples:\n"
        "  scantop simulate --port 8100 --scenario busy\n"
        "  scantop simulate --frozen --faults 'threadfix:503*3'\n\n"
        "Faults: --faults 'xray/build-status:slow=2@0.5*3,threadfix:503' (server/endpoint:name=value@probability"
        "*count). Variants: --variants list-shape=bare,status-case=upper. A wrong name is answered with the nearest "
        "right one. While it runs: POST /_simulator/faults, /_simulator/variants, /_simulator/clock; "
        "GET /_simulator/requests.",
    )
    parser.add_argument("--port", type=int, default=0, metavar="N", help="first port of four (default: any free ones)")
    parser.add_argument(
        "--scenario", default="day", metavar="NAME", help="day, documents, quiet, busy, stuck or broken"
    )
    parser.add_argument("--speed", type=float, default=1.0, metavar="X", help="the story runs X times as fast")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another seed, another story")
    parser.add_argument("--targets", type=int, metavar="N", help="how many targets the watch list names")
    parser.add_argument("--jobs", type=int, metavar="N", help="how many jobs there are at the start")
    parser.add_argument("--faults", action="append", default=[], metavar="LIST", help="what goes wrong")
    parser.add_argument("--variants", action="append", default=[], metavar="LIST", help="which form answers have")
    parser.add_argument("--start-at", metavar="TIME", help="the servers' clock at the start, RFC 3339 (default: now)")
    parser.add_argument("--frozen", action="store_true", help="time stands still until it is told to go on")
    parser.add_argument("--past", metavar="FILE", help="write the story's past there, for `scantop history import`")
    parser.add_argument("--until-eof", action="store_true", help="end when standard input does")
    parser.add_argument("--tls-cert", metavar="FILE", help="serve https with this certificate (PEM)")
    parser.add_argument("--tls-key", metavar="FILE", help="the certificate's key (PEM)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve until SIGTERM, SIGINT or the end of standard input; 0, or 2 for flags that cannot be meant."""
    import asyncio

    from tui.simulator.scenarios import UnknownName

    try:
        simulator = _simulator(args)
        if args.past:
            _write_past(simulator, args.past)
        asyncio.run(_serve(simulator, args.port, args.until_eof))
    except OSError as error:
        where = f"ports {args.port} to {args.port + 3}" if args.port else "loopback"
        sys.stderr.write(f"scantop simulate: cannot listen on {where}: {error.strerror}; --port 0 takes free ones.\n")
        return USAGE_ERROR
    except UnknownName as error:
        sys.stderr.write(f"scantop simulate: {error}\n")
        return USAGE_ERROR
    except KeyboardInterrupt:
        pass  # SIGINT before the loop took it over
    return 0


def _write_past(simulator: Simulator, place: str) -> None:
    """Write what a monitor would have seen before the story starts."""
    from pathlib import Path

    from tui.simulator.past import past_lines

    try:
        with Path(place).open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in past_lines(simulator.world))
    except OSError as error:
        from tui.simulator.scenarios import UnknownName

        raise UnknownName(f"--past {place} cannot be written: {error.strerror}.") from error


def _simulator(args: argparse.Namespace) -> Simulator:
    """The simulator that the flags ask for; raises `UnknownName`."""
    import math
    from datetime import UTC, datetime

    from tui.simulator.clock import StoryClock
    from tui.simulator.scenarios import UnknownName, scenario
    from tui.simulator.serve import Simulator
    from tui.simulator.variants import parse_variants
    from tui.simulator.world import World

    if not math.isfinite(args.speed) or args.speed < 0:
        raise UnknownName(f"--speed must be a number from 0 up, not {args.speed}.")
    if not 0 <= args.port <= HIGHEST_PORT:
        raise UnknownName(f"--port must lie between 0 and {HIGHEST_PORT}, not {args.port}.")
    for name, count, most in (("targets", args.targets, MOST_TARGETS), ("jobs", args.jobs, MOST_JOBS)):
        if count is not None and not 0 <= count <= most:
            raise UnknownName(f"--{name} must lie between 0 and {most}, not {count}.")
    start_at = None
    if args.start_at:
        try:
            start_at = datetime.fromisoformat(args.start_at)
        except ValueError as error:
            raise UnknownName(f"--start-at {args.start_at!r} is no RFC 3339 time.") from error
        start_at = start_at if start_at.tzinfo else start_at.replace(tzinfo=UTC)
    clock = StoryClock(start_at, speed=args.speed, is_frozen=args.frozen)
    world = World(scenario(args.scenario), seed=args.seed, clock=clock, targets=args.targets, jobs=args.jobs)
    variants = parse_variants(",".join(args.variants))
    return Simulator(world, variants=variants, faults=",".join(args.faults), tls=_tls(args.tls_cert, args.tls_key))


def _tls(cert: str | None, key: str | None) -> Any:
    """The TLS context for a certificate and its key, None without."""
    import ssl

    from tui.simulator.scenarios import UnknownName

    if not cert and not key:
        return None
    if not cert:
        raise UnknownName("--tls-key needs --tls-cert.")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(cert, key)
    except ssl.SSLError as error:
        raise UnknownName(f"{cert} and {key or cert} are no certificate and its key: {error.reason}.") from error
    except OSError as error:
        raise UnknownName(f"{cert} and {key or cert} cannot be read: {error.strerror}.") from error
    return context


async def _serve(simulator: Simulator, port: int, until_eof: bool) -> None:
    import asyncio
    import contextlib
    import json
    import signal

    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    await simulator.start(port)
    try:
        sys.stdout.write(json.dumps(simulator.announcement()) + "\n")
        with contextlib.suppress(BrokenPipeError):
            sys.stdout.flush()
        watcher = loop.create_task(_until_eof(ended)) if until_eof else None
        await ended.wait()
        if watcher is not None:
            watcher.cancel()
    finally:
        await simulator.stop()


async def _until_eof(ended: Any) -> None:
    """Set `ended` when standard input ends, also when the parent was killed."""
    import asyncio
    import os

    loop = asyncio.get_running_loop()
    descriptor = sys.stdin.fileno()
    try:
        is_over = asyncio.Event()
        loop.add_reader(descriptor, lambda: None if os.read(descriptor, 4096) else is_over.set())
        await is_over.wait()
        loop.remove_reader(descriptor)
    except PermissionError:
        pass  # a regular file or /dev/null: at its end already
    ended.set()


def main() -> int:
    """The command by itself, for `python -m tui.cli.simulate`."""
    parser = argparse.ArgumentParser(prog="python -m tui.cli.simulate")
    register(parser.add_subparsers(required=True))
    args = parser.parse_args(["simulate", *sys.argv[1:]])
    return run(args)


if __name__ == "__main__":
    raise SystemExit(main())
