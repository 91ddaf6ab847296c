"""What earlier runs have found is taken again, and is never another than would be found now."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.old_project import OldProject, old_project
from tests.share import share

from fumehood.cli import kept
from fumehood.cli.analysis import Analysis, Checked, Failure, Job
from fumehood.cli.fingerprint import Fingerprints, UnknownValueError
from fumehood.cli.parts import Parts
from fumehood.engine import Engine
from fumehood.main import commands, load_rules, make_engine
from fumehood.workspace.outline_cache import OutlineCache

CONFIGURATIONS = (
    "",
    'ignore = ["only-concurrent-indexes"]\n',
    "max-columns = 1\n",
    'small-tables = ["t0", "t1"]\n',
    "downgrade = false\n",
    'severity = { only-concurrent-indexes = "warning" }\n',
    "line-length = 40\n",
)
STATEMENTS = (
    'op.create_index("ix_{table}_more", "{table}", ["state"])',
    'op.create_index("ix_{table}_both", "{table}", ["state", "owner_id"])',
    'op.drop_index("ix_{table}_state", table_name="{table}")',
    'op.create_unique_constraint("uq_{table}_state", "{table}", ["state"])',
    'op.alter_column("{table}", "state", type_=sa.Text())',
    'op.create_check_constraint("ck_{table}", "{table}", "id > 0")',
    'op.rename_table("{table}", "{table}_old")',
    'op.drop_column("{table}", "state")',
    'x = 1; op.create_index("ix_{table}_part", "{table}", ["state"])',
    "op.execute(text_that_is_not_known)",
)


class Run:
    """`fumehood check` here; `analysed` counts migrations that were not among what is kept."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.analysed = 0
        check = Analysis.check

        def counted(analysis: Analysis, job: Job) -> Checked | Failure | None:
            self.analysed += job.models is None
            return check(analysis, job)

        monkeypatch.setattr(Analysis, "check", counted)

    def __call__(self, keeps: bool = True) -> tuple[int, str, str]:
        self.analysed = 0
        parts = Parts(make_engine, load_rules, keeps)
        result = CliRunner().invoke(commands, ["check", "--jobs", "1"], obj=parts)
        return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    return Run(monkeypatch)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OutlineCache]:
    """A cache for findings that is empty."""
    made = OutlineCache(tmp_path / "cache" / "outlines.sqlite")
    monkeypatch.setattr("fumehood.workspace.outlines.cache_of_user", lambda: made)
    yield made
    if made._database is not None:
        made._database.close()


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OldProject:
    project = old_project(tmp_path / "project", 10)
    monkeypatch.chdir(project.folder)
    return project


Change = Callable[[random.Random, OldProject], None]


def _typed(chance: random.Random, old: OldProject) -> None:
    path = chance.choice([*old.files.values()])
    statement = chance.choice(STATEMENTS).format(table=f"t{chance.randrange(2)}")
    text = path.read_text()
    if chance.random() < 0.3 and "    op." in text:
        statement += "  # fumehood: ignore"
    path.write_text(text.replace("None:\n", f"None:\n    {statement}\n", 1))


def _configured(chance: random.Random, old: OldProject) -> None:
    start = f'start-after = "{chance.choice(old.revisions)}"\n' if chance.random() < 0.2 else ""
    (old.folder / "fumehood.toml").write_text(start + chance.choice(CONFIGURATIONS))


def _environment(chance: random.Random, old: OldProject) -> None:
    path = old.folder / "migrations" / "env.py"
    connect = chance.choice((").connect()", ").begin()"))
    convention = chance.choice(("", '"ix": "index_%(column_0_label)s"', '"uq": "u_%(table_name)s"'))
    path.write_text(
        path.read_text()
        .partition("# further\n")[0]
        .replace(").connect()", connect)
        .replace("connection=connection", "connection=connection, target_metadata=m")
        + "# further\nfrom sqlalchemy import MetaData\n"
        + f"m = MetaData(naming_convention={{{convention}}})\n"
    )


def _renamed(chance: random.Random, old: OldProject) -> None:
    revision = chance.choice([*old.files])
    path = old.files[revision]
    old.files[revision] = path.rename(path.with_name(f"{chance.randrange(1000)}_{path.name}"))


