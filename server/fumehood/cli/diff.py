"""Diffs: what a fix changes, in the form that `patch` and `git apply` take."""

from __future__ import annotations

import difflib
import os
import sys
from pathlib import Path

import click

from fumehood.cli.problems import printable
from fumehood.cli.report import shown_path
from fumehood.head import Created
from fumehood.workspace.source import Source

_STYLES = {"@": "cyan", "+": "green", "-": "red"}


def echo_diff(source: Source, text: str) -> None:
    """Print the difference from a file to other text of it.

    To a terminal in colour; else byte for byte in the file's own encoding, so that it applies.
    """
    path = shown_path(source.path)
    _echo(_unified(source.text, text), path, path, source.encoding)


def echo_new(created: Created) -> None:
    """Print a file that is to be created, as the difference from none."""
    _echo(_unified("", created.text), "/dev/null", shown_path(Path(created.path)), "utf-8")


def _echo(lines: list[str], old: str, new: str, encoding: str) -> None:
    if sys.stdout.isatty():
        for header in (f"--- {printable(old)}", f"+++ {printable(new)}"):
            click.secho(header, bold=True)
        for line in lines:
            shown = "".join(c if c == "\t" else printable(c) for c in line.rstrip("\r\n"))
            click.secho(shown, fg=_STYLES.get(line[0]))
        return
    click.echo(b"--- " + _name(old) + b"\n+++ " + _name(new), nl=True)
    click.echo("".join(lines).encode(encoding, "backslashreplace"), nl=False)


def _name(path: str) -> bytes:
    return os.fsencode(path) if path.isprintable() else printable(path).encode()


def _unified(before: str, after: str) -> list[str]:
    """The hunks of a unified diff, without its header; lines end at "\\n" alone, as in `patch`."""
    hunks = difflib.unified_diff(_lines(before), _lines(after))
    return [_ended(line) for line in list(hunks)[2:]]


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    whole = [line + "\n" for line in lines[:-1]]
    return whole + lines[-1:] if lines[-1] else whole


def _ended(line: str) -> str:
    return line if line.endswith("\n") else line + "\n\\ No newline at end of file\n"
