"""Workspace: which configuration is in force for a file, what of it, and until when."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fumehood.config import Settings
from fumehood.severity import Severity
from fumehood.workspace import configurations as module
from fumehood.workspace.settings import Setting, config_in
from fumehood.workspace.workspace import Workspace

_DEFAULT_COLUMNS = Settings().max_columns
Write = Callable[[str, str], None]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file below the test's folder; each time it is a moment newer."""
    times = iter(range(10**9, 10**12, 10**9))

    def write(name: str, text: str) -> None:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, ns=(0, next(times)))

    return write


def _columns(workspace: Workspace, path: Path) -> int:
    return workspace.around(path).settings.max_columns


def _said(workspace: Workspace) -> list[str]:
    return [str(problem) for found in workspace.problems().values() for problem in found]


def test_the_nearest_configuration_wins_and_is_not_merged(tmp_path: Path, write: Write) -> None:
    write("pyproject.toml", '[tool.fumehood]\nmax-columns = 5\ndialect = "mysql"')
    write("one/pyproject.toml", "[project]\nname = 'one'")
    write("two/pyproject.toml", "[tool.fumehood]\nmax-columns = 6")
    write("three/pyproject.toml", "[tool.fumehood]\nmax-columns = 7")
    write("three/fumehood.toml", "max-columns = 8")
    write("four/fumehood.toml", "")
    workspace = Workspace()
    columns = {
        name: _columns(workspace, tmp_path / name / "deep" / "er" / "x.py")
        for name in (".", "one", "two", "three", "four")
    }
    assert columns == {".": 5, "one": 5, "two": 6, "three": 8, "four": _DEFAULT_COLUMNS}
    assert workspace.around(tmp_path / "one" / "x.py").settings.dialect == "mysql"
    assert workspace.around(tmp_path / "two" / "x.py").settings.dialect == "postgresql"
    assert workspace.config_file(tmp_path / "one" / "x.py") == tmp_path / "pyproject.toml"
    assert workspace.config_file(tmp_path / "three" / "x.py") == tmp_path / "three/fumehood.toml"
    assert set(map(len, workspace.problems().values())) == {0}


def test_without_any_configuration(tmp_path: Path) -> None:
    workspace = Workspace()
    assert workspace.around(tmp_path / "gone" / "x.py").settings == Settings()
    assert workspace.config_file(tmp_path / "x.py") is None
    assert workspace.problems() == {}


