"""A new revision's file: in the manner of the one before, under the name that Alembic gives."""

from __future__ import annotations

import ast
from dataclasses import replace

import pytest

from fumehood.head import Head, NoHeadError
from fumehood.revision_name import file_name, new_date, new_id, slug
from fumehood.revision_text import NewRevision, revision_text
from fumehood.revisions import Revision, revision_of
from tests.page_cases import HEAD

HEADS = {
    "generic": '''\
"""${message}

Revision ID: b2
Revises: a1
Create Date: 2024-02-29 23:59:30.123456

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa
import mine


# revision identifiers, used by Alembic.
revision: str = 'b2'
down_revision: Union[str, Sequence[str], None] = ('a1', 'a0')
branch_labels: Union[str, Sequence[str], None] = ('label',)
depends_on: Union[str, Sequence[str], None] = 'z'

NAMES = ["x"]


def upgrade() -> None:
    """Upgrade schema."""
    pass


def downgrade() -> None:
    """Downgrade schema."""
    pass
''',
    "bare": """\
# Copyright: all of us
# -*- coding: latin-1 -*-

# fumehood: ignore-file[split-foreign-key]

import logging
from alembic import op

# these are for Alembic
revision = "b2"
down_revision = "a1"

# a logger
log = logging.getLogger(__name__)


@later
def upgrade():
\tpass
""",
    "labels first": '''\
"""
Revision ID: b2
Revises:
Create Date: 2024-02-29T23:59:30+02:00
"""
from __future__ import annotations

import typing as t

import sqlalchemy as sa
from alembic import op

revision: t.Optional[str] = "b2"
down_revision: t.Optional[str] = None


def upgrade() -> None: pass
def downgrade() -> None: pass
''',
}

NEW = {
    "generic": '''\
"""Do it

Revision ID: c3
Revises: b2
Create Date: 2024-03-01 00:00:30.123456

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision: str = 'c3'
down_revision: Union[str, Sequence[str], None] = 'b2'
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    """Upgrade schema."""
    up()


def downgrade() -> None:
    """Downgrade schema."""
    down()
''',
    "bare": """\
# Copyright: all of us

from alembic import op

# these are for Alembic
revision = "c3"
down_revision = "b2"


def upgrade():
    up()


def downgrade():
    down()
""",
    "labels first": '''\
"""
Revision ID: c3
Revises: b2
Create Date: 2024-03-01 00:00:30+02:00
"""
from __future__ import annotations

import typing as t

import sqlalchemy as sa
from alembic import op

revision: t.Optional[str] = "c3"
down_revision: t.Optional[str] = "b2"


def upgrade() -> None:
    up()


def downgrade() -> None:
    down()
''',
}


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("name", HEADS)
def test_the_manner_of_the_one_before(name: str, ends: str) -> None:
    head = Head("b2", "/v/b2_x.py", HEADS[name].replace("\n", ends), "/v")
    up, down = f"    up(){ends}", f"    down(){ends}"
    new = NewRevision("c3", "Do it", new_date(head), up, down)
    text = revision_text(head, new)
    assert text == NEW[name].replace("\n", ends)
    assert revision_of(text) == Revision("c3", down=("b2",))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"""x"""', '"""It is """'),
        ("'''x\n'''", "'''It is \n'''"),
        ('"x"', '"It is "'),
        ('"""\nx\n\nmore\n"""', '"""\nIt is \n"""'),
        (
            '"""x\n\nmore\n\nRevises: a\n\nRevision ID: b2"""',
            '"""It is \n\nRevises: b2\nRevision ID: c3"""',
        ),
        ('r"""x\\d"""', 'r"""It is """'),
        ("", None),
    ],
)
def test_docstrings(before: str, after: str | None) -> None:
    text = (
        f"{before}\n"
        + (HEAD + "def upgrade():\n    pass\n\n\ndef downgrade():\n    pass\n")[
            len('"""An example."""\n') :
        ]
    )
    new = NewRevision("c3", 'It is """\\', None, "    pass\n", "    pass\n")
    made = revision_text(Head("b2", "/v/b2.py", text, "/v"), new)
    assert ast.parse(made)
    assert made.startswith(f"{after}\n" if after else "import sqlalchemy")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("revision = 'b2'\ndown_revision = 'a1'\n", "no upgrade"),
        ("revision = 'b2'; down_revision = 'a1'\ndef upgrade(): pass\n", "does not assign"),
        ("revision = 'b2'\ndown_revision = 'a1'\ndef upgrade(engine): pass\n", "no upgrade"),
    ],
)
def test_what_is_no_pattern(text: str, why: str) -> None:
    new = NewRevision("c3", "", None, "    pass\n", "    pass\n")
    with pytest.raises(NoHeadError, match=why):
        revision_text(Head("b2", "/v/b2.py", text, "/v"), new)


