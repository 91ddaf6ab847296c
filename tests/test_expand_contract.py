"""When a change of type can be spread over revisions, and when not."""

from __future__ import annotations

import pytest

from fumehood import pages
from fumehood.config import Settings
from fumehood.engine import Action
from fumehood.head import Head
from fumehood.text import Span
from tests.test_type_change import B, analysed, migration

CREATE = 'op.create_table("t", sa.Column("id", sa.BigInteger(), primary_key=True), {})'
PLAIN = CREATE.format('sa.Column("c", sa.Integer(), nullable=False), sa.Column("d", sa.Integer())')
UP = 'op.alter_column("t", "c", existing_type=sa.Integer(), type_=sa.BigInteger())'
DOWN = 'op.alter_column("t", "c", existing_type=sa.BigInteger(), type_=sa.Integer())'


def changing(up: tuple[str, ...] = (UP,), down: tuple[str, ...] = (DOWN,)) -> str:
    body = "".join(f"    {line}\n" for line in down)
    return f"{migration(B, *up)}\n\ndef downgrade():\n{body}"


def offered(
    text: str, *earlier: str, settings: Settings | None = None, title: str = "swap"
) -> list[Action]:
    engine = analysed(text, *earlier, settings=settings or Settings())
    head = Head(revision="b", path="b.py", text=text, folder="")
    found = engine.actions("b.py", Span(0, len(text)), lambda: head)
    return [each for each in found if title in each.title]


def test_three_revisions() -> None:
    (action,) = offered(changing(), PLAIN)
    assert not action.safe
    assert [each.path.partition("_")[2] for each in action.creates] == [
        "fill_t_c_new.py",
        "swap_t_c.py",
    ]


def test_an_index_goes_along() -> None:
    (action,) = offered(changing(), PLAIN, INDEX.format('["d", "c"]'))
    fill, swap = (each.text for each in action.creates)
    build = "CREATE INDEX CONCURRENTLY ix_new ON t (d, c_new)"
    assert fill.index("DROP INDEX CONCURRENTLY IF EXISTS ix_new") < fill.index(build)
    assert swap.index("ALTER INDEX ix RENAME TO ix_old") < swap.index(
        "ALTER INDEX ix_new RENAME TO ix"
    )


def test_it_is_part_of_no_fix_all() -> None:
    assert analysed(changing(), PLAIN).fix_all("b.py") is None


def test_sql_is_taken_for_the_same() -> None:
    up = ('op.execute("ALTER TABLE t ALTER c TYPE bigint")',)
    down = ('op.execute("ALTER TABLE t ALTER c TYPE integer")',)
    (one,), (other,) = offered(changing(up, down), PLAIN), offered(changing(), PLAIN)
    assert [edit.text for edit in one.edits] == [edit.text for edit in other.edits]