def _deleted(chance: random.Random, old: OldProject) -> None:
    if len(old.files) > 5:
        old.files.pop(chance.choice([*old.files])).unlink()


def _added(chance: random.Random, old: OldProject) -> None:
    old.add(f"new {chance.randrange(1000)}", chance.choice(STATEMENTS).format(table="t0"))


CHANGES: tuple[Change, ...] = (
    _typed, _typed, _typed, _configured, _environment, _renamed, _deleted, _added,
)  # fmt: skip


def test_with_it_the_same_is_found_as_without(old: OldProject, run: Run) -> None:
    chance = random.Random(7)
    taken = 0
    for _ in range(share(30)):
        chance.choice(CHANGES)(chance, old)
        expected = run(keeps=False)
        without = run.analysed
        assert run() == expected
        taken += without - run.analysed
        assert run() == expected
    assert taken > share(30)


def test_nothing_is_analysed_twice(old: OldProject, run: Run) -> None:
    first = run()
    assert run.analysed == 10
    assert "findings" in first[1]
    assert "`fumehood fix`" in first[1]
    assert run() == first
    assert run.analysed == 0


def test_an_earlier_migration_counts(old: OldProject, run: Run) -> None:
    earlier = old.add("both", 'op.create_index("ix_both", "t0", ["name", "state"])')
    old.add("one", 'op.create_index("ix_one", "t0", ["name"])')
    assert "Index ix_one on t0 is served by ix_both (name, state)" in run()[1]
    earlier.write_text(earlier.read_text().replace('["name", "state"]', '["state", "name"]'))
    assert "is served by ix_both" not in run()[1]


def test_an_ignore_ends(old: OldProject, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    class Day(date):
        now = date(2026, 12, 31)

        @classmethod
        def today(cls) -> date:  # type: ignore[override]
            return cls.now

    monkeypatch.setattr(kept, "date", Day)
    monkeypatch.setattr(Engine.__init__, "__defaults__", (Day.today,))
    old.add(
        "index",
        'op.create_index("ix_one", "t0", ["name"])'
        "  # fumehood: ignore[only-concurrent-indexes] until=2026-12-31",
    )
    assert "Index ix_one" not in run()[1]
    Day.now = date(2027, 1, 1)
    assert "Index ix_one" in run()[1]


def test_what_is_logged_is_said_each_time(old: OldProject, run: Run) -> None:
    path = old.add("sql", 'op.execute("ALTER TABEL t0 ADD x int")')
    first = run()
    assert path.name in first[2]
    assert run() == first
    assert run.analysed == 1


def test_a_failure_is_not_kept(old: OldProject, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:

        def fail(*_: object) -> None:
            raise OSError("no more memory")

        broken.setattr(Analysis, "_check", fail)
        assert run()[0] == 2
    assert run() == run(keeps=False)


def test_what_is_broken_is_made_again(old: OldProject, run: Run, cache: OutlineCache) -> None:
    first = run()
    database = cache._open()
    assert database is not None
    for data in ("", "[", "[[[1]], []]", "[[], [[0, []]]]", '["a", "b"]'):
        database.execute("UPDATE outlines SET data = ?", [data])
        database.commit()
        assert run()[1] == first[1]
        assert run.analysed == 10


def test_other_rules_find_anew(old: OldProject, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run()
    monkeypatch.setattr(kept, "_rules", lambda: (("changed.md", 0, 0),))
    run()
    assert run.analysed == 10


def test_equal_values_alone_have_equal_fingerprints() -> None:
    values = [
        None, False, 0, "", b"", "0", (), [], {}, frozenset[str](), ("a", "b"), ("ab",), ["a", "b"],
        {"a": "b"}, frozenset({"a", "b"}), (("a",), "b"), ("a", ("b",)), Path("a"), "a",
    ]  # fmt: skip
    made = [Fingerprints().of(value) for value in values]
    assert len({*made}) == len(values)
    assert made == [Fingerprints().of(value) for value in values]
    assert Fingerprints().of(frozenset({"b", "a"})) in made
    with pytest.raises(UnknownValueError, match="object"):
        Fingerprints().of(("a", object()))


def test_what_was_kept_is_taken_without_libcst() -> None:
    modules = (
        "fumehood.cli.check, fumehood.cli.kept, fumehood.published, fumehood.workspace.outlines"
    )
    code = f"import sys, {modules}; print('libcst' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
