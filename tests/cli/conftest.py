"""The command line with a stand-in for the engine, in a folder of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cli_fake import FakeEngine, load_rules
from cli_helpers import Run
from click.testing import CliRunner, Result

from fumehood.cli.parts import Parts
from fumehood.main import commands


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(project: Path) -> Run:
    """Runs a command line in this process; the exit code is checked for a traceback."""

    def run(*arguments: str | os.PathLike[str], **options: object) -> Result:
        words = [os.fspath(word) for word in arguments]
        parts = Parts(FakeEngine, load_rules)  # type: ignore[arg-type]
        result = CliRunner().invoke(commands, words, obj=parts, **options)  # type: ignore[arg-type]
        crashed = result.exception and not isinstance(result.exception, SystemExit)
        assert not crashed, result.exception
        assert "Traceback" not in result.output
        return result

    return run