INDEX = 'op.create_index("ix", "t", {})'
WITH_C = 'sa.Column("c", sa.Integer(), {})'
MOOD = 'sa.Enum("x", "y", name="mood")'
UP_ENUM = (
    f'op.alter_column("t", "c", existing_type=sa.Text(), type_={MOOD}, postgresql_using="c::mood")'
)
DOWN_ENUM = (
    f'op.alter_column("t", "c", existing_type={MOOD}, type_=sa.Text(), postgresql_using="c::text")'
)
ID = (UP.replace('"c"', '"id"'), DOWN.replace('"c"', '"id"'))
REFUSED = {
    "a deferrable unique constraint": (
        changing(),
        PLAIN,
        'op.create_unique_constraint("uq", "t", ["c"], deferrable=True)',
    ),
    "an identity column whose sequence has options": (
        changing((ID[0],), (ID[1],)),
        'op.create_table("t", '
        'sa.Column("id", sa.Integer(), sa.Identity(start=5), primary_key=True))',
    ),
    "a default that is not known": (changing(), CREATE.format(WITH_C.format("server_default=x"))),
    "a column that has become an identity column": (
        changing(),
        PLAIN,
        'op.execute("ALTER TABLE t ALTER c ADD GENERATED ALWAYS AS IDENTITY")',
    ),
    "a sequence that may not be its own": (
        changing((ID[0],), (ID[1],)),
        'op.create_table("t", sa.Column("id", sa.Integer(), sa.Sequence("s"), primary_key=True))',
    ),
    "a check that is not known": (
        changing(),
        'op.execute("CREATE TABLE t (id bigint PRIMARY KEY, c integer CHECK (c > 0))")',
    ),
    "a foreign key whose options are not known": (
        changing(),
        CREATE.format(WITH_C.format('sa.ForeignKey("u.id", ondelete=x)')),
    ),
    "a foreign key that may refer to it": (
        changing(),
        PLAIN,
        'op.create_table("u", sa.Column("t_id", sa.Integer(), sa.ForeignKey(x)))',
    ),
    "a foreign key to it that comes behind": (
        changing((UP, 'op.create_foreign_key("fk", "u", "t", ["c"], ["c"])')),
        PLAIN,
        'op.create_table("u", sa.Column("c", sa.Integer()))',
        'op.create_unique_constraint("uq", "t", ["c"])',
    ),
    "an index of another method": (
        changing(),
        PLAIN,
        INDEX.format('["c"], postgresql_using="hash"'),
    ),
    "an index that sorts": (changing(), PLAIN, INDEX.format('[sa.text("c DESC")]')),
    "an index that includes it": (
        changing(),
        PLAIN,
        INDEX.format('["d"], postgresql_include=["c"]'),
    ),
    "an index whose name is not known": (changing(), PLAIN, 'op.create_index(name, "t", ["c"])'),
    "an index whose name is too long": (
        changing(),
        PLAIN,
        INDEX.replace('"ix"', f'"{"i" * 60}"').format('["c"]'),
    ),
    "an index on an expression": (changing(), PLAIN, INDEX.format('[sa.text("c + 1")]')),
    "a condition": (
        changing(),
        PLAIN,
        INDEX.format('["id"], postgresql_where=sa.text("c > 0")'),
    ),
    "text that becomes an enum": (
        changing((UP_ENUM,), (DOWN_ENUM,)),
        PLAIN.replace('"c", sa.Integer()', '"c", sa.Text()'),
    ),
    "an enum that becomes text": (
        changing((DOWN_ENUM,), (UP_ENUM,)),
        PLAIN.replace('"c", sa.Integer()', f'"c", {MOOD}'),
    ),
    "a name that is taken": (
        changing(),
        CREATE.format(WITH_C.format("") + ', sa.Column("c_new", sa.Integer())'),
    ),
    "a generated column": (
        changing(),
        CREATE.format(WITH_C.format("") + ', sa.Column("e", sa.Integer(), sa.Computed(x))'),
    ),
    "a view": (changing(), PLAIN, 'op.execute("CREATE VIEW v AS SELECT * FROM t, u")'),
    "a view that joins by names": (
        changing(),
        PLAIN,
        'op.execute("CREATE VIEW v AS SELECT u.d FROM t JOIN u USING (c)")',
    ),
    "a view that is not known": (
        changing(),
        PLAIN,
        'op.execute(f"CREATE VIEW v AS SELECT {x} FROM t")',
    ),
    "a policy": (changing(), PLAIN, 'op.execute("CREATE POLICY p ON t USING (c > 0)")'),
    "a trigger of columns": (
        changing(),
        PLAIN,
        'op.execute("CREATE TRIGGER g BEFORE UPDATE OF c ON t EXECUTE FUNCTION f()")',
    ),
    "a publication": (changing(), PLAIN, 'op.execute("CREATE PUBLICATION p FOR TABLE t (c)")'),
    "no primary key": (changing(), 'op.create_table("t", sa.Column("c", sa.Integer()))'),
    "a table that is not known": (changing(),),
    "a table of which not all is known": (changing(), PLAIN, 'op.execute("DO $$ ALTER t $$")'),
    "SQL that may be about it": (changing((UP, 'op.execute("UPDATE t SET c = 1")')), PLAIN),
    "another change of the table": (changing((UP, 'op.drop_column("t", "d")')), PLAIN),
    "a column that is called as a variable": (
        changing((UP.replace('"c"', '"old"'),), (DOWN.replace('"c"', '"old"'),)),
        PLAIN.replace('"c"', '"old"'),
    ),
    "more than the type": (changing((UP[:-1] + ", nullable=True)",)), PLAIN),
    "a loop": (changing(('for c in ("c", "d"):', "    " + UP.replace('"c"', "c"))), PLAIN),
    "no way back": (changing(down=("pass",)), PLAIN),
    "two ways back": (changing(down=(DOWN, DOWN)), PLAIN),
    "a way back under a condition": (changing(down=("if x:", "    " + DOWN)), PLAIN),
    "a name that is too long": (
        changing((UP.replace('"c"', f'"{"c" * 60}"'),), (DOWN.replace('"c"', f'"{"c" * 60}"'),)),
        CREATE.format(f'sa.Column("{"c" * 60}", sa.Integer())'),
    ),
    "no way from one to the other": (
        changing(
            (UP.replace("type_=sa.BigInteger()", 'type_=sa.Text(), postgresql_using="c::text"'),),
            (DOWN.replace("sa.BigInteger()", "sa.Text()"),),
        ),
        PLAIN,
    ),
}


