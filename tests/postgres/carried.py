"""Changes of types of columns on which something stands; what is compared of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .catalog import Catalog, catalog
from .databases import Database
from .in_schema import in_schema
from .named import named
from .project import Project, Setup
from .test_expand_contract import expanded

ROWS = 12_000  # more than a batch
HEAD = """import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "{}"
down_revision = "{}"

"""
ITEMS = """
    op.create_table(
        "items",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("order_id", sa.Integer(), sa.ForeignKey("orders.id", ondelete="{}"), {}),
    )
    op.create_index("ix_items_order_id", "items", ["order_id"])
"""
ITEM_ROWS = """
    op.execute("INSERT INTO items (order_id) SELECT n FROM generate_series(1, 12000) AS s(n)")
"""
SERIAL = """
    op.create_table(
        "orders",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("c", sa.Integer()){}
    )
"""
SERIAL_ROWS = """
    op.execute("INSERT INTO orders (c) SELECT n FROM generate_series(1, 12000) AS s(n)")
"""
COLUMN = """
    op.create_table(
        "orders",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("c", {}),
        sa.Column("d", sa.Integer()){}
    )
    op.execute("INSERT INTO orders (c, d) SELECT n, n FROM generate_series(1, 12000) AS s(n)")
"""
KEY = ("orders", "id", "sa.Integer()", "sa.BigInteger()")
C = ("orders", "c", "sa.Integer()", "sa.BigInteger()")


@dataclass(frozen=True)
class Carried:
    """The tables, as upgrade() makes them, and the columns that get another type, all in one."""

    create: str
    changes: tuple[tuple[str, str, str, str], ...] = (C,)

    def revisions(self, setup: Setup) -> tuple[str, str]:
        """The one that makes the tables, and the one that changes them."""
        tables = [name for name in ("more", "items", "orders") if f'"{name}"' in self.create]
        gone = "".join(f'    op.drop_table("{name}")\n' for name in tables)
        create = (
            f"{HEAD.format('b1', 'a1')}\ndef upgrade():{self.create}\n\ndef downgrade():\n{gone}"
        )
        up = [(table, column, old, new) for table, column, old, new in self.changes]
        down = [(table, column, new, old) for table, column, old, new in reversed(up)]
        bodies = ("".join(map(_alteration, each)) for each in (up, down))
        change = "\ndef upgrade():\n{}\n\ndef downgrade():\n{}".format(*bodies)
        both = create, HEAD.format("b2", "b1") + change
        if setup.convention == "named":
            both = named(both[0]), both[1]
        if setup.schema:
            both = in_schema(both[0], setup.schema), in_schema(both[1], setup.schema)
        return both


def _alteration(change: tuple[str, str, str, str]) -> str:
    table, column, old, new = change
    return f'    op.alter_column("{table}", "{column}", existing_type={old}, type_={new})\n'


CASES = {
    "a key with its sequence": Carried(SERIAL.format("") + SERIAL_ROWS, (KEY,)),
    "a key with foreign keys to it": Carried(
        SERIAL.format(
            ', sa.Column("up", sa.Integer(), sa.ForeignKey("orders.id")), sa.Column("x", sa.Text())'
        )
        + ITEMS.format("CASCADE", "nullable=False")
        + '    op.create_table("more", sa.Column("id", sa.BigInteger(), '
        'sa.ForeignKey("orders.id", deferrable=True, initially="DEFERRED"), primary_key=True))'
        + SERIAL_ROWS
        + ITEM_ROWS
        + '    op.execute("INSERT INTO more SELECT id FROM orders")\n',
        (KEY,),
    ),
    "a key with items": Carried(
        SERIAL.format("") + ITEMS.format("CASCADE", "nullable=False") + SERIAL_ROWS + ITEM_ROWS,
        (KEY,),
    ),
    "an identity key with items": Carried(
        SERIAL.replace("sa.Integer(), primary", "sa.Integer(), sa.Identity(), primary").format("")
        + ITEMS.format("CASCADE", "nullable=False")
        + SERIAL_ROWS
        + ITEM_ROWS,
        (KEY,),
    ),
    "an identity column": Carried(
        COLUMN.format("sa.Integer(), sa.Identity(always=True), nullable=False", "").replace(
            "(c, d) SELECT n, n", "(id, d) SELECT n, n"
        )
    ),
    "a foreign key": Carried(
        SERIAL.format("") + ITEMS.format("SET NULL", "") + SERIAL_ROWS + ITEM_ROWS,
        (("items", "order_id", "sa.Integer()", "sa.BigInteger()"),),
    ),
    "a key and what refers to it": Carried(
        SERIAL.format("") + ITEMS.format("CASCADE", "nullable=False") + SERIAL_ROWS + ITEM_ROWS,
        (KEY, ("items", "order_id", "sa.Integer()", "sa.BigInteger()")),
    ),
    "what refers to a key, and the key": Carried(
        SERIAL.format("") + ITEMS.format("CASCADE", "nullable=False") + SERIAL_ROWS + ITEM_ROWS,
        (("items", "order_id", "sa.Integer()", "sa.BigInteger()"), KEY),
    ),
    "a default": Carried(COLUMN.format('sa.Integer(), server_default="7", nullable=False', "")),
    "a default that is computed": Carried(
        COLUMN.format('sa.Integer(), server_default=sa.text("(2 + 3) * 4")', "")
    ),
    "a unique constraint, and a key to it": Carried(
        COLUMN.format("sa.Integer(), unique=True", "")
        + '    op.create_table("more", sa.Column("id", sa.Integer(), primary_key=True), '
        'sa.Column("of", sa.Integer(), sa.ForeignKey("orders.c", onupdate="CASCADE")))\n'
    ),
    "unique indexes": Carried(
        COLUMN.format("sa.Integer(), nullable=False, unique=True, index=True", "")
        + '    op.create_index("uq_orders_d_c", "orders", ["d", "c"], unique=True)\n'
    ),
    "checks": Carried(
        COLUMN.format(
            "sa.Integer(), sa.CheckConstraint('c > 0')",
            ", sa.CheckConstraint('c <= d', name='c_d')",
        )
    ),
    "a key of several columns": Carried(
        """
    op.create_table(
        "orders",
        sa.Column("at", sa.Text(), primary_key=True),
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("c", sa.Integer(), unique=True),
    )
    op.execute(
        "INSERT INTO orders SELECT 'v' || n / 3, n % 3, n FROM generate_series(1, 12000) AS s(n)"
    )
