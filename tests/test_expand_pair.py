"""When a column of a type that old statements cannot use is offered beside the old one."""

from __future__ import annotations

import pytest

from fumehood import pages
from fumehood.engine import Action
from tests.test_expand_contract import (
    DOWN,
    DOWN_ENUM,
    INDEX,
    MOOD,
    PLAIN,
    UP,
    UP_ENUM,
    changing,
    offered,
)

TEXT = PLAIN.replace('"c", sa.Integer()', '"c", sa.Text()')
ENUM = PLAIN.replace('"c", sa.Integer()', f'"c", {MOOD}')
TO_BOOLEAN = (
    UP.replace("sa.BigInteger()", "sa.Boolean()")[:-1] + ', postgresql_using="c <> 0")',
    DOWN.replace("sa.BigInteger()", "sa.Boolean()")[:-1] + ', postgresql_using="c::integer")',
)


def kept(up: tuple[str, ...], down: tuple[str, ...], *earlier: str) -> list[Action]:
    return offered(changing(up, down), *earlier, title="keep both")


def test_both_are_kept() -> None:
    (action,) = kept((UP_ENUM,), (DOWN_ENUM,), TEXT, INDEX.format('["c"]'))
    assert not action.safe
    up, down = (each.text for each in action.edits)
    assert "ADD COLUMN c_new mood" in up
    assert "(SELECT c::mood FROM (SELECT NEW.c AS c) AS t)" in up
    assert "(SELECT c::text FROM (SELECT NEW.c_new AS c) AS t)" in up
    assert "DROP COLUMN c_new" in down
    (fill,) = (each.text for each in action.creates)
    assert "UPDATE t SET c_new = c::mood" in fill
    assert "CREATE INDEX CONCURRENTLY ix_new ON t (c_new)" in fill
    assert "ALTER COLUMN c_new SET NOT NULL" in fill
    assert "RENAME" not in fill


def test_a_cast_that_is_not_needed_is_not_written() -> None:
    down = DOWN_ENUM.replace(', postgresql_using="c::text"', "")
    (action,) = kept((UP_ENUM,), (down,), TEXT)
    assert "NEW.c := NEW.c_new;" in action.edits[0].text


OTHER_USING = UP_ENUM.replace("c::mood", "coalesce(c, d)::mood")
WHY = {
    "types that are swapped": ((UP,), (DOWN,), "can be swapped", PLAIN),
    "no way there": (
        (UP_ENUM.replace(', postgresql_using="c::mood"', ""),),
        (DOWN_ENUM,),
        "no way there and back",
        TEXT,
    ),
    "no way back": (
        (DOWN_ENUM,),
        (UP_ENUM.replace(', postgresql_using="c::mood"', ""),),
        "no way there and back",
        ENUM,
    ),
    "values of other columns": ((OTHER_USING,), (DOWN_ENUM,), "more than the column", TEXT),
    "an enum that is dropped behind": (
        (DOWN_ENUM, 'op.execute("DROP TYPE mood")'),
        (UP_ENUM,),
        "the old type may be dropped",
        ENUM,
    ),
    "an enum that another call may drop": (
        (DOWN_ENUM, f"{MOOD}.drop(op.get_bind())"),
        (UP_ENUM,),
        "the old type may be dropped",
        ENUM,
    ),
    "values without equality": (
        (UP_ENUM.replace("sa.Text()", "sa.JSON()"),),
        (DOWN_ENUM.replace("sa.Text()", "sa.JSON()").replace("c::text", "to_json(c)"),),
        "cannot be told",
        TEXT.replace("sa.Text()", "sa.JSON()"),
    ),
    "a check": (*((each,) for each in TO_BOOLEAN), "a check on it", PLAIN, "CHECK"),
    "a foreign key": (
        *((each,) for each in TO_BOOLEAN),
        "a foreign key",
        TEXT.replace('"c", sa.Text()', '"c", sa.Integer(), sa.ForeignKey("u.id")'),
    ),
    "the primary key": (
        *(
            (
                each.replace('"t", "c"', '"t", "id"')
                .replace("c <> 0", "id <> 0")
                .replace("c::", "id::"),
            )
            for each in TO_BOOLEAN
        ),
        "gives it its values",
        'op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True))',
    ),
    "one column of the primary key": (
        *((each,) for each in TO_BOOLEAN),
        "it is the primary key",
        'op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True), '
        'sa.Column("c", sa.Integer(), primary_key=True))',
    ),
}


@pytest.mark.parametrize("case", WHY)
def test_refused(case: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "fumehood.made")
    up, down, why, *earlier = WHY[case]
    check = 'op.create_check_constraint("ck", "t", "c > 0")'
    assert not kept(up, down, *(check if each == "CHECK" else each for each in earlier))
    assert why in caplog.text


def test_one_of_both_ways_is_offered() -> None:
    assert not offered(changing((UP_ENUM,), (DOWN_ENUM,)), TEXT)
    assert len(kept((UP_ENUM,), (DOWN_ENUM,), TEXT)) == 1


def test_an_enum_of_the_same_name_is_not_swapped() -> None:
    up = UP_ENUM.replace("sa.Text()", MOOD).replace("c::mood", "c::text::mood")
    assert not offered(changing((up, 'op.execute("DROP TYPE mood_old")'), (up,)), ENUM)
    assert not kept((up, 'op.execute("DROP TYPE mood_old")'), (up,), ENUM)


def test_the_default_is_spoken_of() -> None:
    earlier = TEXT.replace('"c", sa.Text()', '"c", sa.Text(), server_default="x"')
    (action,) = kept((UP_ENUM,), (DOWN_ENUM,), earlier)
    assert "give c_new its default" in action.creates[0].text


def test_the_page_shows_what_is_written() -> None:
    status = [
        each.replace('"t", "c"', '"orders", "status"')
        .replace("c::", "status::")
        .replace("mood", "state")
        for each in (UP_ENUM, DOWN_ENUM)
    ]
    earlier = TEXT.replace('"t"', '"orders"').replace('"c"', '"status"')
    (action,) = kept((status[0],), (status[1],), earlier)
    shown = pages.page("change-column-type")
    assert action.edits[0].text in shown
    fill = action.creates[0].text
    assert fill[fill.index('        op.execute(\n            "ALTER TABLE') :] in shown
