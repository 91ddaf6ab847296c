"""The environments found are those that a real Alembic finds, without running their code."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from fumehood.workspace.contents import listing
from fumehood.workspace.disk import Disk
from fumehood.workspace.environment import Environment
from fumehood.workspace.environments import Environments
from fumehood.workspace.workspace import Workspace

ENV = "from alembic import context\ncontext.run_migrations()\n"
MAIN = "[alembic]\nscript_location = {}\n"
HERE = MAIN.format("%(here)s/migrations")
LOGGING = "[loggers]\nkeys = root\n[logger_root]\nlevel = WARN\n"


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def migration(identifier: str, down: str | None = None) -> str:
    return f'revision = "{identifier}"\ndown_revision = {down!r}\n'


def of(root: Path, name: str) -> Environment:
    found = Environments(Disk()).of(root / name)
    assert found is not None
    return found


# Configuration, and the folders of migrations in it; every folder gets one migration.
CONFIGURED = {
    "here": (HERE, ["migrations/versions"]),
    "relative": (MAIN.format("migrations"), ["migrations/versions"]),
    "round about": (MAIN.format("%(here)s/x/../migrations"), ["migrations/versions"]),
    "a package": (MAIN.format("pack.age:migrations"), ["pack/age/migrations/versions"]),
    "with logging": (HERE + LOGGING, ["migrations/versions"]),
    "a place of their own": (HERE + "version_locations = %(here)s/other\n", ["other"]),
    "two by space": (HERE + "version_locations = %(here)s/a %(here)s/b\n", ["a", "b"]),
    "two by comma": (HERE + "version_locations = a, b\n", ["a", "b"]),
    "separator space": (
        HERE + "path_separator = space\nversion_locations = a b\n",
        ["a", "b"],
    ),
    "separator colon": (
        HERE + "version_path_separator = :\nversion_locations = a:b/c\n",
        ["a", "b/c"],
    ),
    "separator semicolon": (
        HERE + "version_path_separator = ;\nversion_locations = a;b c\n",
        ["a", "b c"],
    ),
    "separator newline": (
        HERE + "path_separator = newline\nversion_locations =\n  a\n  %(here)s/b c\n",
        ["a", "b c"],
    ),
    "separator os": (
        HERE + f"path_separator = os\nversion_locations = a{os.pathsep}b\n",
        ["a", "b"],
    ),
    "recursive": (
        HERE + "recursive_version_locations = true\n",
        ["migrations/versions", "migrations/versions/2025/01", "migrations/versions/2026"],
    ),
    "not recursive": (HERE, ["migrations/versions", "migrations/versions/old"]),
    "defaults": ("[DEFAULT]\nscript_location = migrations\n[alembic]\n", ["migrations/versions"]),
    "references": ("[alembic]\nx = migrations\nscript_location = %(x)s\n", ["migrations/versions"]),
}


@pytest.mark.parametrize(("ini", "folders"), CONFIGURED.values(), ids=CONFIGURED)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_environment_is_that_of_alembic(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ini: str, folders: list[str]
) -> None:
    names = [f"{folder}/{number}.py" for number, folder in enumerate(folders)]
    script = "pack/age/migrations" if "pack" in ini else "migrations"
    write(tmp_path, {"alembic.ini": ini, f"{script}/env.py": ENV, f"{script}/versions/x.txt": ""})
    write(tmp_path, {name: migration(f"r{number}") for number, name in enumerate(names)})
    write(tmp_path, {"x/y.txt": ""} if "x/.." in ini else {})
    write(tmp_path, {"pack/__init__.py": "", "pack/age/__init__.py": ""} if "pack" in ini else {})
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    alembic = ScriptDirectory.from_config(Config(tmp_path / "alembic.ini"))
    found = of(tmp_path, names[0])
    assert (found.ini, found.section) == (tmp_path / "alembic.ini", "alembic")
    assert found.script == Path(os.path.normpath(tmp_path / alembic.dir))
    locations = [os.path.normpath(each) for each in alembic._version_locations]
    assert [str(each) for each in found.versions] == locations
    assert found.graph().heads == set(alembic.get_heads())
    assert Environments(Disk()).all_under(tmp_path) == [found]


def test_sections_are_environments(tmp_path: Path) -> None:
    sections = "".join(f"[{name}]\nscript_location = db/{name}\n" for name in ("one", "two"))
    write(tmp_path, {"alembic.ini": "[alembic]\nfile_template = x\n" + sections})
    for name in ("one", "two"):
        write(tmp_path, {f"db/{name}/env.py": ENV, f"db/{name}/versions/1.py": migration(name)})
    environments = Environments(Disk())
    found = environments.all_under(tmp_path)
    assert [each.section for each in found] == ["one", "two"]
    assert [set(each.graph().ids) for each in found] == [{"one"}, {"two"}]
    assert environments.of(tmp_path / "db/two/versions/new.py") is found[1]


@pytest.mark.parametrize(
    ("configuration", "location"),
    [
        ({"a/b/alembic.ini": MAIN.format("a/m")}, "a/m"),  # Alembic is run from the root
        ({"pack/alembic.ini": MAIN.format("pack:m")}, "pack/m"),  # the ini lies in the package
        ({"alembic.ini": MAIN.format("pack:m")}, "src/pack/m"),
        ({"m/alembic.ini": "[alembic]\nx = y\n"}, "m"),  # Flask-Migrate
        ({"m/alembic.ini": MAIN.format(".")}, "m"),
        ({"db.ini": HERE.replace("migrations", "m")}, "m"),
        ({}, "m"),
        ({"alembic.ini": "[alembic\nscript_location = m\n"}, "m"),  # broken
        ({"alembic.ini": "[alembic]\nscript_location = %(gone)s\n"}, "m"),
        ({"alembic.ini": MAIN.format("gone")}, "m"),
        ({"alembic.ini": MAIN.format("m") * 2}, "m"),  # the section twice, which Alembic refuses
        ({"pyproject.toml": '[tool.alembic]\nscript_location = "%(here)s/m"\n'}, "m"),
        ({"pyproject.toml": "[tool.alembic\n"}, "m"),
        ({"pyproject.toml": "[tool]\nalembic = 1 # [tool.alembic]\n"}, "m"),
        ({"pyproject.toml": '[tool.alembic]\nscript_location = "%(x)s"\n'}, "m"),
    ],
)
def test_where_the_scripts_are(
    tmp_path: Path, configuration: dict[str, str], location: str
) -> None:
    write(tmp_path, configuration)
    write(tmp_path, {f"{location}/env.py": ENV, f"{location}/versions/1.py": migration("r")})
    found = of(tmp_path, f"{location}/versions/new.py")
    assert (found.script, found.versions) == (
        tmp_path / location,
        (tmp_path / location / "versions",),
    )
    assert found.graph().heads == {"r"}
    scripts = [each.script for each in Environments(Disk()).all_under(tmp_path)]
    assert tmp_path / location in scripts


def test_pyproject_beside_an_ini_with_the_url_only(tmp_path: Path) -> None:
    toml = '[tool.alembic]\nscript_location = "%(here)s/m"\nversion_locations = ["%(here)s/v", "w"]'
    ini = "[alembic]\nsqlalchemy.url = sqlite:///x.db\n"
    write(tmp_path, {"pyproject.toml": toml, "alembic.ini": ini, "m/env.py": ENV})
    write(tmp_path, {"v/1.py": migration("r"), "w/2.py": migration("s", "r")})
    found = of(tmp_path, "w/2.py")
    assert (found.ini, found.script) == (tmp_path / "pyproject.toml", tmp_path / "m")
    assert found.graph().heads == {"s"}
    assert (found.dialect, found.dialect_place) == ("sqlite", (tmp_path / "alembic.ini", 2))


@pytest.mark.parametrize(
    ("folder", "configured", "dialect"),
    [
        ("versions/sqlite", "", "sqlite"),
        ("versions/mysql/2024", "", "mysql"),
        ("versions/postgresql", "", "postgresql"),
        ("versions", "", "postgresql"),
        ("versions/sqlite", 'dialect = "postgresql"', "postgresql"),
    ],
)
def test_a_folder_is_called_after_its_database(
    tmp_path: Path, folder: str, configured: str, dialect: str
) -> None:
    root = tmp_path / "sqlite"  # the project's own name says nothing
    write(
        root,
        {
            "fumehood.toml": configured,
            "alembic.ini": "[alembic]\nscript_location = migrations\n",
            "migrations/env.py": ENV,
            f"migrations/{folder}/a.py": migration("a1"),
        },
    )
    path = root / "migrations" / folder / "a.py"
    assert Workspace().around(path).settings.dialect == dialect
    [setting] = [each for each in Workspace().origins(path) if each.key == "dialect"]
    assert setting.value == dialect
    by_folder = dialect in ("mysql", "sqlite")
    assert setting.origin.endswith(dialect) == by_folder


@pytest.mark.parametrize(
    ("url", "dialect"),
    [
        ("postgresql://localhost/x", "postgresql"),
        ("postgres://localhost/x", "postgresql"),
        ("postgresql+psycopg://u:p%%40@localhost/x", "postgresql"),
        ("mysql+pymysql://localhost/x", "mysql"),
        ("sqlite:///x.db", "sqlite"),
        ("driver://user:pass@localhost/dbname", None),
        ("%(DB_URL)s", None),
        ("bad%", None),
        ("", None),
    ],
)
def test_dialect(tmp_path: Path, url: str, dialect: str | None) -> None:
    write(tmp_path, {"alembic.ini": f"{LOGGING}\n{HERE}# one\nsqlalchemy.url = {url}\n"})
    write(tmp_path, {"migrations/env.py": ENV, "migrations/versions/1.py": migration("r")})
    found = of(tmp_path, "migrations/versions/1.py")
    assert found.dialect == dialect
    assert found.dialect_place == ((tmp_path / "alembic.ini", 9) if dialect else None)


def test_none_where_there_is_no_environment(tmp_path: Path) -> None:
    write(tmp_path, {"settings/env.py": "DEBUG = True", "settings/versions/1.py": migration("r")})
    environments = Environments(Disk())
    assert environments.of(tmp_path / "settings/versions/1.py") is None
    assert environments.all_under(tmp_path) == []
    assert environments.all_under(tmp_path / "gone") == []


def test_folders_that_are_excluded_are_not_looked_through(tmp_path: Path) -> None:
    for folder in (".venv/lib", "node_modules", "app"):
        write(tmp_path, {f"{folder}/m/env.py": ENV})
    found = Environments(Disk()).all_under(tmp_path)
    assert [each.script for each in found] == [tmp_path / "app/m"]


def test_links_are_not_followed_round(tmp_path: Path) -> None:
    write(tmp_path, {"app/m/env.py": ENV, "app/m/versions/1.py": migration("r")})
    (tmp_path / "app" / "round").symlink_to(tmp_path)
    (tmp_path / "itself").symlink_to(tmp_path / "itself")
    found = Environments(Disk()).all_under(tmp_path)
    assert [each.script for each in found] == [tmp_path / "app/m"]
    assert found[0].project().naming is None


def test_what_cannot_be_read_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(tmp_path, {"m/env.py": ENV, "m/versions/1.py": "revision = f()\ndown_revision = None\n"})
    write(tmp_path, {"m/versions/2.py": 'revision = "r"\ndown_revision = f()\n'})
    (tmp_path / "m/versions/3.py").write_bytes(b"\xff")
    with caplog.at_level(logging.WARNING):
        assert of(tmp_path, "m/versions/1.py").graph().ids == {"r"}
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        str(tmp_path / f"m/versions/{number}.py") for number in (1, 2, 3)
    ]


def test_edits_are_noticed_and_only_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"alembic.ini": HERE, "migrations/env.py": ENV})
    versions = tmp_path / "migrations/versions"
    write(versions, {f"{n}.py": migration(f"r{n}", f"r{n - 1}" if n else None) for n in range(20)})
    disk = Disk()
    environments = Environments(disk)
    found = environments.of(versions / "0.py")
    assert found is not None
    first = found.graph()
    read: list[Path] = []
    original = disk.get

    def counted(path: Path, answer: object) -> object:
        read.append(path)
        return original(path, answer)  # type: ignore[arg-type]

    monkeypatch.setattr(disk, "get", counted)
    assert environments.of(versions / "19.py") is found
    assert found.graph() is first
    assert read == []
    write(versions, {"20.py": migration("r20", "r19")})
    assert disk.refresh() == {versions}
    again = environments.of(versions / "20.py")
    assert again is found
    assert again.graph().heads == {"r20"}
    write(tmp_path, {"alembic.ini": HERE + "version_locations = other\n"})
    disk.refresh()
    moved = environments.of(tmp_path / "other" / "1.py")
    assert moved is not None
    assert moved.versions == (tmp_path / "other",)


def test_a_folder_is_listed_sorted(tmp_path: Path) -> None:
    write(tmp_path, {"b.py": "", "a.py": "", "c/d.py": ""})
    assert listing(tmp_path) == (("a.py", "b.py"), ("c",))
    assert listing(tmp_path / "a.py") == ((), ())
