"""The files of a workspace: which are checked, how their bytes become text, what is set for them.

The only module of the core that touches the disk. It reads; it never writes and never imports.
"""

from __future__ import annotations

import errno
import io
import logging
import os
import re
import stat
import tokenize
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from fumehood.config import DEFAULT_LINE_LENGTH, Settings

log = logging.getLogger(__name__)

MAX_BYTES = 10_000_000
EXCLUDED_FOLDERS = frozenset(
    {
        ".bzr",
        ".direnv",
        ".eggs",
        ".git",
        ".hg",
        ".ipynb_checkpoints",
        ".mypy_cache",
        ".nox",
        ".pytest_cache",
        ".ruff_cache",
        ".svn",
        ".tox",
        ".venv",
        ".vscode",
        "__pycache__",
        "__pypackages__",
        "build",
        "dist",
        "node_modules",
        "site-packages",
        "venv",
    }
)
_BOM = b"\xef\xbb\xbf"
_FIRST_LINES = re.compile(rb"[^\r\n]*(?:\r\n?|\n)?[^\r\n]*")
# ruff's own bounds for line-length.
_LINE_LENGTHS = range(1, 321)


class SourceError(Exception):
    """A path that cannot be checked: what was found there, and what to do about it."""

    def __init__(self, path: Path, found: str, advice: str, named: bool = False) -> None:
        super().__init__(f"{found}; {advice}")
        self.path = path
        self.named = named  # the user gave this very path, so that skipping it is no option


class Found(NamedTuple):
    """A file to check; `named` where the user gave this very path."""

    path: Path
    named: bool


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text and what is needed to write it back: line ends are as they are on the disk."""

    path: Path
    data: bytes
    text: str  # without the byte order mark
    encoding: str  # a codec's name; a byte order mark is not its business
    bom: bool

    def encode(self, text: str) -> bytes:
        """Other text as the bytes of this file. Raises UnicodeError where the codec cannot."""
        return (_BOM if self.bom else b"") + text.encode(self.encoding)

    @property
    def may_be_migration(self) -> bool:
        """Whether rules for migrations can have anything to say: a revision names its parent."""
        return "down_revision" in self.text


def files(
    paths: Iterable[Path], report: Callable[[SourceError], None] | None = None
) -> Iterator[Found]:
    """The Python files under the paths, each once, in the order of the paths, then by name.

    A file given by name is yielded whatever its name is. Folders below a path are not entered
    when they are excluded by name or are symbolic links. What cannot be looked at is reported.
    """
    report = report or (lambda error: log.warning("%s: %s", error.path, error))
    seen: set[str] = set()
    for path in paths:
        try:
            is_folder = stat.S_ISDIR(path.stat().st_mode)
        except OSError as error:
            report(_refused(path, error, named=True))
            continue
        found = _walk(path, report) if is_folder else iter([path])
        for file in found:
            real = os.path.realpath(file)
            if real not in seen:
                seen.add(real)
                yield Found(file, named=not is_folder)


def _walk(folder: Path, report: Callable[[SourceError], None]) -> Iterator[Path]:
    """The Python files below a folder, by name; not recursive, so that depth is no limit."""
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        try:
            with os.scandir(current) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            report(_refused(current, error))
            continue
        # Links to folders are not followed: they lead out of the project, or round in a loop.
        folders = [entry for entry in listed if entry.is_dir(follow_symlinks=False)]
        inner = [Path(entry.path) for entry in folders if entry.name not in EXCLUDED_FOLDERS]
        waiting += reversed(inner)
        others = (entry for entry in listed if entry.name.endswith(".py"))
        yield from (Path(entry.path) for entry in others if not _is_folder(entry))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself: reading it says so
        return False


def read_source(found: Found) -> Source:
    """A file's text, decoded as Python does (PEP 263). Raises SourceError."""
    path, named = found
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            kind = _kind(status.st_mode)
            raise SourceError(path, kind, "give a file or a folder of Python files", named)
        if status.st_size > MAX_BYTES:
            raise _too_large(path, status.st_size, named)
        data = path.read_bytes()
    except OSError as error:
        raise _refused(path, error, named) from error
    return decode(path, data, named)


