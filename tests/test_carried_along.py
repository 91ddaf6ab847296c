"""What stands on a column goes along when its type is changed over several revisions."""

from __future__ import annotations

import pytest

from tests.test_expand_contract import (
    CREATE,
    DOWN,
    ID,
    INDEX,
    PLAIN,
    UP,
    WITH_C,
    changing,
    offered,
)


def created(up: str, down: str, *earlier: str) -> list[str]:
    """The texts of the revisions that come behind: to fill, to swap, to validate."""
    (action,) = offered(changing((up,), (down,)), *earlier)
    return [each.text for each in action.creates]


def test_a_key_goes_along_with_its_sequence_and_the_keys_to_it() -> None:
    tables = 'op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True))'
    other = 'op.create_table("u", sa.Column("t_id", sa.ForeignKey("t.id", ondelete="CASCADE")))'
    fill, swap, validate = created(*ID, tables, other)
    assert "ALTER SEQUENCE t_id_seq AS bigint OWNED BY t.id_new" in fill
    assert "ALTER SEQUENCE t_id_seq AS integer OWNED BY t.id" in fill
    assert "LOCK TABLE t, u IN ACCESS EXCLUSIVE MODE" in swap
    assert "ADD CONSTRAINT t_pkey PRIMARY KEY USING INDEX t_pkey_new" in swap
    key = "FOREIGN KEY (t_id) REFERENCES t (id) ON DELETE CASCADE NOT VALID"
    assert f"ADD CONSTRAINT u_t_id_fkey {key}" in swap
    assert "ALTER TABLE u VALIDATE CONSTRAINT u_t_id_fkey" in validate


def test_both_ends_are_locked_at_once() -> None:
    items = UP.replace('"t", "c"', '"u", "t_id"'), DOWN.replace('"t", "c"', '"u", "t_id"')
    tables = 'op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True))'
    other = (
        'op.create_table("u", sa.Column("id", sa.Integer(), primary_key=True), '
        'sa.Column("t_id", sa.Integer(), sa.ForeignKey("t.id")))'
    )
    action, _ = offered(changing((ID[0], items[0]), (items[1], ID[1])), tables, other)
    up, down = (each.text for each in action.edits)
    lock = 'op.execute("LOCK TABLE t, u IN ACCESS EXCLUSIVE MODE")'
    assert up.index("lock_timeout = '450ms'") < up.index(lock) < up.index("ALTER TABLE")
    assert down.index(lock) < down.index("DROP TRIGGER")
    (alone,) = offered(changing((ID[0],), (ID[1],)), tables, other)
    assert not any("LOCK" in each.text for each in alone.edits)


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        ('op.create_table("t", sa.Column("id", sa.Integer(), {}, primary_key=True))', "ALWAYS"),
        ('op.create_table("t", sa.Column("id", sa.Integer(), {}, primary_key=True))', "BY DEFAULT"),
        (
            'op.execute("CREATE TABLE t (id integer GENERATED {} AS IDENTITY PRIMARY KEY)")',
            "ALWAYS",
        ),
    ],
)
def test_an_identity_column_goes_along(made: str, kind: str) -> None:
    said = f"sa.Identity(always={kind == 'ALWAYS'})" if "Column" in made else kind
    _, swap = created(*ID, made.format(said))
    up, down = swap.split("def downgrade")
    add = f"ALTER COLUMN id ADD GENERATED {kind} AS IDENTITY (SEQUENCE NAME t_id_seq)"
    value = "SELECT setval('t_id_seq', last_value, is_called) FROM t_id_seq_aside"
    assert up.index("RENAME TO t_id_seq_aside") < up.index(add) < up.index(value)
    assert up.index(value) < up.index("ALTER COLUMN id_old DROP IDENTITY")
    assert down.index(add) < down.index("ALTER COLUMN id_new DROP IDENTITY")
    assert "DEFAULT nextval" not in swap


def test_a_key_by_hand_has_no_sequence() -> None:
    fill, _ = created(
        *ID,
        'op.create_table("t", '
        'sa.Column("id", sa.Integer(), autoincrement=False, primary_key=True))',
    )
    assert "SEQUENCE" not in fill


@pytest.mark.parametrize(
    ("default", "sql"),
    [
        ('"7"', "7"),
        ('"-1.5"', "-1.5"),
        ("sa.text(\"nextval('s')\")", "nextval('s')"),
        ("sa.func.now()", "now()"),
    ],
)
def test_a_default_goes_along(default: str, sql: str) -> None:
    earlier = CREATE.format(WITH_C.format(f"server_default={default}"))
    _, swap = created(UP, DOWN, earlier)
    assert f'ALTER COLUMN c SET DEFAULT {sql}"' in swap
    assert "ALTER COLUMN c_old DROP DEFAULT" in swap


def test_a_later_default_counts() -> None:
    later = 'op.alter_column("t", "c", server_default=sa.text("3"))'
    _, swap = created(UP, DOWN, PLAIN, later)
    assert "ALTER COLUMN c SET DEFAULT 3" in swap
    _, swap = created(UP, DOWN, PLAIN, later, 'op.execute("ALTER TABLE t ALTER c DROP DEFAULT")')
    assert "DEFAULT" not in swap


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE VIEW v AS SELECT d FROM t",
        "CREATE VIEW v AS SELECT c FROM u",
        "CREATE TRIGGER g BEFORE UPDATE ON t EXECUTE FUNCTION f()",
        "INSERT INTO t (c) SELECT 1 AS view",
    ],
)
def test_what_does_not_hold_on_to_the_column(sql: str) -> None:
    assert len(offered(changing(), PLAIN, f"op.execute({sql!r})")) == 1


def test_unique_ones_go_along() -> None:
    fill, swap = created(
        UP,
        DOWN,
        PLAIN,
        INDEX.format('["c", "d"], unique=True'),
        'op.create_unique_constraint("uq", "t", ["c"])',
    )
    assert "CREATE UNIQUE INDEX CONCURRENTLY ix_new ON t (c_new, d)" in fill
    assert "ADD CONSTRAINT uq_new UNIQUE USING INDEX uq_new" in fill
    assert "RENAME CONSTRAINT uq TO uq_old" in swap
    assert "SET c_old = NULL WHERE" in swap


def test_checks_are_made_anew() -> None:
    _, swap, validate = created(UP, DOWN, PLAIN, 'op.create_check_constraint("ck", "t", "c > d")')
    assert "ADD CONSTRAINT ck CHECK (c > d) NOT VALID" in swap
    assert "ALTER TABLE t VALIDATE CONSTRAINT ck" in validate
