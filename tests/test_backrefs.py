"""Attributes that a relationship of another class gives to a model."""

from __future__ import annotations

import pytest

from fumehood.models.facts import Relation
from fumehood.models.models import Models
from tests.model_cases import BASE
from tests.outlines import outlines
from tests.test_queries import described

FILES = {
    "app/__init__.py": "",
    "app/base.py": BASE,
    "app/users.py": """
    from sqlalchemy import Column, ForeignKey, Integer
    from sqlalchemy.orm import Mapped, backref, relationship
    from app.base import Base

    class User(Base):
        __tablename__ = "users"
        id = Column(Integer, primary_key=True)
        orders = relationship("Order", backref="user", foreign_keys="Order.user_id")
        sold: Mapped[list["Order"]] = relationship(
            backref=backref("agent", lazy="select"), foreign_keys="[Order.agent_id]"
        )

    class Clerk(User):
        pass
    """,
    "app/orders.py": """
    from sqlalchemy import Column, ForeignKey, Integer
    from sqlalchemy.orm import relationship
    from app.base import Base
    from app.users import User

    class Order(Base):
        __tablename__ = "orders"
        id = Column(Integer, primary_key=True)
        user_id = Column(ForeignKey("users.id"))
        agent_id = Column(ForeignKey("users.id"))
        checker_id = Column(ForeignKey("users.id"))
        checker = relationship(User, backref="checked", foreign_keys=[checker_id])

    class Rush(Order):
        pass
    """,
    "app/find.py": """
    from app.orders import Order, Rush
    from app.users import User
    """,
}


def seen(body: str) -> list[str]:
    files = FILES | {
        "app/find.py": f"{FILES['app/find.py']}\n    def find(s, x, y):\n        {body}\n"
    }
    return [described(query) for query in Models(outlines(files)).queries("app/find.py")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("s.query(Order).filter_by(user=x).all()", "Order; 0.user_id ="),
        ("s.query(Order).filter(Order.user == x).all()", "Order; 0.user_id ="),
        ("s.query(Order).filter_by(agent=x, id=y).all()", "Order; 0.agent_id =; 0.id ="),
        ("s.query(Rush).filter(Rush.agent == x).all()", "Rush; 0.agent_id ="),
        ("s.query(Order).filter(Order.user == None).all()", "Order; 0.user_id is null"),
        (
            "s.query(Order).join(Order.user).filter(User.id == x).all()",
            "Order, User; 0.user_id ~ 1.id; 1.id =",
        ),
        (
            "s.query(User).join(User.checked).filter(Order.id == x).all()",
            "User, Order; 1.checker_id ~ 0.id; 1.id =",
        ),
        ("s.query(Order).filter_by(nobody=x).all()", "Order; ?"),
    ],
)
def test_a_query_by_a_backref(body: str, expected: str) -> None:
    assert seen(body) == [expected]


def test_backrefs_come_and_go_with_the_class_that_gives_them() -> None:
    models = Models(outlines(FILES))
    key = ("app/orders.py", "Order")
    (user,) = outlines({"app/users.py": FILES["app/users.py"]}).values()
    plain = FILES["app/users.py"].replace('backref="user", ', "")
    (without,) = outlines({"app/users.py": plain}).values()
    for outline, expected in ((user, True), (without, False), (None, False), (user, True)):
        models.replace("app/users.py", outline)
        order = models.model(key)
        assert order is not None
        assert ("user" in order.relationships) is expected
        paths = models.modules.paths()
        now = {path: found for path in paths if (found := models.modules.peek(path)) is not None}
        assert list(models) == list(Models(now))


def test_a_backref_leads_to_the_class_that_gives_it() -> None:
    order = Models(outlines(FILES)).model(("app/orders.py", "Order"))
    assert order is not None
    assert order.relationships["user"] == Relation(("app/users.py", "User"), ("user_id",))
