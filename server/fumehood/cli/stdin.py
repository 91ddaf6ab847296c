"""Standard input: a file as an editor has it, in place of what is on the disk."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from fumehood.cli.session import Session
from fumehood.workspace.source import Source, SourceError, decode

STDIN = Path("-")
stdin_option = click.option(
    "--stdin-filename",
    type=click.Path(path_type=Path),
    help="The name of what is read from standard input, when PATH is '-'.",
)


def read_stdin(session: Session, name: Path | None) -> Source | None:
    """What is read; where it cannot be decoded, that is said, and there is nothing."""
    try:
        return decode(name or Path("stdin.py"), sys.stdin.buffer.read())
    except SourceError as error:
        session.problems.skip(error)
        return None


def admitted(session: Session, source: Source | None) -> Iterator[Source]:
    """The same, if it is to be looked at."""
    if source is None or session.excludes(source.path) or not session.has_settings(source.path):
        return
    yield session.admit_piped(source)
