"""Paths from URIs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fumehood.lsp.uris import path_of


@pytest.mark.skipif(os.name == "nt", reason="POSIX paths")
@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///home/a/x.py", "/home/a/x.py"),
        ("file:///home/my%20a/%25/%C3%A9.py", "/home/my a/%/é.py"),
        ("file:///home/my a/é.py", "/home/my a/é.py"),
        ("file:///c%3A/x.py", "/c:/x.py"),
        ("untitled:Untitled-1", None),
        ("vscode-remote://host/x.py", None),
        ("file:///a%00b.py", None),
        ("file:///caf%E9.py", os.fsdecode(b"/caf\xe9.py")),
        ("http://[/x.py", None),
        ("x.py", None),
    ],
)
def test_paths_of_uris(uri: str, path: str | None) -> None:
    assert path_of(uri) == (None if path is None else Path(path))
