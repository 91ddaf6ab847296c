"""`check` and `fix` under a configuration: what it leaves out, what is wrong with it, git."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from cli_fake import ONE
from cli_helpers import Run, migration

sys.path.insert(0, str(Path(__file__).parents[1]))

from old_project import OldProject, old_project

BAD = 'op.create_index("ix", "users", ["email"])'


def test_rules_globs_and_gitignore_leave_out(run: Run, project: Path) -> None:
    (project / ".git").mkdir()
    (project / ".gitignore").write_text("scratch/\n")
    for name in ("a", "old/b", "scratch/c", "gone/d"):
        (project / name).parent.mkdir(exist_ok=True)
        (project / f"{name}.py").write_text(migration(BAD))
    config = project / "fumehood.toml"
    config.write_text(f'exclude = ["gone/"]\n[per-file-ignores]\n"old/*" = ["{ONE}"]\n')
    result = run("check")
    assert result.stdout.count(ONE) == 1
    assert "a.py:6" in result.stdout
    assert "1 of 2 files." in result.stdout
    assert run("check", "gone/d.py").exit_code == 1, "who names a file means it"
    for named in ("gone/d.py", "gone"):
        assert run("check", named, "--force-exclude").stdout.startswith("Checked 0 files")
        assert run("fix", named, "--force-exclude").stdout.startswith("Checked 0 files")
    stdin = ["check", "-", "--stdin-filename", "gone/d.py"]
    assert run(*stdin, input=migration(BAD)).exit_code == 1
    assert run(*stdin, "--force-exclude", input=migration(BAD)).exit_code == 0
    config.write_text(f'ignore = ["{ONE}"]\n')
    assert run("check", "a.py").exit_code == 0
    assert run("check", "a.py", "--select", ONE).exit_code == 1
    assert run("check", "a.py", "--ignore", "split-foreign-key").exit_code == 1


def test_the_dialect_of_alembic_ini(run: Run, project: Path) -> None:
    _environment(project, "mysql://localhost/a")
    (project / "migrations" / "versions" / "a.py").write_text(migration(BAD))
    for command in (["check"], ["check", "--output-format", "json"], ["fix"], ["fix", "--diff"]):
        result = run(*command)
        assert result.exit_code == 0
        assert "no migration was checked: they are for mysql (alembic.ini:3)" in result.stderr
    assert "Checked 2 files, 1 for mysql left out: nothing found." in run("check").stdout
    assert run("check", "--dialect", "postgresql").exit_code == 1
    (project / "b.py").write_text(migration(BAD))
    result = run("check")
    assert result.stderr == ""
    assert "in 1 of 3 files, 1 for mysql left out." in result.stdout


def _environment(folder: Path, url: str) -> None:
    (folder / "migrations" / "versions").mkdir(parents=True)
    (folder / "migrations" / "env.py").write_text("def run_migrations_online(): ...\n")
    ini = f"[alembic]\nscript_location = migrations\nsqlalchemy.url = {url}\n"
    (folder / "alembic.ini").write_text(ini)


@pytest.mark.parametrize("command", ["check", "fix"])
def test_what_a_wrong_configuration_covers_is_left_alone(
    run: Run, project: Path, command: str
) -> None:
    for name in ("right", "wrong"):
        (project / name).mkdir()
        (project / name / "a.py").write_text(migration(BAD))
    (project / "wrong" / "fumehood.toml").write_text("line-lenght = 3\nmax-columns = 0\n")
    before = (project / "wrong" / "a.py").read_text()
    result = run(command)
    assert result.exit_code == 2
    said = result.stderr.splitlines()
    assert said == [
        "fumehood: wrong/fumehood.toml:1:1: line-lenght: there is no such option. "
        "Did you mean 'line-length'?",
        "fumehood: wrong/fumehood.toml:2:15: max-columns: expected an integer from 1 up, "
        "found the number 0.",
        "fumehood: wrong/fumehood.toml: the files that it configures are left as they are",
    ]
    assert (project / "wrong" / "a.py").read_text() == before
    assert "wrong/a.py" not in result.stdout
    if command == "check":
        assert "right/a.py:6" in result.stdout
        assert "1 of 1 file, 1 skipped." in result.stdout
    else:
        assert "concurrently=True" in (project / "right" / "a.py").read_text()


def test_what_is_read_from_stdin_has_the_settings_of_its_name(run: Run, project: Path) -> None:
    (project / "sub").mkdir()
    config = project / "sub" / "fumehood.toml"
    config.write_text(f'ignore = ["{ONE}"]\n')
    words = ("check", "-", "--stdin-filename", "sub/a.py")
    assert run(*words, input=migration(BAD)).exit_code == 0
    config.write_text("ignore = 3\n")
    assert run(*words, input=migration(BAD)).exit_code == 2


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> OldProject:
    return old_project(tmp_path_factory.mktemp("old"), 120)


@pytest.mark.slow
def test_old_migrations_are_left_alone(
    run: Run, old: OldProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(old.folder)
    first = run("check")
    assert first.exit_code == 1
    found = first.stdout.count(f" {ONE}: ")
    assert found > 20
    middle = old.revisions[len(old.revisions) // 2]
    (old.folder / "fumehood.toml").write_text(f'start-after = "{middle}"\n')
    half = run("check")
    assert 0 < half.stdout.count(f" {ONE}: ") < found
    assert "at or before start-after" in half.stdout
    (old.folder / "fumehood.toml").write_text(f'start-after = "{old.head[:7]}"\n')
    none = run("check")
    count = len(old.revisions)
    assert none.stdout == (
        f"Checked {count + 1} files, {count} at or before start-after: nothing found.\n"
    )
    new = old.add("new", BAD)
    assert f"versions/{new.name}:17" in run("check").stdout
    (old.folder / "fumehood.toml").write_text(f'start-after = "{middle[:-1]}?"\n')
    lost = run("check")
    assert lost.exit_code == 1
    assert "fumehood.toml:1:15: start-after: no migration below this folder is" in lost.stderr
    assert f"Did you mean '{middle}'?" in lost.stderr


def _git(folder: Path, *words: str) -> None:
    author = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", *author, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def branch(project: Path) -> Path:
    """A repository with a branch: one migration each before it, committed, staged, new."""
    _git(project, "init", "-q", "-b", "main")
    for name in ("before", "touched"):
        (project / f"{name}.py").write_text(migration(BAD))
    _git(project, "add", ".")
    _git(project, "commit", "-qm", "a")
    _git(project, "checkout", "-qb", "feature")
    for name in ("committed", "staged", "é new"):
        (project / f"{name}.py").write_text(migration(BAD))
        if name == "committed":
            _git(project, "add", ".")
            _git(project, "commit", "-qm", "b")
    _git(project, "add", "staged.py")
    (project / "touched.py").write_text(migration("pass", BAD))
    _git(project, "checkout", "-q", "main")
    (project / "elsewhere.py").write_text(migration(BAD))
    _git(project, "add", "elsewhere.py")
    _git(project, "commit", "-qm", "c", "--", "elsewhere.py")
    _git(project, "checkout", "-q", "feature")
    return project


def test_only_what_changed_since(run: Run, branch: Path) -> None:
    result = run("check", "--changed-since", "main")
    found = {line.partition(":")[0] for line in result.stdout.splitlines() if f" {ONE}: " in line}
    assert found == {"committed.py", "staged.py", "é new.py", "touched.py"}
    (branch / "sub").mkdir()
    assert run("check", "sub", "--changed-since", "main").exit_code == 0
    assert run("check", "before.py", "--changed-since", "main").exit_code == 0
    since = run("check", "--changed-since", "HEAD").stdout
    assert "committed.py" not in since
    assert "staged.py" in since


@pytest.mark.parametrize("ref", ["nowhere", "--help", "main..feature", ""])
def test_an_unknown_commit(run: Run, branch: Path, ref: str) -> None:
    result = run("check", f"--changed-since={ref}")
    assert result.exit_code == 2
    assert "'--changed-since'" in result.stderr
    assert f"{ref!r} is no commit here" in " ".join(result.stderr.split())
    assert "fetch-depth: 0" in result.stderr


def test_outside_of_a_repository(run: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(project.parent))
    result = run("check", "--changed-since", "main")
    assert result.exit_code == 2
    assert "not a git repository" in result.stderr


def test_without_git(run: Run, branch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    result = run("check", "--changed-since", "main")
    assert result.exit_code == 2
    assert "git is not installed" in result.stderr


@pytest.mark.parametrize("outer", ['exclude = ["sub/"]\nselct = []\n', "exclude = [\n"])
def test_a_wrong_outer_configuration_may_have_excluded_it(
    run: Run, project: Path, outer: str
) -> None:
    (project / "sub").mkdir()
    (project / "sub" / "a.py").write_text(migration(BAD))
    (project / "sub" / "fumehood.toml").write_text("# small\n")
    (project / "fumehood.toml").write_text(outer)
    before = (project / "sub" / "a.py").read_text()
    assert run("fix").exit_code == 2
    assert (project / "sub" / "a.py").read_text() == before
