"""Tables as of a revision: replayed from the migrations' text, incrementally."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from fumehood.facts import UNKNOWN, ColumnType, IndexKey
from fumehood.history import History, Steps
from fumehood.naming import Naming
from fumehood.outlining import outline
from fumehood.read.cache import Lines
from fumehood.revisions import Revision, Revisions, revision_of
from fumehood.schema import Schema, TableName
from fumehood.steps import steps_of

HEAD = "import sqlalchemy as sa\nfrom alembic import op\n\n"
LINES = Lines()
USERS = TableName(None, "users")
CREATE = 'op.create_table("users", sa.Column("id", sa.BigInteger(), primary_key=True), {})'


def migration(revision: str, down: object, *lines: str, depends_on: object = None) -> str:
    body = "".join(f"    {line}\n" for line in (*lines, "pass"))
    head = f"{HEAD}revision = {revision!r}\ndown_revision = {down!r}\n"
    return f"{head}depends_on = {depends_on!r}\n\n\ndef upgrade():\n{body}"


def steps(text: str, path: str = "x.py") -> Steps:
    return steps_of(json.loads(json.dumps(outline(path, text, LINES))), path)


def history(*texts: str, naming: Naming | None = None) -> History:
    files = {Path(f"{index}.py"): text for index, text in enumerate(texts)}
    graph = Revisions({path: found for path, t in files.items() if (found := revision_of(t))})
    return History(graph, {path: steps(text) for path, text in files.items()}, naming or Naming())


def after(*lines: str, naming: Naming | None = None) -> Schema:
    return known(history(migration("a", None, *lines), naming=naming).after("a"))


def known(tables: Schema | None) -> Schema:
    assert tables is not None
    return tables


def test_a_table_with_all_its_parts() -> None:
    create = CREATE.format(
        'sa.Column("email", sa.String(50), unique=True, nullable=False),'
        ' sa.Column("team_id", sa.Integer(), sa.ForeignKey("teams.id"), index=True),'
        ' sa.CheckConstraint("team_id > 0"), sa.UniqueConstraint("email", "team_id", name="u")'
    )
    table = after(create)[USERS]
    assert table.complete
    assert {name: column.type for name, column in table.columns.items()} == {
        "id": ColumnType("int8"),
        "email": ColumnType("varchar", (50,)),
        "team_id": ColumnType("int4"),
    }
    assert [table.columns[name].not_null for name in ("id", "email", "team_id")] == [1, 1, 0]
    assert [(each.name, each.unique, each.primary) for each in table.indexes] == [
        ("users_pkey", True, True),
        ("u", True, False),
        ("users_email_key", True, False),
        ("ix_users_team_id", False, False),
    ]
    assert [each.columns for each in table.checks] == [("team_id",)]
    assert [(each.name, each.referent) for each in table.foreign_keys] == [
        ("users_team_id_fkey", TableName(None, "teams"))
    ]


def test_names_are_the_conventions() -> None:
    naming = Naming({"ix": "i_%(table_name)s_%(column_0_name)s", "uq": "u_%(constraint_name)s"})
    table = after(
        CREATE.format('sa.Column("a", sa.Text(), index=True)'),
        'op.create_unique_constraint("x", "users", ["a"])',
        'op.create_unique_constraint(op.f("y"), "users", ["a"])',
        naming=naming,
    )[USERS]
    assert [each.name for each in table.indexes] == ["users_pkey", "i_users_a", "u_x", "y"]


# What stands behind the creation of users(id, a varchar(50), b integer) with an index ix on (a, b):
# what is known then. None: of the table nothing but what is added later.
STEPS = {
    'op.alter_column("users", "a", type_=sa.Text())': {"a": "text"},
    'op.execute("ALTER TABLE users ALTER a TYPE text")': {"a": "text"},
    'op.alter_column("users", "a", type_=Own())': {"a": UNKNOWN},
    'op.alter_column("users", "a", new_column_name="c")': {"a": None, "c": "varchar", "ix": "cb"},
    'op.execute("ALTER TABLE users RENAME a TO c")': {"a": None, "c": "varchar", "ix": "cb"},
    'op.drop_column("users", "b")': {"b": None, "ix": None, "a": "varchar"},
    'op.drop_index("ix", "users")': {"ix": None, "a": "varchar"},
    'op.drop_index("ix")': {"ix": None},
    'op.execute("DROP INDEX ix")': {"ix": None},
    'op.execute(f\'DROP INDEX CONCURRENTLY "{x()}"."ix"\')': {"ix": None, "a": "varchar"},
    "op.execute(f'DROP INDEX IF EXISTS {x()}.other, {x()}.ix CASCADE')": {"ix": None},
    'op.execute(f\'DROP INDEX CONCURRENTLY "{x()}"."other"\')': {"ix": "ab"},
    'op.execute(f"DROP INDEX i{x()}")': {"ix": None},
    'op.drop_index("other")': {"ix": "ab"},
    "op.drop_index(name())": {"ix": None, "a": "varchar"},
    "if x():\n        op.drop_index('ix')": {"ix": None},
    "if x():\n        op.create_index('new', 'users', ['a'])": {"ix": "ab", "new": None},
    "if x():\n        op.alter_column('users', 'a', type_=sa.Text())": {"a": UNKNOWN},
    "try:\n        op.add_column('users', sa.Column('c', sa.Text()))\n    finally:\n        pass": {
        "c": UNKNOWN
    },
    'op.create_index("new", "users", ["b"])': {"ix": "ab", "new": "b"},
    'op.add_column("users", sa.Column("c", sa.Text()))': {"c": "text"},
    'op.rename_table("users", "people")': None,
    'op.drop_table("users")': None,
    'op.execute("DO $$ BEGIN ALTER TABLE users DROP COLUMN a; END $$")': None,
    'op.execute("ALTER TABLE %s" % "users DROP CONSTRAINT ix")': {"ix": "ab"},
    "op.execute(f'DROP TRIGGER IF EXISTS t ON {x()}.users')": {"ix": "ab", "a": "varchar"},
    'op.execute("DO $$ BEGIN DROP TRIGGER t ON users; END $$")': {"ix": "ab", "a": "varchar"},
    'op.execute("ALTER TABLE users OWNER TO me")': {"ix": "ab", "a": "varchar"},
    'op.execute("ALTER INDEX ix RENAME TO new")': {"ix": None, "new": "ab"},
    'op.execute("ALTER INDEX s.ix RENAME TO new")': {"ix": "ab", "new": None},
    'op.execute("ALTER INDEX other RENAME TO new")': {"ix": "ab", "new": None},
    "if x():\n        op.execute('ALTER INDEX ix RENAME TO new')": {"ix": None, "new": None},
    'op.execute("ALTER TABLE users RENAME CONSTRAINT users_pkey TO pk")': {
        "users_pkey": None,
        "pk": "id",
    },
    'op.execute("UPDATE users SET a = 1")': {"ix": "ab", "a": "varchar"},
    'op.create_unique_constraint("u", "users", ["a"]); op.drop_constraint("u", "users")': {
        "u": None,
        "ix": "ab",
    },
    'op.execute("CREATE UNIQUE INDEX n ON users (a)");'
    ' op.execute("ALTER TABLE users ADD CONSTRAINT u UNIQUE USING INDEX n")': {"n": None, "u": "a"},
    "for c in ['x', 'y']:\n        op.create_index(f'i_{c}', 'users', [c])": {
        "i_x": "x",
        "i_y": "y",
    },
    'op.alter_column("users", "a", type_=sa.Text(), schema="s")': {"a": "varchar"},
    'op.alter_column("users", "a", type_=sa.Text(), schema="public")': {"a": "text"},
}


@pytest.mark.parametrize(("line", "known"), STEPS.items())
def test_what_is_known_behind_a_step(line: str, known: dict[str, object] | None) -> None:
    columns = 'sa.Column("a", sa.String(50)), sa.Column("b", sa.Integer())'
    tables = after(CREATE.format(columns), 'op.create_index("ix", "users", ["a", "b"])', line)
    if known is None:
        assert not tables.get(USERS) or not tables[USERS].columns
        return
    table = tables[USERS]
    indexes = {each.name: each for each in table.indexes}
    for name, expected in known.items():
        if name in indexes:
            keys = indexes[name].keys
            assert keys is not UNKNOWN
            assert "".join(str(key.column) for key in keys) == expected
        elif name in table.columns:
            found = table.columns[name].type
            assert (found if found is UNKNOWN else found.name) == expected
        else:
            assert expected is None


@pytest.mark.parametrize(
    ("line", "told"),
    {
        'op.add_column("users", sa.Column("c", sa.Text(), index=True))': True,
        'op.alter_column("users", "a", nullable=False)': True,
        'op.execute("ALTER TABLE users ADD CONSTRAINT u UNIQUE (a)")': True,
        "if x():\n        op.create_index('new', 'users', ['a'])": False,
        'op.create_index("new", "users", ["a"]); op.drop_index(name(), "users")': False,
        'op.add_column("users", column()); op.create_index("new", "users", ["a"])': False,
        'op.alter_column("users", "a", nullable=True); op.execute(f"DROP INDEX {x()}")': False,
        'op.alter_column("users", "a", nullable=True);'
        ' op.execute("DO $$ BEGIN ALTER TABLE users DROP COLUMN a; END $$")': False,
    }.items(),
)
def test_what_migrations_do_to_a_table_that_none_creates(line: str, told: bool) -> None:
    table = after(line)[USERS]
    assert (table.untold, table.complete) == (told, False)


def test_swapped_operations_leave_other_tables() -> None:
    create = 'op.create_index("ix", "users", ["a"])'
    drop = 'op.drop_index("ix", "users")'
    assert after(drop, create)[USERS].indexes[0].keys == (IndexKey("a"),)
    assert USERS not in (tables := after(create, drop)) or not tables[USERS].indexes


def test_merges_and_dependencies() -> None:
    found = history(
        migration("a", None, CREATE.format('sa.Column("x", sa.Text())')),
        migration("b", "a", 'op.add_column("users", sa.Column("y", sa.Text()))'),
        migration("c", "a", 'op.drop_column("users", "x")'),
        migration("d", ("b", "c")),
        migration("e", None, depends_on="d"),
    )
    assert set(known(found.before("d"))[USERS].columns) == {"id", "y"}
    assert set(known(found.before("c"))[USERS].columns) == {"id", "x"}
    assert set(known(found.after("e"))[USERS].columns) == {"id", "y"}
    assert found.before("a") == {}


UNCLEAR = {
    "a cycle": ([("a", "b"), ("b", "a"), ("c", "b"), ("d", None), ("e", "d")], "abc"),
    "itself": ([("a", "a"), ("b", None)], "a"),
    "a cycle with a way in": ([("r", None), ("a", ("r", "b")), ("b", "a"), ("c", "b")], "abc"),
    "an id twice": ([("a", None), ("b", "a"), ("b", "a"), ("c", "b"), ("d", "a")], "bc"),
    "merged with it": ([("a", None), ("b", None), ("b", None), ("c", ("a", "b"))], "bc"),
    "nothing": ([("a", None), ("b", "a"), ("c", "gone")], ""),
}


@pytest.mark.parametrize(("graph", "unclear"), UNCLEAR.values(), ids=UNCLEAR)
def test_what_the_graph_does_not_tell(graph: list[tuple[str, object]], unclear: str) -> None:
    create = CREATE.format('sa.Column("x", sa.Text())')
    found = history(*(migration(revision, down, create) for revision, down in graph))
    ids = {revision for revision, _ in graph}
    assert {each for each in ids if found.before(each) is None} == set(unclear)
    assert {each for each in ids if found.after(each) is None} == set(unclear)
    assert found.last() is None


def test_the_last_tables_are_those_of_all_revisions() -> None:
    files = {Path("a.py"): Revision("a"), Path("b.py"): Revision("b", ("a",))}
    assert History(Revisions(files), {}, None).last() == {}
    assert History(Revisions(files, complete=False), {}, None).last() is None
    files[Path("b.py")] = Revision("b", unread=("depends_on",))
    assert History(Revisions(files), {}, None).last() is None


def test_an_edit_replays_only_what_follows() -> None:
    texts = [migration("r0", None, CREATE.format('sa.Column("c", sa.Text())'))]
    for number in range(1, 300):
        line = f'op.add_column("users", sa.Column("c{number}", sa.Text()))'
        texts.append(migration(f"r{number}", f"r{number - 1}", line))
    found = history(*texts)
    found.after("r299")
    assert found.replayed == 300
    new = found.changed(Path("297.py"), steps(migration("r297", "r296")))
    assert "c297" not in known(new.after("r299"))[USERS].columns
    assert new.replayed == 3
    assert "c297" in known(found.after("r299"))[USERS].columns


@pytest.mark.parametrize("seed", range(30))
def test_incremental_equals_from_scratch(seed: int) -> None:
    choose = random.Random(seed)

    def some() -> list[str]:
        table, column = choose.choice("tuv"), choose.choice("abc")
        return choose.choices(
            [
                f'op.create_table("{table}", sa.Column("{column}", sa.Text(), index=True))',
                f'op.drop_table("{table}")',
                f'op.rename_table("{table}", "{choose.choice("tuv")}")',
                f'op.add_column("{table}", sa.Column("{column}", sa.Integer()))',
                f'op.drop_column("{table}", "{column}")',
                f'op.create_index("i_{column}", "{table}", ["{column}"])',
                f'op.drop_index("i_{column}")',
            ],
            k=choose.randint(0, 3),
        )

    downs: list[object] = [None, "r0", "r0", ("r1", "r2"), "r3", "r3", ("r5", "r4"), "r6"]
    texts = [migration(f"r{number}", down, *some()) for number, down in enumerate(downs)]
    found = history(*texts)
    for _ in range(6):
        found.after(f"r{choose.randrange(8)}")
        index = choose.randrange(8)
        texts[index] = migration(f"r{index}", downs[index], *some())
        found = found.changed(Path(f"{index}.py"), steps(texts[index]))
        fresh = history(*texts)
        assert [found.after(f"r{n}") for n in range(8)] == [fresh.after(f"r{n}") for n in range(8)]
