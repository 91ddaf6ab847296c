"""Problems: what could not be checked, said on stderr in one line each."""

from __future__ import annotations

import logging
import traceback
import unicodedata
from pathlib import Path
from typing import Self

import click

from fumehood.cli.bar import Bar
from fumehood.workspace.source import SourceError

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class Problems(logging.Handler):
    """Prints problems as they come; also takes what the core logs. `serious` asks for exit 2.

    `logged` counts what the core logged.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.serious = False
        self.skipped = 0
        self.logged = 0
        self.bar = Bar()
        self._said: set[str] = set()

    def __enter__(self) -> Self:
        logging.getLogger("fumehood").addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger("fumehood").removeHandler(self)
        self.bar.close()

    def skip(self, error: SourceError) -> None:
        """A file is not checked. Serious only when the user asked for that very file."""
        self.skipped += 1
        self.serious |= error.named
        self.say(f"{printable(str(error.path))}: {error}")

    def crash(self, path: Path, place: str) -> None:
        """fumehood itself failed on a file, at a place; the others are still checked."""
        self.skipped += 1
        self.serious = True
        self.say(
            f"{printable(str(path))}: fumehood failed on this file ({place}); this is a "
            "defect of fumehood, please report it with this line; the other files are checked"
        )

    def say(self, line: str) -> None:
        """One line on stderr; once, whoever has met what it says."""
        if line in self._said:
            return
        self._said.add(line)
        line = f"{click.style('fumehood:', bold=True)} {line}"
        if not self.bar.say(line):
            click.echo(line, err=True)

    def emit(self, record: logging.LogRecord) -> None:
        """A line of the core's log, without a traceback. An error there is serious."""
        self.logged += 1
        self.serious |= record.levelno >= logging.ERROR
        self.say(in_one_line(record))


def in_one_line(record: logging.LogRecord) -> str:
    """What is logged, with the error and its place instead of a traceback."""
    error = record.exc_info[1] if record.exc_info else None
    cause = f" ({where(error)})" if error else ""
    return printable(record.getMessage()) + cause


def where(error: BaseException) -> str:
    """An exception in one line, with the place that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    message = printable(str(error))[:200]
    return f"{type(error).__name__}{': ' if message else ''}{message}{place}"


def printable(text: str) -> str:
    """Text in one line that cannot steer a terminal: what is invisible is written as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(character) for character in text)


def _escaped(character: str) -> str:
    if unicodedata.category(character) in _HIDDEN:
        return character.encode("unicode_escape", "surrogatepass").decode("ascii")
    return character
