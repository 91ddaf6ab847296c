"""The outline of a file after any edits is that of a fresh start; an edit costs its own block."""

from __future__ import annotations

from collections import deque
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from fumehood.document import Document
from fumehood.outline.module import Module
from fumehood.outline.parts import Outline
from fumehood.read.cache import Lines
from fumehood.stepwise import finished
from fumehood.text import Edit
from tests.model_cases import CASES
from tests.outlines import outline

LINES = Lines()
TEXTS = [text for case in CASES.values() for text in case.values()]
MIXED = """\
from sqlalchemy import Column, Index, Integer, Table, select
from sqlalchemy.orm import DeclarativeBase, aliased

SIZE = 3
NAMES = ("id", "name")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    name = Column(Integer, index=bool(SIZE))

    @classmethod
    def named(cls, session, name):
        return session.query(cls).filter(cls.name == name).all()


Other = aliased(User)
Third = aliased(User)
tags = Table("tags", Base.metadata, Column("id", Integer), Column("user", Integer))
Index("ix_name", User.name)

try:
    from app import found as found
except ImportError:
    found = None
if SIZE:
    found = User


def find(session, x):
    query = select(User).where(User.name == x)
    return session.execute(query.where(found.id == SIZE))


def find(session, x):
    return session.query(tags).filter(tags.c.user == x, Other.id == Third.id).all()


class User(User):
    class Inner:
        name = NAMES
"""
TEXTS.append(MIXED)
# Lines that bind names, open blocks, or query, as they may be put anywhere.
ODD = [
    "SIZE = 4\n",
    "SIZE = None\n",
    "X = SIZE\n",
    "class User:\n",
    "class Base(User):\n",
    "import x as User\n",
    "def find(session):\n",
    "    session.query(User).filter(User.id == X).all()\n",
    "# a comment\n",
    "\n",
    "    SIZE = 1\n",
    "if SIZE:\n",
    "else:\n",
    "@deco\n",
    "from x import *\n",
    "Index('i', User.id)\n",
    "del SIZE\n",
    "Other = aliased(X)\n",
    "x = (\n",
    ")\n",
    "'''\n",
    "        pass\n",
    "User = 3\n",
    "found = SIZE\n",
]


@st.composite
def edits(draw: st.DrawFn, text: str) -> Edit:
    """A line more, less, twice or elsewhere than it was; or characters."""
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    at = draw(st.integers(0, len(lines)))
    how = draw(st.sampled_from(["odd", "copy", "delete", "cut", "type"]))
    if how == "odd" or not lines:
        return Edit(starts[at], starts[at], draw(st.sampled_from(ODD)))
    end = min(at + draw(st.integers(1, 9)), len(lines))
    if how == "copy":
        to = starts[draw(st.integers(0, len(lines)))]
        return Edit(to, to, text[starts[at] : starts[end]])
    if how == "delete":
        return Edit(starts[at], starts[end], "")
    place = draw(st.integers(0, len(text)))
    stop = min(len(text), place + draw(st.integers(0, 3)))
    return Edit(place, stop, "" if how == "cut" else draw(st.sampled_from("a1 (:\n")))


@given(st.data())
def test_incremental_equals_from_scratch(data: st.DataObject) -> None:
    document = Document("m.py", data.draw(st.sampled_from(TEXTS)))
    module = Module(document.pieces, lambda piece: LINES.of(piece).reading)
    before: Outline | None = finished(module.update()).outline
    for _ in range(data.draw(st.integers(1, 8))):
        module.change(document.replace(data.draw(edits(document.text.content))))
        how = data.draw(st.sampled_from(("in one go", "in one go", "begun", "not at all")))
        if how == "begun":  # and another edit comes, most often before the end
            before = None
            deque(islice(module.update(), data.draw(st.integers(0, 40))), maxlen=0)
        if how != "in one go":
            continue
        update = finished(module.update())
        fresh = outline(document.text.content, LINES)
        assert update.outline == fresh
        assert list(update.outline.classes) == list(fresh.classes)
        assert dict(update.outline.places.names) == fresh.places.names
        assert tuple(module.places()) == fresh.places.queries
        if not update.whole and before is not None:
            names = {*update.outline.names, *update.outline.classes}
            assert names == {*before.names, *before.classes}
        before = update.outline


def test_edits_far_from_each_other_are_followed_together() -> None:
    document = Document("m.py", "A = 1\nB = A\nC = B\nimport sqlalchemy\n")
    module = Module(document.pieces, lambda piece: LINES.of(piece).reading)
    finished(module.update())
    for old, new in (("C = B", "C = (B, 0)"), ("A = 1", "A = 2")):
        at = document.text.content.index(old)
        module.change(document.replace(Edit(at, at + len(old), new)))
    found = finished(module.update()).outline
    assert found.names["C"] == (2, 0)
    assert found == outline(document.text.content, LINES)
