"""What a migration finds is known on the command line, with one process and with several."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from tests.forking import program

ROOT = Path(__file__).parents[2]
HEAD = "import sqlalchemy as sa\nfrom alembic import op\n\nrevision = {!r}\ndown_revision = {!r}\n"
RULE = "ensure-index-not-covered"


def chain(folder: Path, count: int) -> None:
    """A project whose revisions make tables, each with an index; the last one makes others."""
    versions = folder / "migrations" / "versions"
    versions.mkdir(parents=True)
    (folder / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")
    (folder / "migrations" / "env.py").write_text(
        "from alembic import context\ncontext.configure()\ncontext.run_migrations()\n"
    )
    for number in range(count):
        write(
            folder,
            number,
            f'op.create_table("t{number}", sa.Column("a", sa.Integer()), '
            'sa.Column("b", sa.Integer()))',
            f'op.create_index("wide_{number}", "t{number}", ["a", "b"])',
        )
    with_block = "with op.get_context().autocommit_block():\n        "
    write(
        folder,
        count,
        with_block + f'op.create_index("ix_0", "t0", ["a"], {CONCURRENTLY})',
        with_block + f'op.create_index("ix_{count - 1}", "t{count - 1}", ["a"], {CONCURRENTLY})',
        with_block + f'op.create_index("ix_b", "t0", ["b"], {CONCURRENTLY})',
        with_block + f'op.create_index("ix_other", "other", ["a"], {CONCURRENTLY})',
    )


CONCURRENTLY = "postgresql_concurrently=True"


def write(folder: Path, number: int, *lines: str) -> Path:
    head = HEAD.format(f"r{number}", f"r{number - 1}" if number else None)
    body = "".join(f"    {line}\n" for line in lines or ("pass",))
    path = folder / "migrations" / "versions" / f"r{number}.py"
    path.write_text(f"{head}\n\ndef upgrade():\n{body}\n\ndef downgrade():\n    pass\n")
    return path


def found(folder: Path, *arguments: str) -> list[tuple[str, str]]:
    findings = json.loads(printed(folder, "--output-format", "json", *arguments))
    return [(each["path"].rpartition("/")[2], each["message"]) for each in findings]


def printed(folder: Path, *arguments: str) -> str:
    """What `fumehood check` prints."""
    return ran(folder, *arguments).stdout


def ran(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`fumehood check`, in a process of its own."""
    command = program("-m", "fumehood", "check", *arguments)
    paths = os.pathsep.join([f"{ROOT}/server", f"{ROOT}/rules"])
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": paths, "XDG_CACHE_HOME": str(folder / "cache")},
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.mark.slow
@pytest.mark.parametrize("processes", ["1", "2"])
def test_earlier_migrations_are_known(tmp_path: Path, processes: str) -> None:
    chain(tmp_path, 100)
    first = found(tmp_path, "-j", processes)
    assert [path for path, _ in first] == ["r100.py", "r100.py"]
    assert "Index ix_0 on t0 is served by wide_0 (a, b)." in first[0][1]
    assert "Index ix_99 on t99 is served by wide_99 (a, b)." in first[1][1]
    # Of one file alone the same is found, and the second time nothing has to be read again.
    assert found(tmp_path, "migrations/versions/r100.py", "-j", processes) == first
    write(tmp_path, 0)  # t0 and its index are gone
    assert [message[:10] for _, message in found(tmp_path)] == ["Index ix_9"]


def test_places_in_other_files_have_their_own_lines_and_columns(tmp_path: Path) -> None:
    chain(tmp_path, 2)
    [finding, _] = json.loads(printed(tmp_path, "--output-format", "json"))
    [related] = finding["related"]
    lines = (tmp_path / related["path"]).read_text().splitlines()
    place = [related[key] for key in ("line", "column", "end_line", "end_column")]
    line, column, end_line, end_column = place
    assert related["path"] == "migrations/versions/r0.py"
    assert line == end_line > 1
    assert lines[line - 1][column - 1 : end_column - 1] == "op.create_index"
    assert "wide_0" in lines[line - 1]
    assert f"see migrations/versions/r0.py:{line}:{column}: It is served" in printed(tmp_path)


@pytest.mark.parametrize("processes", ["1", "2"])
def test_keys_to_a_table_are_known_where_only_that_is_named(tmp_path: Path, processes: str) -> None:
    chain(tmp_path, 0)
    identity = 'sa.Column("id", sa.Integer(), primary_key=True)'
    key = 'sa.ForeignKey("users.id", name="fk_orders_users")'
    write(
        tmp_path,
        0,
        f'op.create_table("users", {identity})',
        f'op.create_table("orders", {identity}, sa.Column("user_id", sa.Integer(), {key}))',
    )
    path = write(tmp_path, 1)
    change = 'op.alter_column("users", "id", existing_type=sa.{}(), type_=sa.{}())'
    up, down = change.format("Integer", "BigInteger"), change.format("BigInteger", "Integer")
    up_text, down_text = path.read_text().split("def downgrade")
    down_text = down_text.replace("pass", down)
    path.write_text(f"{up_text.replace('pass', up)}def downgrade{down_text}")
    command = program("-m", "fumehood", "fix", "--unsafe-fixes", "-j", processes)
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    made = "".join(each.read_text() for each in path.parent.glob("*_users_id.py"))
    assert "ALTER TABLE orders DROP CONSTRAINT fk_orders_users" in made


