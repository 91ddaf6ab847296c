"""start-after: old revisions are not checked, in each of a repository's environments."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fumehood.revisions import Revisions
from fumehood.toml_edits import with_start_after
from fumehood.workspace.workspace import Workspace


def _service(folder: Path, *links: tuple[str, str | tuple[str, ...] | None]) -> None:
    """An Alembic environment with revisions, each given with its parents."""
    versions = folder / "migrations" / "versions"
    versions.mkdir(parents=True, exist_ok=True)
    (folder / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")
    (folder / "migrations" / "env.py").write_text("def run_migrations_online(): ...\n")
    for revision, parents in links:
        text = f"revision = {revision!r}\ndown_revision = {parents!r}\n"
        (versions / f"{revision}_x.py").write_text(text)


def _checked(workspace: Workspace, folder: Path) -> list[str]:
    """The revisions of a service that are checked."""
    files = sorted((folder / "migrations" / "versions").iterdir())
    checked = [file for file in files if workspace.around(file).settings.checked]
    return [file.name.partition("_")[0] for file in checked]


def _said(workspace: Workspace) -> list[str]:
    for _ in workspace.search():
        pass
    return [str(problem) for found in workspace.problems().values() for problem in found]


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of two: a line, and branches that are merged again."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    _service(tmp_path / "one", ("a1", None), ("a2", "a1"), ("a3", "a2"), ("a4", "a3"))
    _service(tmp_path / "two", ("b1", None), ("b2", "b1"), ("b3", "b1"), ("b4", ("b2", "b3")))
    return tmp_path


def test_the_revision_and_those_before_it_are_not_checked(services: Path) -> None:
    (services / "one" / "fumehood.toml").write_text('start-after = "a2"')
    (services / "two" / "fumehood.toml").write_text('start-after = ["b2"]')
    workspace = Workspace()
    assert _checked(workspace, services / "one") == ["a3", "a4"]
    assert _checked(workspace, services / "two") == ["b3", "b4"]
    assert _said(workspace) == []


def test_one_configuration_for_two_services(services: Path) -> None:
    (services / "fumehood.toml").write_text('start-after = ["a4", "b4"]')
    workspace = Workspace()
    assert _checked(workspace, services / "one") == []
    assert _checked(workspace, services / "two") == []
    assert _said(workspace) == []


def test_a_new_revision_is_checked(services: Path) -> None:
    (services / "one" / "fumehood.toml").write_text('start-after = "a4"')
    workspace = Workspace()
    assert _checked(workspace, services / "one") == []
    new = services / "one" / "migrations" / "versions" / "a5_x.py"
    assert workspace.around(new).settings.checked, "it is not there yet"
    _service(services / "one", ("a5", "a4"))
    workspace.refresh()
    assert _checked(workspace, services / "one") == ["a5"]


def test_the_setting_that_the_action_writes(services: Path) -> None:
    config = services / "fumehood.toml"
    workspace = Workspace()
    assert len(_checked(workspace, services / "one")) == 4
    config.write_text(with_start_after('start-after = ["b1"]', config.name, "a3"))
    assert workspace.refresh()
    assert _checked(workspace, services / "one") == ["a4"]
    assert _checked(workspace, services / "two") == ["b2", "b3", "b4"]


def test_the_action_keeps_the_other_services_and_the_comments(services: Path) -> None:
    config = services / "fumehood.toml"
    before = 'start-after = [\n  "a1",  # shop\n  "b2",  # bank\n  "b3",\n]  # done\n'
    config.write_text(before)
    workspace = Workspace()
    start = workspace.start(services / "one" / "migrations" / "versions" / "a3_x.py")
    assert start is not None
    assert start.new == before.replace("a1", "a3")
    start = workspace.start(services / "two" / "migrations" / "versions" / "b4_x.py")
    assert start is not None
    assert start.new == before.replace("b2", "b4").replace('  "b3",\n', "")
    config.write_text('start-after = [\n  "a1",  # shop\n]\n')
    workspace.refresh()
    start = workspace.start(services / "two" / "migrations" / "versions" / "b2_x.py")
    assert start is not None
    assert start.new == 'start-after = [\n  "a1",  # shop\n  "b2",\n]\n'


def test_an_unknown_revision_skips_none_and_is_said(services: Path) -> None:
    (services / "one" / "fumehood.toml").write_text('start-after = [\n  "a2",\n  "b1", "zz"]')
    workspace = Workspace()
    assert _checked(workspace, services / "one") == ["a3", "a4"]
    assert _checked(workspace, services / "two") == ["b1", "b2", "b3", "b4"]
    assert _said(workspace) == [
        "one/fumehood.toml:3:3: start-after: no migration below this folder is 'b1', "
        "so none is skipped. Did you mean 'a1'?",
        "one/fumehood.toml:3:9: start-after: no migration below this folder is 'zz', "
        "so none is skipped. `alembic history` lists them.",
    ]
    assert {each.severity for found in workspace.problems().values() for each in found} == {
        "warning"
    }
    (services / "one" / "fumehood.toml").write_text('start-after = "a9"')
    os.utime(services / "one" / "fumehood.toml", ns=(0, 10**9))
    workspace.refresh()
    assert len(_checked(workspace, services / "one")) == 4


def test_other_files_are_checked(services: Path) -> None:
    (services / "fumehood.toml").write_text('start-after = "a4"')
    (services / "models.py").write_text("revision = 'a1'\ndown_revision = None\n")
    workspace = Workspace()
    assert workspace.around(services / "models.py").settings.checked
    assert workspace.around(services / "one" / "migrations" / "env.py").settings.checked


def test_the_graph_is_asked_once(services: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    ancestors = Revisions.ancestors

    def noted(self: Revisions, names: tuple[str, ...]) -> frozenset[str]:
        asked.append(names)
        return ancestors(self, names)

    monkeypatch.setattr(Revisions, "ancestors", noted)
    (services / "fumehood.toml").write_text('start-after = ["a4", "b1"]')
    workspace = Workspace()
    for service in ("one", "two", "one"):
        _checked(workspace, services / service)
    assert len(asked) == 2


def test_a_search_goes_step_by_step_and_is_not_remembered_by_the_disk(services: Path) -> None:
    for number in range(50):
        (services / "deep" / f"{number}").mkdir(parents=True)
    (services / "fumehood.toml").write_text('start-after = "zz"')
    workspace = Workspace()
    assert len(_checked(workspace, services / "one")) == 4
    asked = len(workspace._disk._states)
    assert len(list(workspace.search())) > 50
    assert len(workspace._disk._states) < asked + 30
    assert "'zz'" in _said(workspace)[0]
    (services / "one" / "x.py").write_text("")
    workspace.refresh()
    assert list(workspace.search()) == [], "it was looked for"
    (services / "fumehood.toml").write_text('start-after = "zy"')
    workspace.refresh()
    assert len(list(workspace.search())) > 50
    (services / "fumehood.toml").write_text('start-after = "a4"')
    workspace.refresh()
    assert list(workspace.search()) == []
    assert _said(workspace) == []
