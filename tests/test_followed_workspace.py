"""A workspace of several projects: after any edits it says what a fresh start says."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from fumehood.text import Edit
from tests.editing import Editor
from tests.share import share

BASE = "from sqlalchemy.orm import DeclarativeBase\n\nclass Base(DeclarativeBase):\n    pass\n"
MIXINS = """\
from sqlalchemy.orm import Mapped, mapped_column

class Named:
    name: Mapped[str] = mapped_column(index=True)
"""
MODELS = """\
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.base import Base
from app.mixins import Named

class Keyed:
    id: Mapped[int] = mapped_column(primary_key=True, index=True)

class User(Named, Keyed, Base):
    __tablename__ = "users"
    email: Mapped[str] = mapped_column()

class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column()
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
"""
QUERIES = """\
from sqlalchemy import select

from app.models import Order, User

def by_email(session, x):
    return session.query(User).filter(User.email == x).all()

def by_name(session, x):
    return session.execute(select(User).where(User.name == x))

def of_user(session, x):
    query = select(Order).join(User).where(User.email == x)
    return session.scalars(query.where(Order.number == x))
"""
MIGRATION = """\
import sqlalchemy as sa
from alembic import op

revision = "{}"
down_revision = {!r}

def upgrade():
    {}

def downgrade():
    pass
"""
TABLES = """op.create_table("users", sa.Column("id", sa.Integer()), sa.Column("email", sa.Text()))
    op.create_table("orders", sa.Column("id", sa.Integer()), sa.Column("number", sa.Text()))"""
INDEXES = """op.create_index("ix_number", "orders", ["number", "id"])
    op.create_index("ix_user", "orders", ["user_id"])"""
FILES = {
    "pyproject.toml": "",
    "alembic.ini": "[alembic]\nscript_location = migrations\n",
    "migrations/env.py": "context.run_migrations()\n",
    "migrations/versions/a.py": MIGRATION.format("a", None, TABLES),
    "migrations/versions/b.py": MIGRATION.format("b", "a", INDEXES),
    "app/base.py": BASE,
    "app/mixins.py": MIXINS,
    "app/models.py": MODELS,
    "app/queries.py": QUERIES,
}
# What may be written in the place of what.
REPLACED = [
    ("mapped_column()", "mapped_column(index=True)"),
    ("index=True", "index=False"),
    ('"orders"', '"bought"'),
    ('"number"', '"numbers"'),
    ("class Named", "class Nameless"),
    ("(Named, Keyed, Base)", "(Base)"),
    ("primary_key=True, index=True)", "primary_key=True, index=True)  # why"),
    ("class Keyed:", "# a key\nclass Keyed:"),
    ("class Base(DeclarativeBase)", "class Base(Base)"),
    ("from app.base import Base", "from app.models import Base"),
    ("User.email == x", "User.id == x"),
    ("User.email", "User.name"),
    ("def by_", "def found_by_"),
    ("op.create_index(", "op.drop_index("),
    ("down_revision = 'a'", "down_revision = None"),
    ("\n\n", "\n\n# a comment\n"),
    ("(", ""),
    ("\n    ", "\n"),
]
PROJECTS = ("one", "two")
OFTEN = ["app/mixins.py", "app/models.py", "app/queries.py"]
MORE = ["app/more/models.py", "app/models/__init__.py"]


class Desk:
    """One who edits files, on the disk and in an editor, as chance has it."""

    def __init__(self, seed: int, root: Path) -> None:
        self.chance, self.root = random.Random(seed), root
        self.times: Iterator[int] = count(10**9, 10**9)
        for project in PROJECTS:
            for name, text in FILES.items():
                self.write(root / project / name, text)
        self.editor = Editor([root])
        for name in OFTEN:
            self.editor.open(root / PROJECTS[0] / name)

    def write(self, path: Path, text: str) -> None:
        """Write a file, at a time of its own."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, ns=(0, next(self.times)))

    def act(self) -> str:
        """Do something."""
        acts = [self.edit, self.edit, self.edit, self.toggle, self.save, self.remove, self.create]
        return self.chance.choice([*acts, self.move])()

    def edit(self) -> str:
        path = self.any_file()
        old, new = self.chance.choice(REPLACED)
        old, new = (old, new) if self.chance.random() < 0.6 else (new, old)
        is_open = path in self.editor.open_paths
        text = self.editor.text(path) if is_open else path.read_text() if path.exists() else ""
        places = [at for at in range(len(text)) if old and text.startswith(old, at)]
        if not places:
            return "nothing"
        at = self.chance.choice(places)
        if is_open:
            self.editor.type(path, Edit(at, at + len(old), new), self.chance.choice((None, 0, 3)))
        else:
            self.write(path, text[:at] + new + text[at + len(old) :])
        return f"{'typed' if is_open else 'written'} {path}: {old!r} -> {new!r}"

    def toggle(self) -> str:
        path = self.any_file()
        if path in self.editor.open_paths:
            self.editor.close(path)
            return f"closed {path}"
        if path.suffix == ".py" and path.exists():
            self.editor.open(path)
            return f"opened {path}"
        return "nothing"

    def save(self) -> str:
        for path in self.editor.open_paths:
            self.write(path, self.editor.text(path))
        return "saved"

    def remove(self) -> str:
        path = self.any_file()
        path.unlink(missing_ok=True)
        return f"removed {path}"

    def create(self) -> str:
        path = self.any_file()
        if not path.exists():
            self.write(path, FILES.get(path.relative_to(self.root).as_posix()[4:], MODELS))
        return f"created {path}"

    def move(self) -> str:
        path, to = self.any_file(), self.any_file()
        if path.exists() and path.suffix == to.suffix and path not in self.editor.open_paths:
            to.parent.mkdir(parents=True, exist_ok=True)
            path.replace(to)
            os.utime(to, ns=(0, next(self.times)))
        return f"moved {path} to {to}"

    def any_file(self) -> Path:
        names = OFTEN if self.chance.random() < 0.7 else [*FILES, *MORE]
        return self.root / self.chance.choice(PROJECTS) / self.chance.choice(names)