@pytest.mark.slow
def test_what_only_an_author_can_choose_is_not_counted_as_a_fix(tmp_path: Path) -> None:
    chain(tmp_path, 2)
    said = printed(tmp_path)
    assert "Found 2 findings" in said
    assert "fix" not in said
    assert {each["fix"] for each in json.loads(printed(tmp_path, "--output-format", "json"))} == {
        None
    }


def test_a_cache_that_cannot_be_used_is_no_matter(tmp_path: Path) -> None:
    chain(tmp_path, 2)
    (tmp_path / "cache").write_text("no folder")
    first = found(tmp_path)
    assert len(first) == 2
    (tmp_path / "cache").unlink()
    (tmp_path / "cache" / "fumehood").mkdir(parents=True)
    (tmp_path / "cache" / "fumehood" / "outlines.sqlite").write_text("no database")
    assert found(tmp_path) == first


def test_what_stands_before_an_unreadable_migration_is_not_known(tmp_path: Path) -> None:
    chain(tmp_path, 3)
    (tmp_path / "migrations" / "versions" / "r1.py").write_bytes(b"revision = 'r1'\n\xff\n")
    assert [message[:10] for _, message in found(tmp_path)] == ["Index ix_2"]


def test_a_line_that_does_not_parse_costs_its_own_knowledge(tmp_path: Path) -> None:
    chain(tmp_path, 3)
    write(
        tmp_path, 1, "op.create_table('t1', (", "op.create_table('t9', sa.Column('a', sa.Text()))"
    )
    assert [message[:10] for _, message in found(tmp_path)] == ["Index ix_0", "Index ix_2"]


# What makes the history unknown, as the text of r1.py; and what is said of that.
GRAPHS = {
    "a cycle": (HEAD.format("r1", "r3"), "r1.py:5: down_revision: the revisions "),
    "an id twice": (HEAD.format("r2", "r0"), "r2.py:4: revision: 'r2' is the revision of r1.py"),
    "a parent that is not there": (
        HEAD.format("r1", "r"),
        "r1.py:5: down_revision: no migration is the revision 'r', ",
    ),
}


@pytest.mark.parametrize(("text", "said"), GRAPHS.values(), ids=GRAPHS)
def test_a_graph_that_alembic_does_not_run_is_said_once(
    tmp_path: Path, text: str, said: str
) -> None:
    chain(tmp_path, 3)
    assert len(found(tmp_path)) == 2
    (tmp_path / "migrations" / "versions" / "r1.py").write_text(text)
    done = ran(tmp_path, "--output-format", "json")
    broken = said.startswith("r1.py:5: down_revision: no")
    wide = [each["message"][:10] for each in json.loads(done.stdout)]
    assert wide == (["Index ix_2"] if broken else []), "nothing before it is known"
    assert done.returncode == 0
    lines = done.stderr.splitlines()
    assert [each for each in lines if "migrations/versions/" + said in each]
    assert len(lines) == (2 if text == GRAPHS["an id twice"][0] else 1)


def test_an_unreadable_migration_is_said_once(tmp_path: Path) -> None:
    chain(tmp_path, 3)
    (tmp_path / "models.py").write_text("from sqlalchemy import select\nselect(A)\n")
    bad = tmp_path / "migrations" / "versions" / "r1.py"
    bad.write_bytes(bad.read_bytes() + b"# \xe9\n")
    said = [line for line in ran(tmp_path, ".").stderr.splitlines() if "0xe9" in line]
    assert said == [
        "fumehood: migrations/versions/r1.py: byte 0xe9 in line 15 is not utf-8; save the file as "
        "UTF-8, or declare its encoding in line 1: # coding: latin-1"
    ]


@pytest.mark.parametrize("url", ["postgresql://h/d", "sqlite:///d"])
def test_sql_that_postgresql_refuses_is_said_and_counts_as_no_finding(
    tmp_path: Path, url: str
) -> None:
    chain(tmp_path, 0)
    path = write(tmp_path, 0, "op.execute('CREATE TABEL t (a int)')")
    (tmp_path / "alembic.ini").write_text(
        f"[alembic]\nscript_location = migrations\nsqlalchemy.url = {url}\n"
    )
    done = ran(tmp_path, str(path), "--dialect", "postgresql")
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "fumehood: migrations/versions/r0.py:9: PostgreSQL's grammar refuses the SQL that is "
        'sent here: syntax error at or near "TABEL". What it does is not known, and nothing is '
        "said of it."
    ] * (url == "postgresql://h/d")
