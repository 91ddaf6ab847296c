"""URIs to paths, to find a file's project; documents keep the client's spelling."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit


def path_of(uri: str) -> Path | None:
    """The path of a `file:` URI; None for any other, such as `untitled:`."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme != "file":
        return None
    # Not at the top: it imports a client for HTTP, and the server's start is waited for.
    from urllib.request import url2pathname

    path = parts.path
    if os.name == "nt" and parts.netloc:
        path = f"//{parts.netloc}{path}"
    # A decoded NUL is a path for no system call.
    decoded = url2pathname(path)
    return None if "\0" in decoded else Path(decoded)


def uri_of(path: Path) -> str:
    """The `file:` URI of an absolute path."""
    return path.as_uri()