@pytest.mark.parametrize("seed", range(share(30)))
def test_incremental_equals_from_scratch(seed: int, tmp_path: Path) -> None:
    desk, done = Desk(seed, tmp_path), list[str]()
    for _ in range(20):
        done += [desk.act() for _ in range(desk.chance.choice((1, 1, 1, 3)))]
        editor = desk.editor
        editor.settle()
        fresh = Editor([tmp_path], {path: editor.text(path) for path in editor.open_paths})
        assert editor.known() == fresh.known(), done
        for path in editor.open_paths:
            assert editor.findings(path) == fresh.findings(path), done


def checks(editor: Editor) -> int:
    """How many checks run until the workspace has settled."""
    before = editor.engine.stats.checked
    editor.settle()
    return editor.engine.stats.checked - before


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """All models and queries of both projects are open."""
    desk = Desk(0, tmp_path)
    for project in PROJECTS:
        for name in ("app/models.py", "app/queries.py"):
            desk.editor.open(tmp_path / project / name)
    desk.editor.settle()
    return desk


def test_a_column_is_checked_by_its_own_readers(desk: Desk) -> None:
    editor, models = desk.editor, desk.root / "one" / "app" / "models.py"
    column = "number: Mapped[str] = mapped_column("
    at = editor.text(models).index(column) + len(column)
    before = editor.engine.stats.checked
    editor.type(models, Edit(at, at, "index=True"))
    assert editor.engine.stats.checked == before + 2  # the index, by each rule that hears of it
    assert checks(editor) == 1  # of four files' queries, the one that reads the table


def test_a_file_on_the_disk_is_checked_by_its_own_readers(desk: Desk) -> None:
    mixins, read = desk.root / "two" / "app" / "mixins.py", desk.editor.read
    queries = mixins.with_name("queries.py")
    assert len(desk.editor.findings(queries)) == 1
    desk.write(mixins, MIXINS.replace("index=True", ""))
    # Two queries of users and one of both tables; the index that users still have, by two rules.
    assert checks(desk.editor) == 5
    assert desk.editor.read == read + 1
    assert "name" in desk.editor.findings(queries)[-1].what
