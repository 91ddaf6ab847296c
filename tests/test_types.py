"""Types, tables and keys of indexes are read as SQLAlchemy and PostgreSQL's grammar have them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex as MakeIndex
from sqlalchemy.schema import CreateTable as MakeTable

from fumehood.engine import Engine
from fumehood.facts import (
    UNKNOWN,
    AddColumn,
    Column,
    ColumnType,
    CreateIndex,
    CreateTable,
    Operation,
)

HEAD = """import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = "b"
down_revision = "a"


def upgrade():
"""
NAMES = {"sa": sa, "postgresql": postgresql, "Text": sa.Text}
TYPES = """
sa.Integer, sa.Integer(), sa.BigInteger(), sa.SmallInteger(), sa.Boolean(), sa.Boolean(name="b")
sa.String, sa.String(50), sa.String(length=50), sa.VARCHAR(20), sa.Unicode(9), sa.CHAR(3), sa.CHAR()
sa.Text(), Text, sa.UnicodeText(), sa.String(5, collation="C"), sa.Text(collation="de_DE")
sa.Numeric(), sa.Numeric(10), sa.Numeric(10, 2), sa.Numeric(precision=9, scale=3), sa.DECIMAL(4, 1)
sa.Float(), sa.Float(24), sa.Float(53), sa.Float(precision=25), sa.REAL(), sa.Double()
postgresql.DOUBLE_PRECISION(), sa.Date(), sa.DateTime(), sa.DateTime(timezone=True), sa.Time()
sa.DateTime(True), sa.TIMESTAMP(), sa.TIMESTAMP(timezone=True), sa.Time(timezone=True)
postgresql.TIMESTAMP(precision=3), postgresql.TIMESTAMP(True, 6), postgresql.TIME(precision=0)
sa.Interval(), postgresql.INTERVAL(), sa.LargeBinary(), sa.LargeBinary(length=20)
postgresql.BYTEA(), sa.JSON(), postgresql.JSON(), postgresql.JSONB(astext_type=sa.Text())
sa.Uuid(), sa.UUID()
postgresql.UUID(), postgresql.UUID(as_uuid=True), postgresql.INET(), postgresql.CIDR()
postgresql.MACADDR(), postgresql.HSTORE(), postgresql.TSVECTOR(), postgresql.CITEXT()
postgresql.BIT(), postgresql.BIT(8), postgresql.BIT(8, varying=True), postgresql.BIT(varying=True)
sa.ARRAY(sa.Integer()), postgresql.ARRAY(sa.String(9)), postgresql.ARRAY(sa.Text(), dimensions=2)
sa.Enum("a", "b", name="mood"), postgresql.ENUM("a", name="mood", schema="s", create_type=False)
postgresql.INT4RANGE(), postgresql.TSTZRANGE(), postgresql.OID(), postgresql.MONEY
sa.String().with_variant(postgresql.CITEXT(), "postgresql")
sa.Text().with_variant(sa.String(9), "mysql")
sa.JSON().with_variant(postgresql.JSONB(), "postgresql", "sqlite"), sa.PickleType()
"""
UNKNOWN_TYPES = """
Own(), sa.String(LENGTH), sa.Enum(*VALUES, name="x"), sa.Enum("a", native_enum=False)
sa.String(**x), sa.types.UserDefinedType(), sa.String().evaluate(), x, None
postgresql.INTERVAL(fields="YEAR")
sa.Uuid(native_uuid=False), sa.Enum(Mood, name=prefix("x")), sa.ARRAY(Own())
"""
INDEXES = {
    '["a"]': "a",
    '["a", sa.text("lower(b)")]': "a, lower(b)",
    '["a", sa.text("b DESC NULLS LAST")]': "a, b DESC NULLS LAST",
    '[sa.desc("a")]': "a DESC",
    '[sa.column("a").desc().nulls_last()]': "a DESC NULLS LAST",
    '[sa.func.lower(sa.column("a"))]': "lower(a)",
    '[sa.literal_column("(a || b)")]': "(a || b)",
    '["a"], postgresql_ops={"a": "text_pattern_ops"}': "a text_pattern_ops",
}


def operations(*lines: str) -> list[Operation]:
    engine = Engine(())
    engine.open("b.py", HEAD + "".join(f"    {line}\n" for line in lines))
    engine.work("b.py")
    return engine.operations("b.py")


def listed(text: str) -> list[str]:
    """The expressions of a list over several lines."""
    import ast

    tree = ast.parse(f"[{','.join(text.split(chr(10))[1:-1])}]", mode="eval").body
    assert isinstance(tree, ast.List)
    return [ast.unparse(each) for each in tree.elts]


@pytest.mark.parametrize("source", listed(TYPES))
def test_types_are_those_that_sqlalchemy_writes(source: str) -> None:
    table = sa.Table("t", sa.MetaData(), sa.Column("c", eval(source, dict(NAMES))))
    sql = str(MakeTable(table).compile(dialect=postgresql.dialect()))
    (added, written) = operations(
        f'op.add_column("t", sa.Column("c", {source}))', f"op.execute({sql!r})"
    )
    assert isinstance(added, AddColumn)
    assert isinstance(written, CreateTable)
    assert isinstance(added.column, Column)
    found, expected = added.column.type, written.columns[0].type
    assert found is not UNKNOWN
    assert expected is not UNKNOWN
    sizes = found.arguments == expected.arguments
    # CHAR is CHAR(1), and SQLAlchemy's BIT() is BIT(1).
    assert sizes or (found.arguments == (1,) and not expected.arguments)
    assert (found.name, found.dimensions) == (expected.name, expected.dimensions)
    assert (found.schema, found.collation) == (expected.schema, expected.collation)


@pytest.mark.parametrize("source", ["CIText", "CIText()"])
def test_citext_of_the_package_sqlalchemy_citext(source: str) -> None:
    added = operations("import citext", f'op.add_column("t", sa.Column("c", citext.{source}))')[-1]
    assert isinstance(added, AddColumn)
    assert isinstance(added.column, Column)
    assert added.column.type == ColumnType("citext")


@pytest.mark.parametrize("source", listed(UNKNOWN_TYPES))
def test_other_types_are_unknown(source: str) -> None:
    *_, added = operations(f'op.add_column("t", sa.Column("c", {source}))')
    assert isinstance(added, AddColumn)
    assert isinstance(added.column, Column)
    assert added.column.type is UNKNOWN


@pytest.mark.parametrize(("given", "sql"), INDEXES.items())
def test_keys_of_indexes_are_those_of_the_sql(given: str, sql: str) -> None:
    found, written = operations(
        f'op.create_index("ix", "t", {given})', f'op.execute("CREATE INDEX ix ON t ({sql})")'
    )
    assert isinstance(found, CreateIndex)
    assert isinstance(written, CreateIndex)
    assert found.keys == written.keys
    table = sa.Table("t", sa.MetaData(), *(sa.Column(name, sa.Text) for name in "ab"))
    keys, options = eval(f"(lambda keys, **options: (keys, options))({given})", dict(NAMES))
    index = sa.Index(
        "ix", *(table.c[k] if isinstance(k, str) else k for k in keys), _table=table, **options
    )
    assert sql in str(MakeIndex(index).compile(dialect=postgresql.dialect()))


def test_options_of_indexes_are_those_of_the_sql() -> None:
    found, written = operations(
        'op.create_index("ix", "t", ["a"], unique=True, postgresql_using="BTREE",'
        ' postgresql_include=["b"], postgresql_where=sa.text("c IS   NOT null"),'
        " postgresql_nulls_not_distinct=True)",
        'op.execute("CREATE UNIQUE INDEX ix ON t USING btree (a) INCLUDE (b)'
        ' NULLS NOT DISTINCT WHERE (c is not null)")',
    )
    assert isinstance(found, CreateIndex)
    assert isinstance(written, CreateIndex)
    for name in ("keys", "method", "include", "where", "nulls_not_distinct", "unique"):
        assert getattr(found, name) == getattr(written, name), name
    assert found.where == "c IS NOT NULL"


def test_tables_are_those_of_the_sql() -> None:
    found, written = operations(
        'op.create_table("t", sa.Column("a", sa.BigInteger(), primary_key=True),'
        ' sa.Column("b", sa.String(9), sa.ForeignKey("s.o.id"), nullable=False),'
        ' sa.Column("c", sa.Integer(), sa.Computed("1")),'
        ' sa.UniqueConstraint("a", "b", name=op.f("u")),'
        ' sa.ForeignKeyConstraint(["a", "b"], ["s.x.y", "s.x.z"], name=op.f("f")), schema="s")',
        'op.execute("CREATE TABLE s.t (a bigint PRIMARY KEY, b varchar(9) NOT NULL REFERENCES'
        " s.o (id), c integer GENERATED ALWAYS AS (1) STORED, CONSTRAINT u UNIQUE (a, b),"
        ' CONSTRAINT f FOREIGN KEY (a, b) REFERENCES s.x (y, z))")',
    )
    assert isinstance(found, CreateTable)
    assert isinstance(written, CreateTable)
    assert (found.table, found.schema, found.plain) == (
        written.table,
        written.schema,
        written.plain,
    )
    assert found.unique_keys == written.unique_keys
    assert found.foreign_keys == written.foreign_keys
    for one, other in zip(found.columns, written.columns, strict=True):
        for name in ("name", "type", "nullable", "primary_key", "default", "generated"):
            assert getattr(one, name) == getattr(other, name), (one, name)
        assert [key.target for key in one.foreign_keys] == [k.target for k in other.foreign_keys]