def test_a_relative_path_is_that_of_the_working_directory(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("a/fumehood.toml", "max-columns = 5")
    monkeypatch.chdir(tmp_path)
    assert _columns(Workspace(), Path("b/../a/x.py")) == 5


def test_the_last_good_settings_stay_in_force(tmp_path: Path, write: Write) -> None:
    file = tmp_path / "x.py"
    workspace = Workspace()
    write("pyproject.toml", "[tool.fumehood]\nmax-columns = 5")
    assert _columns(workspace, file) == 5
    for broken in ("[tool.fumehood]\nmax-columns = 6\nslect = 1", "[tool.fumehood]\nmax-col"):
        write("pyproject.toml", broken)
        assert workspace.refresh()
        assert _columns(workspace, file) == 5
        assert "what it said before is in force." in _said(workspace)[0]
    write("pyproject.toml", "[tool.fumehood]\nmax-columns = 7")
    assert workspace.refresh()
    assert _columns(workspace, file) == 7
    assert workspace.problems() == {tmp_path / "pyproject.toml": []}


def test_a_file_that_was_never_good_leaves_the_defaults(tmp_path: Path, write: Write) -> None:
    write("fumehood.toml", "max-columns = 6\nslect = 1")
    write("a/fumehood.toml", "max-columns = 7")
    workspace = Workspace()
    assert _columns(workspace, tmp_path / "x.py") == _DEFAULT_COLUMNS
    assert _columns(workspace, tmp_path / "a" / "x.py") == 7
    assert "the defaults are in force." in _said(workspace)[0]


def test_what_is_gone_is_no_longer_in_force(tmp_path: Path, write: Write) -> None:
    write("fumehood.toml", "max-columns = 5")
    workspace = Workspace()
    assert _columns(workspace, tmp_path / "x.py") == 5
    (tmp_path / "fumehood.toml").unlink()
    assert _columns(workspace, tmp_path / "x.py") == 5, "nobody has looked"
    assert workspace.refresh()
    assert _columns(workspace, tmp_path / "x.py") == _DEFAULT_COLUMNS
    write("fumehood.toml", "max-columns = []")
    assert workspace.refresh()
    assert _columns(workspace, tmp_path / "x.py") == _DEFAULT_COLUMNS, "it is another file"


def test_a_file_that_appears_nearer_wins(tmp_path: Path, write: Write) -> None:
    write("fumehood.toml", "max-columns = 5")
    workspace = Workspace()
    assert _columns(workspace, tmp_path / "a" / "x.py") == 5
    assert not workspace.refresh()
    write("a/fumehood.toml", "max-columns = 6")
    assert workspace.refresh()
    assert _columns(workspace, tmp_path / "a" / "x.py") == 6


def test_files_are_read_once(tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []

    def noted(path: Path) -> object:
        read.append(path)
        return config_in(path)

    monkeypatch.setattr(module, "config_in", noted)
    write("fumehood.toml", "max-columns = 5")
    workspace = Workspace()
    for name in ("a/b/x.py", "a/b/y.py", "a/z.py", "c/x.py", "a/b/x.py"):
        assert _columns(workspace, tmp_path / name) == 5
    workspace.problems()
    assert len(read) == len(set(read))
    assert len([path for path in read if tmp_path in path.parents]) == 7, (
        "two in each of three folders, and one"
    )


def test_the_formatters_line_length(tmp_path: Path, write: Write) -> None:
    write("pyproject.toml", "[tool.ruff]\nline-length = 100\n[tool.fumehood]\n")
    write("a/fumehood.toml", "line-length = 70")
    workspace = Workspace()
    assert workspace.around(tmp_path / "x.py").settings.line_length == 100
    assert workspace.around(tmp_path / "a" / "x.py").settings.line_length == 70
    write("pyproject.toml", "[tool.ruff]\nline-length = 60\n")
    assert workspace.refresh()
    assert workspace.around(tmp_path / "x.py").settings.line_length == 60


def test_a_formatters_broken_file_is_said_once(
    tmp_path: Path, write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    write("ruff.toml", "line-length = 'wide'")
    write("pyproject.toml", "[tool.ruff\n[tool.fumehood]\n")
    workspace = Workspace()
    for name in ("a/x.py", "b/x.py", "x.py"):
        assert workspace.around(tmp_path / name).settings.line_length == 88
    assert len(caplog.records) == 1
    assert len(_said(workspace)) == 1


def test_overrides_win(tmp_path: Path, write: Write) -> None:
    write("fumehood.toml", 'max-columns = 5\nignore = ["split-foreign-key"]\ndowngrade = false')
    workspace = Workspace({"max-columns": 9, "select": ["split-foreign-key"]})
    settings = workspace.around(tmp_path / "x.py").settings
    assert (settings.max_columns, settings.downgrade) == (9, False)
    assert settings.selects("split-foreign-key"), "who asks for a rule means it"
    assert workspace.set_overrides({"max-columns": None, "severity": {}}, "editor") == []
    assert _columns(workspace, tmp_path / "x.py") == 5


def test_of_wrong_overrides_the_others_hold(tmp_path: Path) -> None:
    workspace = Workspace()
    wrong = workspace.set_overrides({"slect": [], "max-columns": 4, "dialect": 1}, "editor")
    assert wrong[0] == "editor: slect: there is no such option. Did you mean 'select'?"
    assert len(wrong) == 2
    assert _columns(workspace, tmp_path / "x.py") == 4
    with pytest.raises(ValueError, match="command line: slect: there is no such option"):
        Workspace({"slect": []})


@pytest.mark.parametrize(
    ("name", "is_test"),
    [
        ("tests/a/b.py", True),
        ("a/tests/b.py", True),
        ("a/test_b.py", True),
        ("b_test.py", True),
        ("a/conftest.py", True),
        ("tests.py", False),
        ("contests/a.py", False),
        ("a/latest_b.py", False),
    ],
)
def test_the_usual_tests(tmp_path: Path, write: Write, name: str, is_test: bool) -> None:
    write("tests/pyproject.toml", "")  # the folder above a project is no matter
    workspace = Workspace()
    assert workspace.around(tmp_path / "tests" / name).settings.is_test is is_test


def test_globs_are_relative_to_their_file(tmp_path: Path, write: Write) -> None:
    table = 'exclude = ["/a/", "b/c.py"]\n[per-file-ignores]\n"/x/" = ["split-foreign-key"]'
    write("p/fumehood.toml", table)
    write("p/inner/fumehood.toml", "")
    workspace = Workspace()
    excluded = ["a/x.py", "a/b/x.py", "b/c.py", "venv/x.py", "inner/.venv/x.py"]
    others = ["b.py", "b/a/x.py", "c/b/c.py", "inner/a.py", "inner/b/c.py"]
    assert [name for name in excluded if not workspace.excludes(tmp_path / "p" / name)] == []
    assert [name for name in others if workspace.excludes(tmp_path / "p" / name)] == []
    assert workspace.excludes(tmp_path / "p" / "a", folder=True)
    assert not workspace.excludes(tmp_path / "p" / "a")
    ignores = workspace.around(tmp_path / "p" / "x" / "y" / "z.py").settings.ignore
    assert ignores == {"split-foreign-key"}
    assert not workspace.around(tmp_path / "p" / "y" / "x" / "z.py").settings.ignore


def test_a_glob_may_begin_with_its_own_folder(tmp_path: Path, write: Write) -> None:
    table = 'exclude = ["./a/", "!./a/b.py", "./*.py"]\ntests = ["./x"]\n'
    write("p/fumehood.toml", table + '[per-file-ignores]\n"./y/*" = ["split-foreign-key"]')
    workspace, folder = Workspace(), tmp_path / "p"
    excluded = ["a/x.py", "a/b.py", "x.py"]  # what is in a folder that is out stays out
    assert [name for name in excluded if not workspace.excludes(folder / name)] == []
    assert not workspace.excludes(folder / "b" / "a" / "x.py")
    assert workspace.around(folder / "x" / "a.py").settings.is_test
    assert workspace.around(folder / "y" / "a.py").settings.ignore == {"split-foreign-key"}
    assert not workspace.around(folder / "z" / "y" / "a.py").settings.ignore


def test_what_excludes_an_inner_project_excludes_its_files(tmp_path: Path, write: Write) -> None:
    write("fumehood.toml", 'exclude = ["old/"]')
    write("old/service/fumehood.toml", "")
    assert Workspace().excludes(tmp_path / "old" / "service" / "x.py")


def test_a_project_within_an_excluded_name_is_not_excluded(tmp_path: Path, write: Write) -> None:
    write("venv/project/pyproject.toml", "")
    assert not Workspace().excludes(tmp_path / "venv" / "project" / "x.py")


def test_severity_and_origins(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(
        "pyproject.toml",
        "[tool.black]\nline-length = 99\n\n[tool.fumehood]\ndowngrade = false\n\n"
        '[tool.fumehood.severity]\nsplit-foreign-key = "hint"\n',
    )
    write("alembic.ini", "[alembic]\nscript_location = migrations\nsqlalchemy.url = mysql://h/d\n")
    write("migrations/env.py", "def run_migrations(): ...\n")
    write("migrations/versions/a.py", "revision = 'a'\ndown_revision = None\n")
    workspace = Workspace({"max-columns": 4}, "editor")
    path = tmp_path / "migrations" / "versions" / "a.py"
    origins = {each.key: each for each in workspace.origins(path)}
    assert origins["downgrade"] == Setting("downgrade", False, "pyproject.toml:5")
    assert origins["severity"][1:] == ({"split-foreign-key": "hint"}, "pyproject.toml:7")
    assert origins["line-length"][1:] == (99, "pyproject.toml:2")
    assert origins["dialect"][1:] == ("mysql", "alembic.ini:3")
    assert origins["max-columns"][1:] == (4, "editor")
    assert origins["select"][1:] == ([], "default")
    settings = workspace.around(path).settings
    assert settings.dialect == "mysql"
    assert settings.severity == {"split-foreign-key": Severity.HINT}
