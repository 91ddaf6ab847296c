"""The models of a project whose queries stand in another file."""

from __future__ import annotations


def users(*columns: str) -> str:
    """A model of users, each column as it is to be written."""
    lines = "".join(f"    {each}\n" for each in ("id: Mapped[int] = " + _KEY, *columns))
    return _HEAD + lines


_KEY = "mapped_column(primary_key=True)"
_HEAD = """\
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
"""
