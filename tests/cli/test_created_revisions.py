"""Follow-up revisions on the command line, in environments that real Alembic made and runs."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from environments import alembic, environment, revision
from test_real import run
from tests.forking import program

# Something that ends with the transaction, so that the fix with a block in this file is refused.
DEFERRED = 'op.execute("SET CONSTRAINTS ALL DEFERRED")'
KEY = 'op.create_foreign_key("fk_users_orders", "users", "orders", ["order_id"], ["id"])'
CHECK = 'op.create_check_constraint("ck_users_age", "users", "age >= 0")'


def new_files(folder: Path, *words: str, code: int = 0) -> list[Path]:
    """The files that `fumehood fix --unsafe-fixes` creates."""
    before = {*folder.rglob("*.py")}
    run(folder, "fix", "--unsafe-fixes", *words, code=code)
    return sorted({*folder.rglob("*.py")} - before)


DATED = "%%(year)d_%%(month).2d_%%(day).2d_%%(hour).2d%%(minute).2d-%%(rev)s_%%(slug)s"


@pytest.mark.parametrize(
    ("template", "options", "name"),
    [
        ("generic", {}, r"[0-9a-f]{12}_validate_fk_users_orders\.py"),
        *(
            pytest.param(*each, marks=pytest.mark.slow)
            for each in (
                ("pyproject", {}, r"[0-9a-f]{12}_validate_fk_users_orders\.py"),
                (
                    "generic",
                    {"file_template": DATED},
                    r"\d{4}(_\d\d){2}_\d{4}-\w{12}_validate_fk_\w+\.py",
                ),
                (
                    "pyproject",
                    {"file_template": DATED},
                    r"\d{4}(_\d\d){2}_\d{4}-\w{12}_validate_\w+\.py",
                ),
                (
                    "generic",
                    {"file_template": "%%(slug)s-%%(rev)s", "truncate_slug_length": "12"},
                    r"validate_fk_-[0-9a-f]{12}\.py",
                ),
                (
                    "generic",
                    {
                        "file_template": "%%(year)d/%%(month).2d/%%(rev)s",
                        "recursive_version_locations": "true",
                    },
                    r"[0-9a-f]{12}\.py",
                ),
            )
        ),
    ],
)
def test_alembic_takes_what_is_created(
    tmp_path: Path, template: str, options: dict[str, str], name: str
) -> None:
    folder = environment(tmp_path, template, **options)
    revision(folder, "first")
    second = revision(folder, "keys", DEFERRED, KEY)
    [created] = new_files(folder)
    assert re.fullmatch(name, created.name)
    assert ("recursive_version_locations" in options) == created.parent.name.isdigit()
    [head] = alembic(folder, "heads").split("\n")[:1]
    assert head.endswith(" (head)")
    assert head.split()[0] in created.read_text()
    assert header(created) == header(second), "but for what each says of itself"
    sql = alembic(folder, "upgrade", "head", "--sql")
    added = sql.index("FOREIGN KEY(order_id) REFERENCES orders (id) NOT VALID")
    validated = sql.index("ALTER TABLE users VALIDATE CONSTRAINT fk_users_orders")
    assert "COMMIT;" in sql[added:validated]
    down = alembic(folder, "downgrade", f"{head.split()[0]}:base", "--sql")
    assert "DELETE FROM alembic_version" in down
    assert new_files(folder) == []
    run(folder, "check", code=0)


def header(path: Path) -> list[str]:
    """The lines above the functions, without ids, dates and messages."""
    lines = path.read_text().partition("\ndef ")[0].splitlines()[1:]
    return [
        re.sub(r"(?<=: )[0-9a-f]{12}|'[0-9a-f]{12}'|(?<=Date: ).*", "_", line) for line in lines
    ]


@pytest.mark.slow
def test_several_stand_behind_one_another(tmp_path: Path) -> None:
    folder = environment(tmp_path)
    revision(folder, "first", DEFERRED, KEY)
    revision(folder, "second", DEFERRED, CHECK, KEY.replace("users", "teams"))
    before = {path: path.read_text() for path in folder.rglob("*.py")}
    diff = run(folder, "fix", "--unsafe-fixes", "--diff", code=1)
    assert {path: path.read_text() for path in folder.rglob("*.py")} == before
    assert diff.stderr.count("Would create migrations/versions/") == 3
    assert len(new_files(folder)) == 3
    written = {path: path.read_text() for path in folder.rglob("*.py")}
    assert len(alembic(folder, "heads").split("\n")) == 2, "one, and the end"
    sql = alembic(folder, "upgrade", "head", "--sql")
    assert sql.count("VALIDATE CONSTRAINT") == sql.count("NOT VALID") == 3
    for path, text in before.items():
        path.write_text(text)
    for path in written.keys() - before:
        path.unlink()
    patch = subprocess.run(
        ["git", "apply", "-p0", "-"], cwd=folder, input=diff.stdout.encode(), check=False
    )
    assert patch.returncode == 0
    assert {path: path.read_text() for path in folder.rglob("*.py")} == written


def test_without_unsafe_fixes_they_are_only_counted(tmp_path: Path) -> None:
    folder = environment(tmp_path)
    revision(folder, "first", DEFERRED, KEY)
    before = sorted(folder.rglob("*.py"))
    said = run(folder, "fix", code=1).stdout
    assert "to fix 1 with --unsafe-fixes" in said
    assert sorted(folder.rglob("*.py")) == before


def test_what_is_piped_creates_none(tmp_path: Path) -> None:
    folder = environment(tmp_path)
    path = revision(folder, "first", DEFERRED, KEY)
    before = sorted(folder.rglob("*.py"))
    words = ("fix", "-", "--unsafe-fixes", "--diff", "--stdin-filename", str(path))
    piped = subprocess.run(
        program("-m", "fumehood", *words),
        cwd=folder,
        input=path.read_bytes(),
        capture_output=True,
        check=False,
    )
    assert (piped.returncode, piped.stdout) == (0, b"")
    assert sorted(folder.rglob("*.py")) == before


def test_several_heads_are_said_and_nothing_is_written(tmp_path: Path) -> None:
    folder = environment(tmp_path)
    path = revision(folder, "first", DEFERRED, KEY)
    own = re.search(r"Revision ID: (\w+)", path.read_text())
    assert own
    for name in ("left", "right"):
        revision(folder, name, words=("--head", own[1], "--splice"))
    text = path.read_text()
    result = subprocess.run(
        program("-m", "fumehood", "fix", "--unsafe-fixes"),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.returncode == 1
    assert f"the revisions behind {own[1]} have several heads" in result.stderr
    assert result.stderr.count("\n") == 1
    assert path.read_text() == text


@pytest.mark.slow
def test_a_branch_has_its_own_head_and_folder(tmp_path: Path) -> None:
    places = ("migrations/versions", "billing", "deep/er")
    locations = os.pathsep.join(f"%(here)s/{place}" for place in places)
    folder = environment(tmp_path, version_locations=locations)
    where = ("--head", "base", "--version-path")
    revision(folder, "main", words=(*where, "migrations/versions", "--branch-label", "main"))
    revision(folder, "bill", words=(*where, "billing", "--branch-label", "billing"))
    revision(folder, "keys", DEFERRED, KEY, words=("--head", "billing@head"))
    revision(folder, "more", words=("--head", "main@head"))
    [created] = new_files(folder)
    assert created.parent == folder / "billing"
    assert len(alembic(folder, "heads").strip().split("\n")) == 2
    assert created.read_text().count("branch_labels") == 1
    assert "VALIDATE" in alembic(folder, "upgrade", "billing@head", "--sql")
    assert "VALIDATE" not in alembic(folder, "upgrade", "main@head", "--sql")


def test_no_file_is_overwritten(tmp_path: Path) -> None:
    folder = environment(tmp_path, file_template="%%(slug)s")
    path = revision(folder, "first", DEFERRED, KEY)
    (path.parent / "validate_fk_users_orders.py").write_text("# mine\n")
    text = path.read_text()
    assert new_files(folder, code=1) == []
    assert path.read_text() == text
    assert (path.parent / "validate_fk_users_orders.py").read_text() == "# mine\n"
