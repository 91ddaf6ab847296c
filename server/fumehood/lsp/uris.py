"""URIs to paths, to find a file's project; documents keep the client's spelling."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import SplitResult, unquote_to_bytes, urlsplit


def path_of(uri: str) -> Path | None:
    """The path of a `file:` URI; None for any other, such as `untitled:`."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme != "file":
        return None
    decoded = _of_windows(parts) if os.name == "nt" else os.fsdecode(unquote_to_bytes(parts.path))
    # A decoded NUL is a path for no system call.
    return None if "\0" in decoded else Path(decoded)


def uri_of(path: Path) -> str:
    """The `file:` URI of an absolute path."""
    return path.as_uri()


def _of_windows(parts: SplitResult) -> str:
    # Not at the top: it imports a client for HTTP, and the server's start is waited for.
    from urllib.request import url2pathname

    return url2pathname(f"//{parts.netloc}{parts.path}" if parts.netloc else parts.path)
