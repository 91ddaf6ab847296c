"""Models and queries after any changes of files are those of a fresh start."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fumehood.models.models import Models
from tests.model_cases import CASES
from tests.outlines import outline, outlines

CASE = CASES["Mixins over packages"]
QUERIES = """
from app import models
from app.db import *
from app.models import Owner, Thing as T
from app.models.thing import Other

def find(session, x):
    session.query(Owner).filter(Owner.id == x).all()
    session.query(T).filter(T.owner_id == x, T.created == x).all()
    session.query(models.Thing).join(Owner, Owner.id == T.owner_id).filter(Owner.id == x).all()
    session.query(Other).filter_by(owner_id=x).order_by(Other.created).limit(1).all()
"""
INDEX = "from sqlalchemy import Index\nfrom app.models import Owner\nIndex('ix_stray', Owner.id)\n"
LINKED = """
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

class Base(DeclarativeBase): pass

class Linked(Base):
    __tablename__ = "linked"
    id: Mapped[int] = mapped_column(primary_key=True)
    thing = relationship("Thing")
"""
SOLO = "from linked import Linked\ndef find(s, x):\n    s.query(Linked).filter_by(id=x).all()\n"
FILES = CASE | {
    "app/find.py": QUERIES,
    "app/indexes.py": INDEX,
    "app/other/__init__.py": "from app.db import Base\nclass Thing(Base): pass\n",
    "far/linked.py": LINKED,
    "near/linked.py": "",
    "lib/find.py": SOLO,
}

# What a file may be changed to: gone, as it was, or with something replaced.
REPLACED = [
    ("index=True", "index=False"),
    ("primary_key=True", "primary_key=True, index=True"),
    ("class WithId", "class Renamed"),
    ("import *", "import WithId"),
    ("from .mixins import *", ""),
    ("from ..db", "from app.db"),
    ('"created_at"', '"made_at"'),
    ("class Thing(", "class Thing(Missing, "),
    ("class Owner(", "class Owner(Owner, "),
    ("Owner.id", "Owner.name"),
    ("DeclarativeBase", "Unheard"),
    ("\n\n", "\n\n# a comment\n"),
    ('"owners"', '"possessors"'),
]
Change = tuple[str, str] | str | None
CHANGES: list[tuple[str, Change]] = [
    (path, change)
    for path, text in sorted(FILES.items())
    for change in (None, "", *REPLACED)
    if not change or change[0] in text
]


def changed(path: str, change: Change) -> str | None:
    if not change:
        return None if change is None else FILES[path]
    return FILES[path].replace(*change)


def everything(models: Models, paths: list[str]) -> object:
    return list(models), [models.queries(path) for path in paths]


@given(st.lists(st.sampled_from(CHANGES), min_size=1, max_size=8), st.data())
def test_incremental_equals_from_scratch(
    edits: list[tuple[str, Change]], data: st.DataObject
) -> None:
    now = outlines(FILES)
    models = Models(now)
    everything(models, sorted(now))
    for path, change in edits:
        text = changed(path, change)
        if text is None:
            now.pop(path, None)
            models.replace(path, None)
        else:
            now[path] = outline(text)
            models.replace(path, now[path])
        if data.draw(st.booleans()):  # what is asked for in between changes nothing
            everything(models, sorted(now))
    assert everything(models, sorted(now)) == everything(Models(now), sorted(now))
