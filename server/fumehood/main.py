"""Joins the rules, the engine and the shells: the one module that knows them all.

What it joins is imported when it is needed: `fumehood --version` answers without libcst, and the
server answers its client before the rules are there, and without the other commands.
"""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fumehood import __version__
from fumehood.cli.parts import Parts

if TYPE_CHECKING:
    from fumehood.engine import Engine
    from fumehood.rule import Rule


def load_rules() -> Sequence[Rule]:
    """All rules of the package fumehood_rules."""
    from fumehood import discovery

    return discovery.load_rules()


def make_engine() -> Engine:
    """An engine with all rules and no files."""
    from fumehood.engine import Engine

    _collect_seldom()
    return Engine(load_rules())


def _collect_seldom() -> None:
    # A file's tree is some 100,000 objects that all live on. By default the collector walks them
    # again and again: opening 10,000 lines took 6 seconds so, and 3.6 with these thresholds. The
    # first one says how long the collector may keep a key waiting: some 5 ms.
    gc.set_threshold(20_000, 250, 100)


def _print_version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if not asked:
        return
    click.echo(f"fumehood {__version__}")
    context.exit()


# The module of each command, and its name there.
_COMMANDS = {
    "check": ("fumehood.cli.check", "check"),
    "config": ("fumehood.cli.config", "config"),
    "fix": ("fumehood.cli.fix", "fix"),
    "rule": ("fumehood.cli.rule", "rule"),
    "try": ("fumehood.cli.try_", "try_"),
}


_INTERRUPTED = 130  # as shells have it


class _Commands(click.Group):
    """Imports a command when it is asked for: a server's start is waited for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*_COMMANDS, *super().list_commands(ctx)})

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:  # for click, that is 1, which says that something was found
            click.echo("fumehood: interrupted", err=True)
            ctx.exit(_INTERRUPTED)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return super().get_command(ctx, cmd_name)
        module, name = _COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(
    cls=_Commands,
    context_settings={
        "obj": Parts(make_engine, load_rules, keeps=True),
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
    },
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    help="Show the version and exit.",
    callback=_print_version,
)
@click.pass_context
def commands(context: click.Context) -> None:
    """Finds migrations that would block a live PostgreSQL, and rewrites them."""
    if os.environ.get("NO_COLOR"):  # no-color.org: whatever its value is
        context.color = False
    elif os.environ.get("FORCE_COLOR"):
        context.color = True


@commands.command()
@click.option("--stdio", is_flag=True, help="Speak over standard input and output (the default).")
@click.option("--tcp", metavar="HOST:PORT", help="Listen for one client; HOST may be left out.")
@click.option(
    "--log-file", metavar="FILE", type=click.Path(path_type=Path), help="Append the log to a file."
)
@click.option(
    "--log-level",
    type=click.Choice(("debug", "info", "warning", "error")),
    default="info",
    show_default=True,
    help="What is logged: this, and all that matters more.",
)
def server(stdio: bool, tcp: str | None, log_file: Path | None, log_level: str) -> None:
    """Run the language server, for editors to start."""
    if stdio and tcp:
        raise click.UsageError("--stdio and --tcp exclude each other.")
    # What is imported lives on, and the collector would walk it again and again; the server turns
    # it on.
    gc.disable()
    from fumehood.lsp.logs import Logging
    from fumehood.lsp.server import serve_stdio, serve_tcp

    logging = Logging(log_level, log_file)
    if tcp is None:
        sys.exit(serve_stdio(make_engine, logging))
    host, port = _address(tcp)
    if not _is_loopback(host):
        click.echo(
            f"fumehood: {host} can be reached from other machines, and the server asks nobody who "
            "they are; use 127.0.0.1 unless that is meant",
            err=True,
        )
    try:
        sys.exit(serve_tcp(host, port, make_engine, logging))
    except OSError as error:
        raise click.ClickException(f"cannot listen on {tcp}: {error.strerror or error}") from error


def _address(tcp: str) -> tuple[str, int]:
    host, _, port = tcp.rpartition(":")
    if not (port.isascii() and port.isdigit() and int(port) < 2**16):
        message = f"{tcp!r} is no HOST:PORT; write 127.0.0.1:2087, or :2087 for this machine alone."
        raise click.BadParameter(message, param_hint="'--tcp'")
    return host.strip("[]") or "127.0.0.1", int(port)


def _is_loopback(host: str) -> bool:
    import ipaddress

    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def main() -> None:
    """The command `fumehood`."""
    _collect_seldom()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A name or a line that the terminal's encoding lacks is no reason to stop.
            stream.reconfigure(errors="backslashreplace")
    commands()