def decode(path: Path, data: bytes, named: bool = True) -> Source:
    """Bytes as the source of a file. Raises SourceError."""
    if len(data) > MAX_BYTES:
        raise _too_large(path, len(data), named)
    if b"\0" in data:
        found = "a binary file (it holds NUL bytes)"
        raise SourceError(path, found, "only Python source text can be checked", named)
    try:
        encoding = _encoding(data)
        bom = data.startswith(_BOM)
        text = data[len(_BOM) if bom else 0 :].decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = f"byte 0x{data[error.start]:02x} in line {line} is not {error.encoding}"
        advice = "save the file as UTF-8, or declare its encoding in line 1: # coding: latin-1"
        raise SourceError(path, what, advice, named) from error
    except (SyntaxError, LookupError, UnicodeError) as error:
        advice = "declare one that Python knows in line 1 or 2, such as utf-8 or latin-1"
        raise SourceError(path, f"no usable encoding ({error})", advice, named) from error
    return Source(path, data, text, encoding, bom)


def _encoding(data: bytes) -> str:
    head = _FIRST_LINES.match(data)
    if head is None or b"coding" not in head[0]:
        return "utf-8"
    # `tokenize` ends lines at "\n" only, Python itself at "\r" too.
    lines = head[0].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    encoding, _ = tokenize.detect_encoding(io.BytesIO(lines).readline)
    return "utf-8" if encoding == "utf-8-sig" else encoding


def _too_large(path: Path, size: int, named: bool) -> SourceError:
    found = f"{size / 1e6:.1f} MB large, more than the {MAX_BYTES // 1_000_000} MB that are read"
    return SourceError(path, found, "split it, or leave it out", named)


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a folder"
    if stat.S_ISFIFO(mode):
        return "a named pipe, not a file"
    return "a device or a socket, not a file"


_REFUSALS = {
    errno.ENOENT: ("no such file or folder", "check the spelling"),
    errno.ENOTDIR: ("no such file or folder", "check the spelling"),
    errno.EACCES: ("no permission to read it", "change its mode, or leave it out"),
    errno.EPERM: ("no permission to read it", "change its mode, or leave it out"),
    errno.ELOOP: ("a symbolic link that leads to itself", "remove the link, or leave it out"),
    errno.ENAMETOOLONG: ("its name is too long for this system", "check the spelling"),
}


def _refused(path: Path, error: OSError, named: bool = False) -> SourceError:
    cause = error.strerror or "it cannot be read"
    found, advice = _REFUSALS.get(error.errno or 0, (cause, "mend that, or leave it out"))
    return SourceError(path, found, advice, named)


def settings_for(path: Path) -> Settings:
    """What the project around a file asks for; the file need not exist."""
    lengths = (_folder_line_length(folder) for folder in path.absolute().parents)
    length = next((length for length in lengths if length is not None), DEFAULT_LINE_LENGTH)
    return Settings(line_length=length)


def forget_settings() -> None:
    """Read the projects' configuration anew when it is next asked for."""
    _folder_line_length.cache_clear()


@lru_cache(maxsize=4096)
def _folder_line_length(folder: Path) -> int | None:
    lengths = (_line_length(folder / name, tables) for name, tables in _FORMATTERS)
    return next((length for length in lengths if length is not None), None)


# In the order in which ruff takes them; black has only the last.
_FORMATTERS: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = (
    (".ruff.toml", ((),)),
    ("ruff.toml", ((),)),
    ("pyproject.toml", (("tool", "ruff"), ("tool", "black"))),
)


def _line_length(file: Path, tables: tuple[tuple[str, ...], ...]) -> int | None:
    """The line length that a file sets; None where it configures no formatter at all."""
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None
    except (OSError, ValueError, RecursionError) as error:
        log.warning("%s: not read (%s); its settings are left out", file, error)
        return None
    present = [table for table in (_table(content, keys) for keys in tables) if table is not None]
    lengths = [table["line-length"] for table in present if "line-length" in table]
    if not lengths:
        return DEFAULT_LINE_LENGTH if present else None
    if type(lengths[0]) is int and lengths[0] in _LINE_LENGTHS:
        return int(lengths[0])
    log.warning("%s: line-length %r is no number from 1 to 320; 88 is taken", file, lengths[0])
    return DEFAULT_LINE_LENGTH


def _table(content: Any, keys: tuple[str, ...]) -> dict[str, Any] | None:
    for key in keys:
        content = content.get(key) if isinstance(content, dict) else None
    return content if isinstance(content, dict) else None
