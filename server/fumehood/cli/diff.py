"""Diffs: what a fix changes, in the form that `patch` and `git apply` take."""

from __future__ import annotations

import difflib
import os
import sys

import click

from fumehood.cli.problems import printable
from fumehood.cli.report import shown_path
from fumehood.workspace.source import Source

_STYLES = {"@": "cyan", "+": "green", "-": "red"}


def echo_diff(source: Source, text: str) -> None:
    """Print the difference from a file to other text of it.

    To a terminal in colour; else byte for byte in the file's own encoding, so that it applies.
    """
    lines = _unified(source.text, text)
    old, new = "--- {}", "+++ {}"
    path = shown_path(source.path)
    if sys.stdout.isatty():
        for header in (old, new):
            click.secho(header.format(printable(path)), bold=True)
        for line in lines:
            shown = "".join(c if c == "\t" else printable(c) for c in line.rstrip("\r\n"))
            click.secho(shown, fg=_STYLES.get(line[0]))
        return
    name = os.fsencode(path) if path.isprintable() else printable(path).encode()
    click.echo(b"--- " + name + b"\n+++ " + name, nl=True)
    click.echo("".join(lines).encode(source.encoding, "backslashreplace"), nl=False)


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
