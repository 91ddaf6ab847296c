"""Write: a file replaced as a whole or not at all, and new ones that replace none."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from fumehood.head import Created
from fumehood.workspace.source import Source, SourceError


def write(source: Source, text: str) -> None:
    """Replace a file's text; its encoding, line ends, mode and owner stay.

    A link stays too: what it leads to is written. Raises SourceError, and then nothing was written.
    """
    target = Path(os.path.realpath(source.path))
    try:
        data = encoded(source, text)
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


def write_with(source: Source, text: str, creates: Iterable[Created]) -> None:
    """Create files, and replace a file's text; all of it or nothing. Raises SourceError."""
    made: list[Path] = []
    try:
        for created in creates:
            _create(created)
            made.append(Path(created.path))
        if text != source.text:
            write(source, text)
    except BaseException:
        for path in made:
            path.unlink(missing_ok=True)
        raise


def _create(created: Created) -> None:
    path = Path(created.path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(created.text.encode())
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        advice = "remove or rename it, and run again"
        raise SourceError(path, "exists already and is not overwritten", advice, True) from error
    except (OSError, UnicodeError) as error:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        found = f"cannot be created ({getattr(error, 'strerror', None) or error})"
        advice = "nothing else is written of this fix; mend that, and run again"
        raise SourceError(path, found, advice, named=True) from error


def encoded(source: Source, text: str) -> bytes:
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
