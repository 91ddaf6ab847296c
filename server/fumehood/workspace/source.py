"""A file's bytes as text: decoded as Python does it, refused with a reason."""

from __future__ import annotations

import errno
import io
import re
import stat
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

MAX_BYTES = 10_000_000
_BOM = b"\xef\xbb\xbf"
_FIRST_LINES = re.compile(rb"[^\r\n]*(?:\r\n?|\n)?[^\r\n]*")


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
        raise refused(path, error, named) from error
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


def refused(path: Path, error: OSError, named: bool = False) -> SourceError:
    cause = error.strerror or "it cannot be read"
    found, advice = _REFUSALS.get(error.errno or 0, (cause, "mend that, or leave it out"))
    return SourceError(path, found, advice, named)