ALEMBICS = "%(year)d_%(month).2d_%(day).2d_%(hour).2d%(minute).2d-%(rev)s_%(slug)s"


@pytest.mark.parametrize(
    ("template", "path", "written", "name"),
    [
        ("%(rev)s_%(slug)s", "/v/b2_x.py", "", "c3_do_it.py"),
        (ALEMBICS, "/v/2023_12_31_2359-b2_x.py", "", "2024_01_01_0000-c3_do_it.py"),
        (ALEMBICS, "/v/other.py", "2023-12-31 23:59:59.5", "2024_01_01_0000-c3_do_it.py"),
        # the name of the file counts
        (ALEMBICS, "/v/2024_01_01_0101-b2_x.py", "2023-12-31 23:59", "2024_01_01_0102-c3_do_it.py"),
        ("%(year)d/%(month).2d/%(rev)s", "/v/2024/12/b2.py", "2024-12-31 23:59", "2025/01/c3.py"),
        ("%(epoch)s_%(rev)s", "/v/1700000000_b2.py", "", "1700000060_c3.py"),
        ("%(epoch)s_%(rev)s", "/v/b2.py", "1970-01-01 00:00:10", "70_c3.py"),
        ("100%%_%(rev)s%(rev)s", "/v/b2.py", "", "100%_c3c3.py"),
    ],
)
def test_file_names(template: str, path: str, written: str, name: str) -> None:
    text = f'"""\nCreate Date: {written}\n"""' if written else ""
    head = Head("b2", path, text, "/v", template)
    assert file_name(head, "c3", "Do it!", new_date(head)) == name


@pytest.mark.parametrize(
    ("template", "why"),
    [
        (ALEMBICS, "does not tell its date"),
        ("%(author)s", "no such token"),
        ("%(rev)", "cannot be filled in"),
        ("%(rev)d", "cannot be filled in"),
        ("../%(rev)s", "leads out"),
        ("/%(rev)s", "leads out"),
        ("%(slug)s", "device"),
    ],
)
def test_names_that_cannot_be(template: str, why: str) -> None:
    with pytest.raises(NoHeadError, match=why):
        file_name(Head("b2", "/v/b2.py", "", "/v", template), "c3", "Con", None)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Validate a/b:c", "validate_a_b_c"),
        ("../../x", "x"),
        ("Größe <é>", "größe_é"),
        ("word " * 20, "word_word_word_word_word_word_word_word_"),
    ],
)
def test_slugs_are_safe_in_any_file_system(message: str, expected: str) -> None:
    assert slug(message, 40) == expected


def test_ids() -> None:
    head = Head("b2", "/v/b2.py", "", "/v")
    plain = new_id(head, "m", "x")
    assert len(plain) == 12
    assert plain == new_id(head, "m", "x")
    others = [new_id(head, "m", "y"), new_id(replace(head, revision="b3"), "m", "x")]
    assert plain not in others
    assert new_id(replace(head, revision="0042", next_number="0043"), "m", "x") == "0043"
    named = replace(head, revision="0042_users", next_number="0043")
    assert new_id(named, "Add orders", "x") == "0043_add_orders"
    assert len(new_id(named, "word " * 20, "x")) <= 32
