"""`fumehood fix --unsafe-fixes` on queries: what is written are the models that they are about."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.two_files import users

from fumehood.cli import write
from fumehood.main import commands

COLUMNS = ("email: Mapped[str]", "name: Mapped[str]", "town: Mapped[int]")
MODELS = users(*COLUMNS)
INDEXED = users(*(f"{each} = mapped_column(index=True)" for each in COLUMNS))

OWN = """

def f(s, x):
    s.query(User).filter_by(email=x).all()
"""


def queries(*columns: str) -> str:
    body = "".join(f"    s.query(User).filter_by({each}=x).all()\n" for each in columns)
    return f"from app.models import User\n\n\ndef f(s, x):\n{body}"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "app").mkdir()
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "app" / "models.py").write_text(MODELS)
    (tmp_path / "app" / "a.py").write_text(queries("email", "name"))
    (tmp_path / "app" / "b.py").write_text(queries("town", "name"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(commands, arguments)


def test_models_are_given_what_queries_want(project: Path) -> None:
    result = run("fix")
    assert result.exit_code == 1
    assert "to fix 4 with --unsafe-fixes" in result.stdout
    assert (project / "app" / "models.py").read_text() == MODELS
    result = run("fix", "--unsafe-fixes")
    assert result.exit_code == 0
    assert "Fixed 4 findings in 1 file." in result.stdout
    assert "Changed app/models.py for findings in other files." in result.stdout
    assert (project / "app" / "models.py").read_text() == INDEXED
    assert (project / "app" / "a.py").read_text() == queries("email", "name")
    assert "nothing to fix" in run("fix", "--unsafe-fixes").stdout


def test_the_models_file_need_not_be_named(project: Path) -> None:
    assert run("fix", "--unsafe-fixes", "app/a.py").exit_code == 0
    found = (project / "app" / "models.py").read_text()
    assert found == INDEXED.replace(
        "town: Mapped[int] = mapped_column(index=True)", "town: Mapped[int]"
    )


def test_a_diff_has_each_file_once_and_applies(project: Path) -> None:
    # What this file has of its own to mend comes first.
    (project / "app" / "models.py").write_text(MODELS + OWN)
    result = run("fix", "--unsafe-fixes", "--diff")
    assert result.exit_code == 1
    assert result.stdout.count("+++ ") == 1
    assert "Would change app/models.py" in result.stderr
    assert (project / "app" / "models.py").read_text() == MODELS + OWN
    subprocess.run(["git", "init", "-q", "."], check=True, cwd=project)
    apply = ["git", "apply", "-p0", "-"]
    subprocess.run(apply, input=result.stdout_bytes, check=True, cwd=project)
    assert (project / "app" / "models.py").read_text() == INDEXED + OWN


def test_own_fixes_and_those_for_others_are_both_written(project: Path) -> None:
    (project / "app" / "models.py").write_text(MODELS + OWN)
    assert run("fix", "--unsafe-fixes").exit_code == 0
    assert (project / "app" / "models.py").read_text() == INDEXED + OWN


def test_a_file_that_cannot_be_written_is_said(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write, "_replace", refuse)
    result = run("fix", "--unsafe-fixes")
    assert result.exit_code == 2
    assert "app/models.py: cannot be written (No space left on device)" in result.stderr
    assert "Left: 4 findings" in result.stdout
    assert (project / "app" / "models.py").read_text() == MODELS


@pytest.mark.parametrize(
    "setting", ['exclude = ["app/models.py"]', 'test-files = ["app/models.py"]']
)
def test_what_is_left_alone_stays(project: Path, setting: str) -> None:
    (project / "pyproject.toml").write_text(f"[tool.fumehood]\n{setting}\n")
    run("fix", "--unsafe-fixes")
    assert (project / "app" / "models.py").read_text() == MODELS
