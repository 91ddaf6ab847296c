"""What a statement of SQL does to the transaction, and to what the statements before it made."""

from __future__ import annotations

import re
from types import ModuleType
from typing import Any, Literal

Transaction = Literal["begins", "ends"]

_FIRST_WORDS = re.compile(
    r"\s*(?:(?P<ends>commit|end|abort|rollback(?!\s+(?:(?:work|transaction)\s+)?to\b))"
    r"|begin|start\s+transaction)\b(?!\s+prepared)",
    re.IGNORECASE,
)
# Statements that take away nothing of what is there.
_ADD_ONLY = frozenset(
    (
        "comment_stmt",
        "create_enum_stmt",
        "create_seq_stmt",
        "create_stmt",
        "delete_stmt",
        "index_stmt",
        "insert_stmt",
        "update_stmt",
    )
)


def transaction_in(grammar: ModuleType, node: Any) -> Transaction | None:
    """What a TransactionStmt does; None for savepoints and two-phase commits."""
    names = grammar.pg_query_pb2
    found: dict[Any, Transaction] = {
        names.TRANS_STMT_BEGIN: "begins",
        names.TRANS_STMT_START: "begins",
        names.TRANS_STMT_COMMIT: "begins" if node.chain else "ends",
        names.TRANS_STMT_ROLLBACK: "begins" if node.chain else "ends",
    }
    return found.get(node.kind)


def transaction_of(sql: str) -> Transaction | None:
    """The same of the first words of SQL, where there is no grammar."""
    found = _FIRST_WORDS.match(sql)
    if found is None:
        return None
    return "ends" if found["ends"] else "begins"


def adds_only(grammar: ModuleType, statement: Any) -> bool:
    """Whether a statement surely leaves tables, columns and constraints as they are."""
    kind = statement.stmt.WhichOneof("node")
    if kind != "alter_table_stmt":
        return kind in _ADD_ONLY
    names = grammar.pg_query_pb2
    commands = (each.alter_table_cmd for each in statement.stmt.alter_table_stmt.cmds)
    return all(each.subtype in (names.AT_AddConstraint, names.AT_AddColumn) for each in commands)
