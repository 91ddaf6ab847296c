"""Write: a file replaced as a whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from fumehood.workspace.source import Source, SourceError


def write(source: Source, text: str) -> None:
    """Replace a file's text; its encoding, line ends, mode and owner stay.

    A link stays too: what it leads to is written. Raises SourceError, and then nothing was written.
    """
    target = Path(os.path.realpath(source.path))
    try:
        data = _encoded(source, text)
        if target.read_bytes() != source.data:
            raise SourceError(
                source.path, "changed while it was read", "run the command again", named=True
            )
        if not os.access(target, os.W_OK):
            raise PermissionError("the file is read-only")
        _replace(target, data)
    except OSError as error:
        found = f"cannot be written ({error.strerror or error})"
        advice = "its text is as it was; make the file and its folder writable, and run again"
        raise SourceError(source.path, found, advice, named=True) from error


def _encoded(source: Source, text: str) -> bytes:
    """The bytes to write. Refuses an encoding in which the file's own text has other bytes."""
    try:
        if source.encode(source.text) == source.data:
            return source.encode(text)
    except UnicodeError:
        pass
    found = f"cannot be written as {source.encoding} without a change elsewhere in it"
    advice = "its text is as it was; save it as UTF-8, and run again"
    raise SourceError(source.path, found, advice, named=True)


def _replace(target: Path, data: bytes) -> None:
    status = target.stat()
    handle, name = tempfile.mkstemp(
        prefix=f".{target.name[:50]}.", suffix=".tmp", dir=target.parent
    )
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if hasattr(os, "chown"):
            # Only a superuser may give a file away; for all others it is their own already.
            with contextlib.suppress(PermissionError):
                os.chown(temporary, status.st_uid, status.st_gid)
        temporary.chmod(status.st_mode & 0o7777)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
