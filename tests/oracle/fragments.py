"""What the generated migrations are put together from."""

from __future__ import annotations

# The import, and how op, its context and a bare function are then written.
IMPORTS = (
    ("from alembic import op", "op."),
    ("from alembic import context, op", "op."),
    ("from alembic import op as o", "o."),
    ("import alembic", "alembic.op."),
    ("import alembic.op as migrate", "migrate."),
    (
        "from alembic.op import add_column, batch_alter_table, create_index, create_table\n"
        "from alembic.op import drop_column, drop_index, drop_table, execute, f, get_bind\n"
        "from alembic.op import get_context",
        "",
    ),
)

CONSTANTS = """
TABLE = "users"
SCHEMA: str | None = "crm"
PREFIX = "ix_" + TABLE
COLUMNS = ("email", "name")
PAIRS = [("users", "email"), ("teams", "name")]
BY_TABLE = {"users": "email", TABLE + "_old": "name"}
OPTIONS = {"unique": True}
SAFE = {"postgresql_concurrently": True}
YES, NO = True, not True
"""

CONDITIONS = (
    '{op}get_bind().dialect.name == "postgresql"',
    '{op}get_bind().dialect.name != "postgresql"',
    '{op}get_context().dialect.name in ("mysql", "sqlite")',
    '"postgresql" not in [{op}get_bind().dialect.name]',
    '{op}get_bind().dialect.name.startswith("postgres")',
    'not {op}get_bind().dialect.name.startswith("sqlite")',
    "is_sqlite()",
    "not is_sqlite()",
    'os.environ.get("ONLINE")',
    'os.environ.get("ONLINE") and is_sqlite()',
    'os.environ.get("ONLINE") or not is_sqlite()',
    'is_sqlite() or os.environ.get("ONLINE")',
)

LOOPS = (
    ("column", "COLUMNS", ("column",)),
    ("column", '["email", "name"]', ("column",)),
    ("table, column", "PAIRS", ("column", "table")),
    ("(table, column)", '(("users", "email"), ("orders", "total"))', ("column", "table")),
    ("table, column", "BY_TABLE.items()", ("column", "table")),
    ("table", "BY_TABLE", ("table",)),
    ("number, column", "enumerate(COLUMNS)", ("column",)),
    ("table, column", "zip([TABLE, 'teams'], COLUMNS)", ("column", "table")),
    ("column", "sorted(COLUMNS)", ("column",)),
    ("column", 'read_columns("users")', ("column",)),
)
