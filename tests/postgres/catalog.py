"""What a database holds, as a mapping that can be compared."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

Catalog = dict[str, str]  # "index public.ix_users_email" -> what it is like

_OURS = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
_NEW = "oid >= 16384"  # of what came after initdb, which an index finds

# Each gives two columns: what, and what it is like. OIDs, sizes and statistics are left out, and so
# are the order of a table's columns and the names that PostgreSQL 18 gives to NOT NULL.
_QUERIES = (
    f"""
    SELECT format('table %I.%I', n.nspname, c.relname),
        format('kind %s, persistence %s, replica identity %s, options %s',
            c.relkind, c.relpersistence, c.relreplident, c.reloptions)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind NOT IN ('i', 'I', 't', 'c') AND c.{_NEW} AND {_OURS}
    """,
    f"""
    SELECT format('column %I.%I.%I', n.nspname, c.relname, a.attname),
        format('%s%s, default %s, identity %s, generated %s, collation %s',
            format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN ' NOT NULL' END,
            pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated,
            a.attcollation::regcollation)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm')
        AND c.{_NEW} AND a.attrelid >= 16384 AND {_OURS}
    """,
    f"""
    SELECT format('index %I.%I', n.nspname, c.relname),
        format('%s%s, replica identity %s, clustered %s', pg_get_indexdef(c.oid),
            CASE WHEN NOT (i.indisvalid AND i.indisready AND i.indislive) THEN ' INVALID' END,
            i.indisreplident, i.indisclustered)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('i', 'I') AND c.{_NEW} AND {_OURS}
    """,
    f"""
    SELECT format('constraint %s %I', k.conrelid::regclass, k.conname),
        format('%s, index %s', pg_get_constraintdef(k.oid),
            (SELECT relname FROM pg_class WHERE oid = k.conindid))
    FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
    WHERE k.conrelid <> 0 AND k.contype <> 'n' AND k.{_NEW} AND {_OURS}
    """,
    f"""
    SELECT format('trigger %s %I', t.tgrelid::regclass, t.tgname), pg_get_triggerdef(t.oid)
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE NOT t.tgisinternal AND t.{_NEW} AND {_OURS}
    """,
    f"""
    SELECT format('function %s', p.oid::regprocedure), p.prosrc
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE p.{_NEW} AND {_OURS} AND NOT EXISTS
        (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    """,
    f"""
    SELECT format('sequence %I.%I', n.nspname, c.relname),
        format('%s, owned by %s', format_type(s.seqtypid, NULL), d.refobjid::regclass
            || '.' || (SELECT attname FROM pg_attribute
                WHERE attrelid = d.refobjid AND attnum = d.refobjsubid))
    FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_depend d ON d.objid = c.oid AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
    WHERE c.{_NEW} AND {_OURS}
    """,
    f"""
    SELECT format('enum %s', t.oid::regtype),
        string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder)
    FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid
    JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE t.{_NEW} AND {_OURS} GROUP BY t.oid
    """,
)
_QUERY = " UNION ALL ".join(f"({query})" for query in _QUERIES)


def catalog(connection: psycopg.Connection) -> Catalog:
    """All tables, columns, indexes, constraints, triggers, functions, sequences and enums."""
    rows = connection.execute(_QUERY, prepare=True)
    return {str(what): str(like) for what, like in rows}


def difference(expected: Catalog, found: Catalog) -> list[str]:
    """What distinguishes two catalogs, a line for each."""
    lines = []
    for what in sorted({*expected, *found}):
        one, other = expected.get(what), found.get(what)
        if one != other:
            lines.append(f"{what}: expected {one or 'none'}; found {other or 'none'}")
    return lines


def unfinished(found: Catalog) -> list[str]:
    """Indexes that are invalid, and constraints that are not validated."""
    return [what for what, like in found.items() if " INVALID" in like or "NOT VALID" in like]


def undoing(before: Catalog, after: Catalog) -> list[str]:
    """SQL that makes `before` of `after` again, by the names that are there.

    What is gone with its rows (a column, a table) stays so.
    """
    new = {
        kind: [what for what in after if what.startswith(kind) and what not in before]
        for kind in _KINDS
    }
    old_table = {what[6:] for what in before if what.startswith("table ")}
    sql = []
    for what in sorted(new["constraint "], key=lambda what: "FOREIGN KEY" not in after[what]):
        table, _, constraint = what[11:].partition(" ")
        if _full(table) in old_table:
            sql.append(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
    owned = {like.rpartition(", index ")[2] for like in after.values()}
    for what in new["index "]:
        if what.rpartition(".")[2].strip('"') not in owned:
            sql.append(f"DROP INDEX {what[6:]}")
    for what in new["column "]:
        table, _, column = what[7:].rpartition(".")
        if table in old_table:
            sql.append(f"ALTER TABLE {table} DROP COLUMN {column}")
    sql += [f"DROP TABLE {what[6:]} CASCADE" for what in new["table "]]
    return [*sql, *_restoring(before, after)]


_KINDS = ("constraint ", "index ", "column ", "table ")


def _restoring(before: Catalog, after: Catalog) -> Iterator[str]:
    gone = {what: like for what, like in before.items() if what not in after}
    for what, like in gone.items():
        if what.startswith("constraint "):
            table, _, constraint = what[11:].partition(" ")
            definition, _, _ = like.rpartition(", index ")
            yield f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {definition}"
    owned = {like.rpartition(", index ")[2] for like in before.values()}
    for what, like in gone.items():
        if what.startswith("index ") and what.rpartition(".")[2].strip('"') not in owned:
            yield like.partition(", replica identity ")[0]


def _full(table: str) -> str:
    return table if "." in table else f"public.{table}"
