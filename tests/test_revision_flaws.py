"""A graph of revisions that Alembic cannot run is said to be one, line by line."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from fumehood.discovery import load_rules
from fumehood.engine import Engine
from fumehood.revision_flaws import Flaw
from fumehood.workspace.workspace import Workspace
from tests.test_environments import ENV, HERE, migration, write

VERSIONS = "migrations/versions/"
ROOT = migration("a1")
GRAPHS = {
    "sound": ({"a": ROOT, "b": migration("b2", "a1")}, []),
    "missing": (
        {"a": ROOT, "b": migration("b2", "a11")},
        ["b.py:2: down_revision: no migration is the revision 'a11'", "did you mean 'a1'?"],
    ),
    "dependency": (
        {"a": ROOT, "b": migration("b2", "a1") + 'depends_on = (\n    "a1",\n    "gone",\n)\n'},
        ["b.py:5: depends_on: no migration is the revision 'gone'"],
    ),
    "twice": (
        {"a": ROOT, "b": migration("b2", "a1"), "c": migration("b2", "a1")},
        ["c.py:1: revision: 'b2' is the revision of b.py too"],
    ),
    "circle": (
        {"a": migration("a1", "c3"), "b": migration("b2", "a1"), "c": migration("c3", "b2")},
        ["a.py:2: down_revision: the revisions ", " follow one another in a circle"],
    ),
    "itself": ({"a": migration("a1", "a1")}, ["a.py:2: down_revision: the revisions a1 -> a1"]),
    # Any of these may be the revision that is missing.
    "not all read": (
        {"a": migration("a1", "z"), "b": "revision = f()\ndown_revision = None\n"},
        [],
    ),
}


@pytest.mark.parametrize(("files", "said"), GRAPHS.values(), ids=GRAPHS)
def test_what_is_wrong_in_a_graph(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, files: dict[str, str], said: list[str]
) -> None:
    write(tmp_path, {"alembic.ini": HERE, "migrations/env.py": ENV})
    write(tmp_path, {f"{VERSIONS}{name}.py": text for name, text in files.items()})
    workspace = Workspace()
    for name in files:
        workspace.wanted(tmp_path / f"{VERSIONS}{name}.py")
    lines = [line for line in lines_of(caplog) if "no literal" not in line]
    assert len(lines) == bool(said)
    for each in said:
        assert each in lines[0]


def test_many_are_said_in_short(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(tmp_path, {"alembic.ini": HERE, "migrations/env.py": ENV})
    write(tmp_path, {f"{VERSIONS}{n}.py": migration(f"r{n}", f"gone{n}") for n in range(30)})
    Workspace().wanted(tmp_path / f"{VERSIONS}1.py")
    assert len(lines_of(caplog)) == 11
    assert "20 more of its revisions" in lines_of(caplog)[-1]


def test_folders_that_env_py_adds_are_not_known(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    env = ENV + "context.config.set_main_option('version_locations', places())\n"
    write(tmp_path, {"alembic.ini": HERE, "migrations/env.py": env})
    write(tmp_path, {f"{VERSIONS}a.py": migration("a1", "elsewhere")})
    Workspace().wanted(tmp_path / f"{VERSIONS}a.py")
    assert lines_of(caplog) == []


def test_a_version_location_that_is_not_there(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ini = HERE + "version_locations = %(here)s/migrations/versions %(here)s/gone pack.age:there\n"
    write(tmp_path, {"alembic.ini": ini, "migrations/env.py": ENV})
    write(tmp_path, {f"{VERSIONS}a.py": ROOT})
    Workspace().wanted(tmp_path / f"{VERSIONS}a.py")
    [line] = lines_of(caplog)
    assert "alembic.ini:3: version_locations: there is no folder" in line
    assert "/gone, so no migration is read from it" in line


INIS = {
    "NUL": (b"[alembic]\nscript_location = mi\0grations\n", "alembic.ini:2: holds a NUL byte"),
    "not UTF-8": (b"[alembic]\nscript_location = \xff\n", "alembic.ini:2: byte 0xff is not UTF-8"),
    "no section": (b"script_location = migrations\n", "no section headers"),
    "a folder": (None, "alembic.ini: a folder, and no configuration"),
}


@pytest.mark.parametrize(("content", "said"), INIS.values(), ids=INIS)
def test_an_alembic_ini_that_is_none(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes | None, said: str
) -> None:
    write(tmp_path, {"migrations/env.py": ENV, f"{VERSIONS}a.py": ROOT})
    if content is None:
        (tmp_path / "alembic.ini").mkdir()
    else:
        (tmp_path / "alembic.ini").write_bytes(content)
    path = tmp_path / f"{VERSIONS}a.py"
    workspace = Workspace()
    assert workspace.wanted(path) == [path], "it is found by its env.py all the same"
    [line] = lines_of(caplog)
    assert said in line
    assert "\n" not in line


def lines_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]


def test_a_comment_hides_it_in_an_editor() -> None:
    def notes(comment: str) -> list[str]:
        text = f"revision = 'b2'\n{comment}down_revision = 'gone'\n\n\ndef upgrade():\n    pass\n"
        flaw = Flaw(Path("b.py"), "down_revision", "gone", "nobody has it; write another")
        engine = Engine(load_rules())
        engine.open("b.py", text, flaws=(flaw,))
        engine.work("b.py")
        assert not engine.findings("b.py"), "the comment is used"
        return [each.rule for each in engine.notes("b.py")]

    assert notes("") == ["revision-graph"]
    assert notes("# fumehood: ignore[revision-graph]: it is on its way\n") == []