"""
    ),
    "one column of a key, and a key to it": Carried(
        """
    op.create_table(
        "orders",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("c", sa.Integer(), primary_key=True),
        sa.Column("d", sa.Integer()),
        sa.UniqueConstraint("c", "d"),
    )
    op.create_table(
        "items",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("order_id", sa.BigInteger()),
        sa.Column("c", sa.Integer()),
        sa.ForeignKeyConstraint(["order_id", "c"], ["orders.id", "orders.c"], ondelete="CASCADE"),
    )
    op.execute("INSERT INTO orders SELECT n / 3, n, n FROM generate_series(1, 12000) AS s(n)")
    op.execute("INSERT INTO items (order_id, c) SELECT id, c FROM orders")
"""
    ),
    "text with all of it": Carried(
        COLUMN.format(
            "sa.String(50), sa.CheckConstraint(\"c <> ''\", name='ck_c'), "
            "server_default='it\\'s', unique=True",
            "",
        ),
        (("orders", "c", "sa.String(50)", "sa.String(20)"),),
    ),
}
TABLES = ("orders", "items", "more")


def left(database: Database) -> Catalog:
    """What is there, without Alembic's own and the revisions around it."""
    found = catalog(database.connection)
    return {
        what: like
        for what, like in found.items()
        if "alembic_version" not in what and "of_" not in what
    }


def without_old(found: Catalog) -> Catalog:
    """What is there, without the old columns and what stands on them."""
    return {what: like for what, like in found.items() if not what.strip('"').endswith("_old")}


def emptied(database: Database, setup: Setup) -> None:
    """A database with nothing but the setup's schema."""
    database.reset(f"CREATE SCHEMA {setup.schema}" if setup.schema else "")


def rows(database: Database, schema: str | None = None) -> list[tuple[Any, ...]]:
    """All tables' rows, as far as they are no one's old column."""
    found = []
    for table in TABLES:
        name = f"{schema}.{table}" if schema else table
        columns = database.connection.execute(
            "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attname) FROM pg_attribute "
            "WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped "
            "AND attname !~ '_(old|new)$'",
            (name,),
        ).fetchone()
        if columns and columns[0]:
            sql = f"SELECT count(*), sum(hashtext(ROW({columns[0]})::text)) FROM {name}"
            found += database.connection.execute(sql).fetchall()  # type: ignore[call-overload]
    return found


def plain(project: Project, database: Database, revisions: tuple[str, str]) -> Catalog:
    """What the plain change leaves."""
    project.write({"b1.py": revisions[0], "b2.py": revisions[1]}, last=False)
    emptied(database, project.setup)
    project.upgrade()
    return left(database)


def expanded_all(project: Project, create: str, change: str) -> None:
    """Apply the fix to each change of the migration."""
    path = project.versions / "b2.py"
    expanded(project, create, change)
    while "alter_column" in path.read_text():
        expanded(project, create, path.read_text(), more=True)


def without_types(found: Catalog) -> Catalog:
    """What is there, but for the types of sequences, which a plain change does not widen."""
    return {
        what: like.partition(", ")[2] if what.startswith("sequence ") else like
        for what, like in found.items()
    }
