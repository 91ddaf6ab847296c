"""SQL, by PostgreSQL's own grammar (libpg_query), as far as rules need it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from types import ModuleType
from typing import Any

_LOG = logging.getLogger(__name__)
_LONGEST = 100_000  # characters; a dump of a schema takes long
# Parameters of text() and of drivers, placeholders of templates, what psql reads, data of a COPY.
_NOT_FINAL = re.compile(
    r"(?<![:\w]):\w|%[a-z(]|\?|[{}$\\]|<%|\bcopy\b|\bdelimiter\b|@\w", re.IGNORECASE
)


def columns_of(condition: str, table: str) -> list[str] | None:
    """The distinct columns in a check of a table; None where that is not plain to see."""
    grammar = postgresql()
    # A comment at its end must not take the parenthesis.
    sql = f"ALTER TABLE t ADD CHECK ({condition}\n)"
    parsed = [] if grammar is None else statements(grammar, sql)
    if len(parsed) != 1 or len(parsed[0].stmt.alter_table_stmt.cmds) != 1:
        return None
    found: dict[str, None] = {}
    for reference in _references(parsed[0]):
        *qualifiers, column = (field.string.sval for field in reference.fields)
        if qualifiers not in ([], [table]) or column in ("", table):
            return None  # of another kind: a part of a row, or all of it
        found[column] = None
    return list(found)


@lru_cache(maxsize=4096)
def canonical(condition: str) -> str | None:
    """A condition or expression as PostgreSQL's grammar writes it; None where it is none.

    Two that come out equal mean the same; two that mean the same need not come out equal.
    """
    grammar = postgresql()
    parsed = [] if grammar is None else statements(grammar, f"SELECT ({condition}\n)")
    if grammar is None or len(parsed) != 1 or not parsed[0].stmt.HasField("select_stmt"):
        return None
    targets = parsed[0].stmt.select_stmt.target_list
    return deparsed(grammar, targets[0].res_target.val) if len(targets) == 1 else None


@lru_cache(maxsize=4096)
def conjuncts(condition: str) -> tuple[str, ...]:
    """The conditions that a condition is the AND of, as PostgreSQL's grammar writes them."""
    grammar = postgresql()
    parsed = [] if grammar is None else statements(grammar, f"SELECT ({condition}\n)")
    if grammar is None or len(parsed) != 1:
        return (condition,)
    node = parsed[0].stmt.select_stmt.target_list[0].res_target.val
    if not node.HasField("bool_expr") or node.bool_expr.boolop != grammar.pg_query_pb2.AND_EXPR:
        return (condition,)
    return tuple(deparsed(grammar, each) or condition for each in node.bool_expr.args)


def deparsed(grammar: ModuleType, node: Any) -> str | None:
    """The SQL of an expression's syntax tree, with few parentheses."""
    target = grammar.pg_query_pb2.Node()
    target.res_target.val.CopyFrom(node)
    tree = grammar.pg_query_pb2.ParseResult(version=180004)
    tree.stmts.add().stmt.select_stmt.target_list.append(target)
    tree.stmts[0].stmt.select_stmt.op = grammar.pg_query_pb2.SETOP_NONE
    tree.stmts[0].stmt.select_stmt.limit_option = grammar.pg_query_pb2.LIMIT_OPTION_DEFAULT
    try:
        return str(grammar.deparse(tree)).removeprefix("SELECT ")
    except (grammar.PgQueryError, ValueError):
        return None


def _references(message: Any) -> Iterator[Any]:
    """The references to columns in a syntax tree."""
    if message.DESCRIPTOR.name == "ColumnRef":
        yield message
        return
    for field, value in message.ListFields():
        if field.message_type is not None:
            for item in (value,) if hasattr(value, "DESCRIPTOR") else value:
                yield from _references(item)


def statements(grammar: ModuleType, sql: str) -> Sequence[Any]:
    """The statements of SQL; none where it cannot be parsed."""
    try:
        parsed: Sequence[Any] = grammar.parse(sql).stmts
    except (grammar.PgQueryError, ValueError):  # ValueError: half a surrogate pair
        return ()
    return parsed


@lru_cache(maxsize=4096)
def rejection(sql: str) -> str | None:
    """Why PostgreSQL's grammar refuses SQL, in its own words; None where it does not.

    Nothing is said of what may be no SQL as it stands: what has parameters or placeholders in it,
    commands of psql, data of a COPY.
    """
    if len(sql) > _LONGEST or _NOT_FINAL.search(sql) or (grammar := postgresql()) is None:
        return None
    try:
        grammar.parse(sql)
    except grammar.PgQueryError as error:
        line = sql.count("\n", 0, max(error.cursorpos - 1, 0)) + 1
        return f"{error.message}{f' in its line {line}' if line > 1 else ''}"
    except ValueError:  # half a surrogate pair
        return None
    return None


@cache
def postgresql() -> ModuleType | None:
    """PostgreSQL's grammar; None on a platform for which there is no wheel of it.

    It takes 60 ms to import, and few files hold SQL that matters.
    """
    try:
        import postgast
    except ImportError as error:
        _LOG.warning("SQL in strings is not read: postgast cannot be imported (%s)", error)
        return None
    found: ModuleType = postgast
    return found
