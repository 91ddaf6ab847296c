"""Values of an outline with what their names lead to put in, across files.

A Reference to something that the project does not define has its full dotted name
("sqlalchemy.Column", also where it comes through `db.Column`). One to a class of the project is
"@path.Name", with what stands behind it: "@app/models.py.User.email".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ..facts import UNKNOWN
from ..join import values as v
from ..join.values import Made, Member, Reference
from ..outline.symbols import CLS, Maybe, Operated, last_part
from .modules import Defined, External, Found, Modules, Reads

Value = Any
_DEEPEST = 12  # how far constants may lead to others
# What an instance of Flask-SQLAlchemy's SQLAlchemy has of sqlalchemy and sqlalchemy.orm.
_FLASK = "SQLAlchemy"


@dataclass(frozen=True, slots=True)
class Canon:
    """Makes values canonical that stand in the file at `path`; `itself` is what CLS stands for.

    `own` gives what an attribute of the class itself stands for, if it is known.
    """

    modules: Modules
    reads: Reads
    path: str
    itself: str = ""
    own: Callable[[str], Value] = lambda name: UNKNOWN

    def at(self, path: str) -> Canon:
        """The same for values of another file."""
        return self if path == self.path else replace(self, path=path)

    def value(self, value: Value, depth: int = 0) -> Value:
        """A value with everything in it made canonical."""
        if depth > _DEEPEST:
            return UNKNOWN
        match value:
            case Reference(dotted):
                return self._reference(dotted, depth)
            case Made():
                return self._made(value, depth)
            case Member(base, name):
                inner = self.value(base, depth + 1)
                if isinstance(inner, Reference):
                    return Reference(f"{inner.dotted}.{name}")
                return Member(inner, name)
            case Operated(operator, operands):
                return self._operated(
                    operator, tuple(self.value(each, depth + 1) for each in operands)
                )
            case Maybe(inner):
                return Maybe(self.value(inner, depth + 1))
            case tuple():
                return self._items(value, depth)
            case dict():
                return {key: self.value(each, depth + 1) for key, each in value.items()}
        return value

    def _items(self, values: tuple[Value, ...], depth: int) -> Value:
        found: list[Value] = []
        for each in values:
            item = self.value(each, depth + 1)
            inner = (
                item.operands[0] if isinstance(item, Operated) and item.operator == "*" else None
            )
            found += inner if isinstance(inner, tuple) and len(item.operands) == 1 else (item,)
        return tuple(found)

    def locate(self, dotted: str) -> Found:
        """What a name leads to."""
        return self.modules.locate(dotted, self.path, self.reads)

    def _reference(self, dotted: str, depth: int) -> Value:
        head = CLS.dotted
        if dotted == head or dotted.startswith(f"{head}."):
            return self._of_itself(dotted[len(head) + 1 :])
        if dotted.startswith(("@", "?")):
            return Reference(dotted)
        found = self.locate(dotted)
        if isinstance(found, External):
            return Reference(found.dotted)
        if found.is_class:
            return self._class_member(found, depth)
        held = self.modules.value_of(found, self.reads)
        inner = self.at(found.path)
        if isinstance(held, Made) and found.rest:
            if flask := inner._of_flask(held, found.rest):
                return Reference(flask)
            if last_part(held.callee) in ("aliased", "alias") and len(found.rest) == 1:
                return Member(inner.value(held, depth + 1), found.rest[0])
        elif not found.rest and (v.is_plain(held) or _is_small(held)):
            return inner.value(held, depth + 1)
        return Reference(".".join((f"@{found.path}", found.name, *found.rest)))

    def _class_member(self, found: Defined, depth: int) -> Value:
        """A class of the project, or a constant in it."""
        here = ".".join((f"@{found.path}", found.name, *found.rest))
        if len(found.rest) != 1:
            return Reference(here)
        outline = self.modules.class_of(found, self.reads)
        held = outline.attributes.get(found.rest[0]) if outline else None
        if held and not held.kind and v.is_plain(held.value) and held.value is not None:
            return held.value
        if held and found.rest[0].startswith("__table_args"):
            return self.at(found.path).value(held.value, depth + 1)
        return Reference(here)

    def _of_itself(self, rest: str) -> Value:
        if rest == "__name__":
            return last_part(self.itself)
        known = self.own(rest) if rest and "." not in rest else UNKNOWN
        if known is not UNKNOWN:
            return known
        return Reference(f"{self.itself}.{rest}" if rest else self.itself)

    def _of_flask(self, held: Made, rest: tuple[str, ...]) -> str | None:
        """`db.Column` of a `db = SQLAlchemy()`: what of SQLAlchemy it is."""
        if last_part(held.callee) != _FLASK and not self._derives_from_flask(held.callee):
            return None
        if rest[0] == "Model":
            return "flask_sqlalchemy.Model"
        if rest[0] in ("session", "engine", "metadata"):
            return None
        return ".".join(("sqlalchemy", *rest))

    def _derives_from_flask(self, callee: str) -> bool:
        outline = self.modules.class_of(self.locate(callee), self.reads)
        bases = outline.bases if outline else ()
        return any(
            isinstance(base, Reference) and last_part(base.dotted) == _FLASK for base in bases
        )

    def _made(self, made: Made, depth: int) -> Value:
        arguments = tuple(self.value(each, depth + 1) for each in made.arguments)
        keywords = tuple((name, self.value(each, depth + 1)) for name, each in made.keywords)
        if made.base is not None:
            base = self.value(made.base, depth + 1)
            return _method(base, made, arguments, keywords)
        if made.callee.startswith("?"):
            return replace(made, arguments=arguments, keywords=keywords)
        return self._called(made, arguments, keywords, depth)

    def _called(self, made: Made, arguments: tuple[Value, ...], keywords: Any, depth: int) -> Value:
        """A call of a name: of a method on a column, or of something imported."""
        owner, _, method = made.callee.rpartition(".")
        if owner and owner.strip(":."):
            base = self._reference(owner, depth)
            if not isinstance(base, Reference) or base.dotted.startswith("@"):
                return _method(base, made, arguments, keywords, method)
            return replace(
                made, callee=f"{base.dotted}.{method}", arguments=arguments, keywords=keywords
            )
        callee = self._reference(made.callee, depth)
        if isinstance(callee, Made) and last_part(callee.callee) == "partial" and callee.arguments:
            inner = callee.arguments[0]
            if isinstance(inner, Reference):
                given = dict(callee.keywords) | dict(keywords)
                return Made(
                    inner.dotted, (*callee.arguments[1:], *arguments), tuple(given.items()),
                    made.complete and callee.complete, None,
                )  # fmt: skip
        dotted = callee.dotted if isinstance(callee, Reference) else "?"
        return replace(made, callee=dotted, arguments=arguments, keywords=keywords)

    def _operated(self, operator: str, operands: tuple[Value, ...]) -> Value:
        if operator == "f" and all(isinstance(each, str | int) for each in operands):
            return "".join(str(each) for each in operands)
        if operator == "+" and len(operands) == 2 and all(map(v.is_plain, operands)):
            return v.binary("+", *operands)
        if operator == "[]" and isinstance(operands[0], dict) and isinstance(operands[1], str):
            return operands[0].get(operands[1], UNKNOWN)
        if operator == "[]" and isinstance(operands[1], str):
            return _item(*operands)
        return Operated(operator, operands)


def _item(base: Value, name: str) -> Value:
    """`base["name"]`: of a table's columns, `users.c["email"]`, one of them."""
    if isinstance(base, Reference) and last_part(base.dotted) == "c":
        return Reference(f"{base.dotted}.{name}")
    if isinstance(base, Member) and base.name == "c":
        return Member(base, name)
    return Operated("[]", (base, name))


def _method(
    base: Value, made: Made, arguments: tuple[Value, ...], keywords: Any, name: str = ""
) -> Value:
    """A method called on a value: of a string, what it gives."""
    name = name or last_part(made.callee)
    if isinstance(base, str) and v.known(arguments) and not keywords:
        return v.call_method(base, name, arguments)
    return Made(f"?.{name}", arguments, keywords, made.complete, None, base)


def _is_small(held: Value) -> bool:
    """Whether a name's value may stand in the name's place: a type, an alias, not a table."""
    if not isinstance(held, Made | Operated | Member):
        return False
    return not isinstance(held, Made) or last_part(held.callee) not in ("Table", "SQLAlchemy")
