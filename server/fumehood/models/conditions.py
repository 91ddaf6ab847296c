"""Values of conditions -> what they say of the query's tables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..facts import UNKNOWN, IndexKey
from ..join.values import Made, Member, Reference, is_plain, known
from ..outline.symbols import CONSTANT, SUBQUERY, Maybe, Operated, last_part
from .canonical import Canon
from .compared import beginning, is_past, items, marked, row
from .facts import All, Condition, Either, Link, MappedColumn, Part, Unresolved
from .junctions import either, flat, is_listed
from .lineage import is_of_many, lineage, split
from .sources import Key, Related, Sources

_COMPARISONS = {"==": "=", "!=": "!=", "<": "<", ">": "<", "<=": "<", ">=": "<"}
_METHODS = {
    "in_": "in", "not_in": "!=", "notin_": "!=", "between": "<", "isnot_distinct_from": "=",
    "is_not_distinct_from": "=", "is_distinct_from": "!=",
}  # fmt: skip
_ENDS = frozenset(["endswith", "contains", "icontains", "iendswith", "not_like", "notlike",
                   "not_ilike", "notilike"])  # fmt: skip
_OPPOSITE = {
    "=": "!=", "in": "!=", "<": "!=", "prefix": "!=", "iprefix": "!=", "in query": "!=",
    "is null": "is not null", "is not null": "is null",
}  # fmt: skip
_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
# What most values of a column are greater than.
_LEAST = (-1, 0, 1, "")
_NOTHING = Unresolved(harmless=True)
UNSURE = Unresolved()


@dataclass(frozen=True, slots=True)
class Conditions:
    """Reads conditions of a statement of some kind; `sources` are the query's tables."""

    canon: Canon
    sources: Sources
    kind: str = "select"

    def part(self, value: Any) -> Part:
        """A condition."""
        return self._condition(self.canon.value(marked(value)))

    def _condition(self, value: Any, depth: int = 0) -> Part:
        if depth > 50:
            return UNSURE
        match value:
            case Maybe(inner):
                return _optional(self._condition(inner, depth + 1))
            case Operated("&", operands):
                return All(tuple(flat(self._condition(each, depth + 1) for each in operands)))
            case Operated("|", operands):
                return either([self._condition(each, depth + 1) for each in operands])
            case Operated("~x", (inner,)):
                return _negated(self._condition(inner, depth + 1))
            case Operated(operator, (left, right)) if operator in _COMPARISONS:
                return self._compared(operator, left, right)
            case Made():
                return self._called(value, depth)
            case Reference() | Member():
                return self._flag(value, depth)
            case True:
                return All(())
        return UNSURE

    def _flag(self, value: Reference | Member, depth: int) -> Part:
        """A column alone, which is true, or a hybrid's condition."""
        hybrid = self.sources.hybrid(value)
        if hybrid is not None:
            return self._condition(hybrid, depth + 1)
        found = self.sources.key(value)
        if not isinstance(found, Key):
            return UNSURE
        return Condition(found.table, found.key, "=", (True,), few=True)

    def named(self, table: int, name: str, value: Any) -> Part:
        """`filter_by(name=value)`."""
        model = self.sources.tables[table]
        entity: Any = Reference(f"@{model[0][0]}.{model[0][1]}.{name}")
        if model[1]:
            return UNSURE  # an alias
        inner = value.value if isinstance(value, Maybe) else value
        (given,) = marked(Operated("==", (entity, inner))).operands[1:]
        part = self._compared("==", entity, self.canon.value(given))
        return _optional(part) if isinstance(value, Maybe) else part

    def _compared(self, operator: str, left: Any, right: Any) -> Part:
        has_name = isinstance(right, Made) and right.callee == CONSTANT
        right = right.arguments[0] if has_name else right
        if columns := row(left):
            return self._compared_row(operator, columns, right)
        one, other = self.sources.key(left), self.sources.key(right)
        if one is None and other is not None:
            one, other, left, right = other, one, right, left
            operator = _MIRRORED.get(operator, operator)
        if isinstance(one, Related):
            return self._through(one, operator, right)
        if one is None:
            return UNSURE
        if isinstance(other, Key):
            return self._columns(one, operator, other)
        if isinstance(other, Related):
            return UNSURE
        if right is None:
            name = {"==": "is null", "!=": "is not null"}.get(operator)
            return UNSURE if name is None else self._on_key(one, name)
        if self.sources.has_columns(right):
            return UNSURE
        values = (right,) if known(right) else None
        if operator not in ("==", "!=") and right in _LEAST:
            return self._on_key(one, "!=")
        if operator in ("<", "<=") and self.kind != "delete" and is_past(right):
            return self._on_key(one, "until now")
        found = self._on_key(one, _COMPARISONS[operator], values)
        few = self._is_constant(right) or (has_name and values is not None)
        return replace(found, few=True) if few else found

    def _compared_row(self, operator: str, columns: tuple[Any, ...], right: Any) -> Part:
        """`tuple_(a, b) == (1, 2)`; of an order, what it says of the first column."""
        if operator == "!=":
            return _NOTHING
        pairs = list(zip(columns, items(right, len(columns)), strict=True))
        pairs = pairs if operator == "==" else pairs[:1]
        return All(tuple(flat(self._compared(operator, *pair) for pair in pairs)))

    def _columns(self, one: Key, operator: str, other: Key) -> Part:
        if one.table == other.table:
            return _NOTHING
        names = (one.key.column, other.key.column)
        if operator != "==" or not all(isinstance(each, str) for each in names):
            return UNSURE
        return Link(one.table, str(names[0]), other.table, str(names[1]))

    def _through(self, related: Related, operator: str, right: Any) -> Part:
        """`Order.user == user`: a condition on the foreign key's column."""
        column = self.sources.foreign_key(related)
        if column is None or operator not in ("==", "!="):
            return UNSURE
        if right is None:
            name = "is null" if operator == "==" else "is not null"
        else:
            name = _COMPARISONS[operator]
        model = self.sources.model(related.table)
        held = None if model is None else model.by_name(column)
        return self._on_key(Key(related.table, IndexKey(column), held), name)

    def _on_key(self, key: Key, operator: str, values: tuple[Any, ...] | None = None) -> Condition:
        unsure = operator in ("=", "in") and key.column is not None and self._is_shared(key.column)
        return Condition(key.table, key.key, operator, values, few=key.few, unsure=unsure)

    def _is_shared(self, held: MappedColumn) -> bool:
        """Whether most rows may have the same value: a default, or the tenant that they are of."""
        if held.has_default or not held.column.foreign_keys:
            return held.has_default
        return is_of_many(held.origin, self.canon.modules, self.canon.reads)

    def _called(self, made: Made, depth: int) -> Part:
        name = last_part(made.callee)
        if made == SUBQUERY:
            return UNSURE
        if made.base is None:
            return self._function(made, name, depth)
        if columns := row(made.base):
            return self._row(columns, name, made.arguments)
        found = self.sources.key(made.base)
        if isinstance(found, Related) and name in ("any", "has"):
            return self._exists(found, made, depth)
        if not isinstance(found, Key):
            return UNSURE
        return self._method(found, name, made.arguments)

    def _row(self, columns: tuple[Any, ...], name: str, arguments: tuple[Any, ...]) -> Part:
        """`tuple_(a, b).in_([(1, 2)])`: an index on either column leads there."""
        if name != "in_" or not arguments:
            return _NOTHING if name in ("not_in", "notin_") else UNSURE
        value = UNKNOWN if isinstance(arguments[0], tuple) else arguments[0]
        keys = [self.sources.key(each) for each in columns]
        known = [key for key in keys if isinstance(key, Key)]
        return All(tuple(self._in(key, value) for key in known)) if known == keys else UNSURE

    def _exists(self, related: Related, made: Made, depth: int) -> Part:
        """`User.orders.any(…)`: PostgreSQL joins the rows, and no row twice."""
        inner = self.sources.inside(related)
        if inner is None or not made.complete:
            return UNSURE
        link = self.sources.link(related.table, inner, related.columns)
        if link is None:
            return UNSURE
        parts = [self._condition(each, depth + 1) for each in made.arguments]
        parts += [self.named(inner, name, value) for name, value in made.keywords]
        return All(tuple(flat([link, *parts])))

    def _function(self, made: Made, name: str, depth: int) -> Part:
        """`and_()` and the like."""
        if not made.callee.startswith(("sqlalchemy.", "sqlmodel.")):
            return UNSURE
        parts = [self._condition(each, depth + 1) for each in made.arguments]
        if name == "and_":
            return All(tuple(flat(parts)))
        if name == "or_" and parts:
            return either(parts)
        if name == "not_" and len(parts) == 1:
            return _negated(parts[0])
        if name == "true":
            return All(())
        if name == "between" and len(made.arguments) == 3:
            found = self.sources.key(made.arguments[0])
            return self._on_key(found, "<") if isinstance(found, Key) else UNSURE
        return UNSURE

    def _method(self, key: Key, name: str, arguments: tuple[Any, ...]) -> Part:
        first = arguments[0] if arguments else UNKNOWN
        if name in ("is_", "is_not", "isnot"):
            return self._is(key, first, name == "is_")
        if name == "in_":
            return self._in(key, first)
        if name in _METHODS:
            return self._on_key(key, _METHODS[name])
        if name in _ENDS:
            return _NOTHING
        if name in ("like", "ilike", "startswith", "istartswith"):
            return self._like(key, name, first)
        return UNSURE

    def _is(self, key: Key, value: Any, positive: bool) -> Part:
        names = {None: "null", True: "true", False: "false"}
        if isinstance(value, Made) and last_part(value.callee) in names.values():
            word = last_part(value.callee)
        elif value is None or isinstance(value, bool):
            word = names[value]
        else:
            return _NOTHING  # NULL, true or false, whichever
        if word == "null":
            return self._on_key(key, "is null" if positive else "is not null")
        return self._on_key(key, f"is {word}" if positive else "!=")

    def _in(self, key: Key, value: Any) -> Part:
        if isinstance(value, tuple):
            named = [each for each in value if isinstance(each, Made) and each.callee == CONSTANT]
            values = tuple(each.arguments[0] for each in named) or value
            found = self._on_key(key, "in", values if known(values) else None)
            few = bool(named) and all(known(each) or self._is_constant(each) for each in values)
            few = few or is_listed(values)
            return replace(found, few=True) if few else found
        # What is not known may be a subquery that is made elsewhere.
        plain = value is UNKNOWN or is_plain(value)
        return self._on_key(key, "in" if plain else "in query")

    def _is_constant(self, value: Any) -> bool:
        """Whether a value is a constant of the program's: an enum's member, `datetime(1970, 1, 1)`.

        Columns that are compared with such have few values, or one that most rows have.
        """
        if not isinstance(value, Reference):
            return isinstance(value, Made) and bool(value.arguments) and known(value.arguments)
        name = value.dotted.removesuffix(".value").removesuffix(".name")
        if name != value.dotted or last_part(name).isupper():
            return True
        owner = name.rpartition(".")[0]
        if not owner.startswith("@") or ".py." not in owner:
            return False
        return "enum" in lineage(split(owner), self.canon.modules, self.canon.reads).roots

    def _like(self, key: Key, name: str, pattern: Any) -> Part:
        """LIKE, which needs an index of its own kind where its pattern begins with a text."""
        insensitive = name.startswith("i")
        first = beginning(pattern)
        if "starts" not in name:
            if first is None:
                return _NOTHING  # the pattern may begin with a wildcard
            if not first or first[0] in "%_":
                return _NOTHING
        return self._on_key(key, "iprefix" if insensitive else "prefix")


def _optional(part: Part) -> Part:
    match part:
        case Condition() | Either():
            return replace(part, optional=True)
        case All(parts):
            return All(tuple(_optional(each) for each in parts))
    return part


def _negated(part: Part) -> Part:
    match part:
        case Condition(_, _, "=", (True,), _, _) | Condition(_, _, "=", (False,), _, _) if part.few:
            return replace(part, values=(not part.values[0],) if part.values else None)
        case Condition() if part.operator in _OPPOSITE:
            return replace(part, operator=_OPPOSITE[part.operator], values=None)
        case All((single,)):
            return _negated(single)
        case All() | Either() | Condition():
            return _NOTHING
    return part
