"""What an annotation, made canonical, says of a column: its type, whether it may be NULL.

Types as in sqlalchemy.sql.sqltypes._type_map.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..facts import UNKNOWN, ColumnType, Type
from ..join.values import Made, Reference
from ..outline.symbols import Operated, last_part

_TYPES = {
    "builtins.bool": "bool", "builtins.bytes": "bytea", "builtins.float": "float8",
    "builtins.int": "int4", "builtins.str": "varchar", "datetime.date": "date",
    "datetime.datetime": "timestamp", "datetime.time": "time", "datetime.timedelta": "interval",
    "decimal.Decimal": "numeric", "uuid.UUID": "uuid",
}  # fmt: skip
MAPPED = frozenset(["Mapped", "WriteOnlyMapped", "DynamicMapped"])
_MANY = frozenset(
    ["List", "list", "Set", "set", "Sequence", "Collection", "Iterable", "dict", "Dict", "tuple"]
)


@dataclass(frozen=True, slots=True)
class Annotated:
    """What an annotation says. `made` is a mapped_column() or Field() within an Annotated[]."""

    type: Type = UNKNOWN
    nullable: bool = False
    is_enum: bool = False
    made: Made | None = None
    mapped: bool = False
    class_var: bool = False
    target: Any = None  # what a relationship leads to: a string or a Reference


def annotated(value: Any, is_enum: Callable[[Reference], bool]) -> Annotated:
    """What an annotation says; `is_enum` tells whether a class of the project is an enum."""
    if isinstance(value, Operated) and value.operator == "|":
        return _union(value.operands, is_enum)
    if isinstance(value, Operated) and value.operator == "[]":
        return _subscripted(value.operands[0], value.operands[1], is_enum)
    if isinstance(value, Reference):
        name = _TYPES.get(value.dotted)
        if name is not None:
            return Annotated(ColumnType(name))
        enum = is_enum(value)
        return Annotated(is_enum=enum, target=value)
    return Annotated(target=value if isinstance(value, str) else None)


def _subscripted(base: Any, index: Any, is_enum: Callable[[Reference], bool]) -> Annotated:
    name = last_part(base.dotted) if isinstance(base, Reference) else ""
    if name in MAPPED:
        return replace(annotated(index, is_enum), mapped=True)
    if name == "Optional":
        return replace(annotated(index, is_enum), nullable=True)
    if name == "Union" and isinstance(index, tuple):
        return _union(index, is_enum)
    if name == "Annotated" and isinstance(index, tuple) and index:
        made = [each for each in index[1:] if isinstance(each, Made)]
        found = annotated(index[0], is_enum)
        return replace(found, made=made[0] if made else found.made)
    if name == "Literal":
        return Annotated(ColumnType("varchar"), is_enum=True)
    if name == "ClassVar":
        return Annotated(class_var=True)
    if name in _MANY:
        item = index[-1] if isinstance(index, tuple) and index else index
        return Annotated(target=annotated(item, is_enum).target)
    return Annotated()


def _union(parts: Sequence[Any], is_enum: Callable[[Reference], bool]) -> Annotated:
    rest = [part for part in parts if part is not None]
    if len(rest) != 1:
        return Annotated(nullable=len(rest) < len(parts))
    return replace(annotated(rest[0], is_enum), nullable=len(rest) < len(parts))