KEYS, NO_COLUMNS = "an index on it is more than keys", "an index on it is more than columns"
KEY_PARTS = "is not known in all its parts"
DEFAULT = "its default would have to be carried over, or is not known"
BETWEEN, NO_WAY_BACK = "what runs in between may be about the table", "how downgrade() undoes it"
LONG, OTHER_TYPE = "the names would be too long", "what reads or writes the old type would fail"
VIEW = "a view, a policy or a trigger may be on it"
WHY = {
    "a deferrable unique constraint": KEYS,
    "an identity column whose sequence has options": "it is an identity column",
    "a column that has become an identity column": DEFAULT,
    "a default that is not known": DEFAULT,
    "a sequence that may not be its own": DEFAULT,
    "a check that is not known": "a check on it would have to be carried over, and is not known",
    "a foreign key whose options are not known": KEY_PARTS,
    "a foreign key that may refer to it": KEY_PARTS,
    "a foreign key to it that comes behind": "what runs in between may be about t",
    "an index of another method": KEYS,
    "an index that sorts": NO_COLUMNS,
    "an index that includes it": KEYS,
    "an index whose name is not known": KEYS,
    "an index whose name is too long": LONG,
    "an index on an expression": NO_COLUMNS,
    "a condition": KEYS,
    "text that becomes an enum": OTHER_TYPE,
    "an enum that becomes text": OTHER_TYPE,
    "a name that is taken": "the new column's name is taken",
    "a generated column": "a generated column may be computed from it",
    "a view": VIEW,
    "a view that joins by names": VIEW,
    "a view that is not known": VIEW,
    "a policy": VIEW,
    "a trigger of columns": VIEW,
    "a publication": VIEW,
    "no primary key": "there is no primary key to go along",
    "a table that is not known": "what stands on the column is not known",
    "a table of which not all is known": "what stands on the column is not known",
    "SQL that may be about it": BETWEEN,
    "another change of the table": BETWEEN,
    "a column that is called as a variable": "a variable of PL/pgSQL",
    "more than the type": "it changes more than the type",
    "a loop": "it stands in a block that may not run",
    "no way back": NO_WAY_BACK,
    "two ways back": NO_WAY_BACK,
    "a way back under a condition": NO_WAY_BACK,
    "a name that is too long": LONG,
    "no way from one to the other": OTHER_TYPE,
}


def test_each_refusal_has_its_reason() -> None:
    assert WHY.keys() == REFUSED.keys()


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "fumehood.made")
    text, *earlier = REFUSED[case]
    assert any(
        each.rule == "change-column-type" for each in analysed(text, *earlier).findings("b.py")
    )
    assert not offered(text, *earlier)
    assert WHY[case] in caplog.text


@pytest.mark.parametrize(("version", "found"), [(11, 0), (12, 1), (18, 1)])
def test_versions(version: int, found: int) -> None:
    assert len(offered(changing(), PLAIN, settings=Settings(postgres_version=version))) == found


@pytest.mark.parametrize(
    ("using", "found"), [("", 0), (", postgresql_using=\"c AT TIME ZONE 'UTC'\"", 1)]
)
def test_a_time_zone_has_to_be_said(using: str, found: int) -> None:
    aware, naive = "sa.DateTime(timezone=True)", "sa.DateTime()"
    up = UP.replace("sa.Integer()", naive).replace("sa.BigInteger()", aware)
    down = DOWN.replace("sa.Integer()", naive).replace("sa.BigInteger()", aware)
    text = changing((up[:-1] + using + ")",), (down[:-1] + using + ")",))
    assert len(offered(text, PLAIN.replace('"c", sa.Integer()', f'"c", {naive}'))) == found


def test_the_page_shows_what_is_written() -> None:
    total = 'op.alter_column("orders", "total", existing_type=sa.{}(), type_=sa.{}())'
    text = changing(
        (total.format("Integer", "BigInteger"),), (total.format("BigInteger", "Integer"),)
    )
    (action,) = offered(text, PLAIN.replace('"t"', '"orders"').replace('"c"', '"total"'))
    shown = pages.page("change-column-type")
    for edit in action.edits:
        assert edit.text in shown
    for created in action.creates:
        assert created.text[created.text.index("def upgrade") :] in shown
