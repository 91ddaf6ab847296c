"""A document has the settings of the project that its URI lies in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fumehood.config import Settings
from fumehood.lsp.sync import settings_for
from fumehood.lsp.uris import path_of
from fumehood.workspace import formatter as workspace


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
        ("http://[/x.py", None),
        ("x.py", None),
    ],
)
def test_paths_of_uris(uri: str, path: str | None) -> None:
    assert path_of(uri) == (None if path is None else Path(path))


def test_the_projects_settings_are_found(tmp_path: Path) -> None:
    (tmp_path / "ruff.toml").write_text("line-length = 61\n")
    uri = (tmp_path / "my migrations" / "é.py").as_uri()
    assert settings_for(uri).line_length == 61
    assert settings_for("untitled:a") == Settings()


def test_settings_that_cannot_be_read_are_the_defaults(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(path: Path) -> Settings:
        raise PermissionError(path)

    monkeypatch.setattr(workspace, "settings_for", fail)
    assert settings_for("file:///a.py") == Settings()
    assert "could not be read" in caplog.text
