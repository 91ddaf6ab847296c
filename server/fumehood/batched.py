"""The SQL that fills a column, batch by batch, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Sequence

_BATCH = 10_000  # rows


def batched(table: str, keys: Sequence[str], key_type: str, value: str, new: str) -> str:
    """A block that sets `value` in the rows where `new` is NULL, in the order of the primary key.

    All are SQL; `key_type` is that of the first key.
    """
    if len(keys) > 1:
        return _by_several(table, keys, value, new)
    (key,) = keys
    return f"""
        DO $$
        DECLARE
            first_key {key_type};
            last_key {key_type};
        BEGIN
            first_key := (SELECT {key} FROM {table} ORDER BY {key} LIMIT 1);
            WHILE first_key IS NOT NULL LOOP
                last_key := (
                    SELECT {key} FROM (
                        SELECT {key} FROM {table}
                        WHERE {key} >= first_key ORDER BY {key} LIMIT {_BATCH}
                    ) AS batch
                    ORDER BY {key} DESC LIMIT 1
                );
                UPDATE {table} SET {value}
                WHERE {key} BETWEEN first_key AND last_key AND {new} IS NULL;
                COMMIT;
                first_key := (
                    SELECT {key} FROM {table}
                    WHERE {key} > last_key ORDER BY {key} LIMIT 1
                );
            END LOOP;
        END $$
        """


def _by_several(table: str, keys: Sequence[str], value: str, new: str) -> str:
    """The same by several keys: rows are compared as the index of the primary key has them."""
    key = ", ".join(keys)
    first, last = (", ".join(f"{end}_key.{each}" for each in keys) for end in ("first", "last"))
    descending = ", ".join(f"{each} DESC" for each in keys)
    return f"""
        DO $$
        DECLARE
            first_key record;
            last_key record;
        BEGIN
            SELECT {key} INTO first_key FROM {table} ORDER BY {key} LIMIT 1;
            WHILE FOUND LOOP
                SELECT {key} INTO last_key FROM (
                    SELECT {key} FROM {table}
                    WHERE ({key}) >= ({first}) ORDER BY {key} LIMIT {_BATCH}
                ) AS batch
                ORDER BY {descending} LIMIT 1;
                UPDATE {table} SET {value}
                WHERE ({key}) >= ({first}) AND ({key}) <= ({last}) AND {new} IS NULL;
                COMMIT;
                SELECT {key} INTO first_key FROM {table}
                WHERE ({key}) > ({last}) ORDER BY {key} LIMIT 1;
            END LOOP;
        END $$
        """
