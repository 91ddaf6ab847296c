"""What the tests in editors type and expect; printed as JSON for those in other languages."""

from __future__ import annotations

import json
from typing import Final

RULE: Final = "only-concurrent-indexes"
QUERY_RULE: Final = "verify-query-patterns-are-indexed"

# A migration that the tests write; nobody must take it for a part of the example's history.
NEW: Final = "6f2d9b1c0e44_notes.py"
HEADER: Final = '''"""Notes of orders."""

from alembic import op

revision = "6f2d9b1c0e44"
down_revision = "e17a3c5f902b"


def upgrade() -> None:
'''
FOOTER: Final = """

def downgrade() -> None:
    pass
"""
EMPTY: Final = "    pass\n"

# ü is one character, two bytes; editors count columns in either.
INDEX: Final = '    op.create_index("ix_orders_note_ü", "orders", ["note"])\n'
FIXED: Final = """    with op.get_context().autocommit_block():
        op.create_index(
            "ix_orders_note_ü", "orders", ["note"], postgresql_concurrently=True
        )
"""
BEHIND: Final = '    note = "ü"; op.create_index("ix_orders_note", "orders", ["note"])\n'
FIX: Final = "Run it concurrently, outside the transaction"
IGNORE: Final = f"Ignore {RULE} here"
IGNORED: Final = f"    # fumehood: ignore[{RULE}]\n"
OFFERED: Final = [
    FIX,
    "Run it concurrently, re-runnable after a failed build",
    IGNORE,
    f"Ignore {RULE} in this file",
    "Start checking after this revision (6f2d9b1c0e44)",
    f"Show documentation of {RULE}",
]
TITLE: Final = "Build and drop indexes without blocking writes"
EFFECT: Final = "SHARE lock: every INSERT, UPDATE and DELETE"

# What a migration alone cannot become: its second half is for a revision of its own.
KEY: Final = """    op.create_foreign_key(
        "fk_orders_customers", "orders", "customers", ["customer_id"], ["id"]
    )
"""
KEY_NOT_VALID: Final = """    op.create_foreign_key(
        "fk_orders_customers",
        "orders",
        "customers",
        ["customer_id"],
        ["id"],
        postgresql_not_valid=True,
    )
"""
FOLLOW_UP: Final = "Add it NOT VALID, then validate it in a follow-up revision"

QUERIES: Final = """from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Product


def called(session: Session, name: str) -> list[Product]:
    return list(session.scalars(select(Product).where(Product.name == name)))
"""
IN_MODEL: Final = "Give Product the index in models.py"
# In the model of the products: a name that a supplier stands behind.
COLUMN: Final = "name: Mapped[str] = mapped_column(String(200))\n    supplier"
INDEXED: Final = COLUMN.replace("))", "), index=True)")
# And an index that, on another column, would serve the query.
OF_PRICE: Final = 'Index("ix_products_price", "price")'
OF_NAME: Final = 'Index("ix_products_name", "name")'


def all_texts() -> dict[str, object]:
    """Each of the above by its name."""
    return {name: value for name, value in globals().items() if name.isupper()}


if __name__ == "__main__":
    print(json.dumps(all_texts()))
