"""Hybrid attributes: what queries look for by them, and where that is not known."""

from __future__ import annotations

import pytest

from fumehood.models.models import Models
from tests.model_cases import BASE
from tests.outlines import outlines
from tests.test_queries import described

MODELS = (
    BASE
    + """
from sqlalchemy import func
from sqlalchemy.ext.hybrid import Comparator, hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, synonym

class Insensitive(Comparator):
    def __eq__(self, other):
        return func.lower(self.__clause_element__()) == func.lower(other)

class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    first: Mapped[str]
    mail = synonym("email")

    @hybrid_property
    def plain(self):
        return self.email

    @hybrid_property
    def lower(self):
        return self.email.lower()

    @lower.expression
    def lower(cls):
        return func.lower(cls.email)

    @hybrid_property
    def upper(self):
        return self.email.upper()

    @upper.inplace.expression
    @classmethod
    def _upper(cls):
        return func.upper(cls.email)

    @hybrid_property
    def compared(self):
        return self.email

    @compared.comparator
    def compared(cls):
        return Insensitive(cls.email)

    @hybrid_property
    def chosen(self):
        if self.first:
            return self.first
        return self.email

    @hybrid_property
    def is_first(self):
        return self.id == 1
"""
)


def seen(body: str) -> list[str]:
    text = f"{MODELS}\ndef find(s, x):\n    s.query(User).filter({body}).all()\n"
    return [
        described(query) for query in Models(outlines({"models.py": text})).queries("models.py")
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("User.plain == x", "User; 0.email ="),
        ("User.mail == x", "User; 0.email ="),
        ("User.lower == x", "User; 0.lower(email) ="),
        ("User.upper == x", "User; 0.upper(email) ="),
        ("User.is_first", "User; 0.id = (1,)"),
        ("User.compared == x", "User; ?"),
        ("User.chosen == x", "User; ?"),
    ],
)
def test_a_hybrid(body: str, expected: str) -> None:
    assert seen(body) == [expected]
