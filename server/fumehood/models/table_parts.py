"""What __table_args__ holds, or what Table() is given: indexes, keys, options."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..facts import UNKNOWN, IndexKey, TableForeignKey, TableIndex, Text, UniqueKey
from ..join.columns import maybe_text
from ..join.index_keys import index_facts
from ..join.tables import table_parts
from ..join.values import Made, Member, Reference, is_plain
from ..outline.symbols import Operated, last_part
from .sql import column_name, key_of, sql_of, with_columns

# What a table may be given beside columns, that changes nothing here.
_IGNORED = frozenset(["CheckConstraint", "ExcludeConstraint", "DDL", "Comment"])


@dataclass(slots=True)
class Parts:
    """What was found; `complete` is False where there may be more."""

    indexes: list[TableIndex] = field(default_factory=list)
    keys: list[UniqueKey] = field(default_factory=list)
    foreign_keys: list[TableForeignKey] = field(default_factory=list)
    columns: list[Made] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    complete: bool = True


def parts(value: Any, find: Callable[[Reference | Member], Any]) -> Parts:
    """The parts in a canonical value; `find` gives the column that a reference is, as a value."""
    found = Parts()
    for each in _items(value):
        if isinstance(each, dict):
            found.options |= each
        elif isinstance(each, Made):
            _made(each, find, found)
        else:
            found.complete = False
    return found


def _items(value: Any) -> Iterator[Any]:
    """The items of a tuple, a dict, or the sum of some."""
    if isinstance(value, Operated) and value.operator == "+":
        for each in value.operands:
            yield from _items(each)
    elif isinstance(value, tuple):
        yield from value
    elif value is not None:
        yield value


def _made(made: Made, find: Callable[[Reference | Member], Any], found: Parts) -> None:
    name = last_part(made.callee)
    if name in ("Column", "mapped_column"):
        found.columns.append(made)
    elif name == "Index":
        found.indexes.append(index(made, find))
    elif name in ("UniqueConstraint", "PrimaryKeyConstraint", "ForeignKeyConstraint"):
        plain = replace(made, arguments=tuple(_names(made.arguments, find)))
        given = table_parts((plain,), True)
        found.keys += given["unique_keys"]
        found.foreign_keys += given["foreign_keys"]
    elif name not in _IGNORED:
        found.complete = False


def _names(values: Sequence[Any], find: Callable[[Reference | Member], Any]) -> Iterator[Any]:
    """Columns by their names; a list of them too."""
    for each in values:
        if isinstance(each, tuple):
            yield tuple(_names(each, find))
        elif isinstance(each, Reference | Member):
            yield column_name(with_columns(each, find)) or UNKNOWN
        else:
            yield each


def index(made: Made, find: Callable[[Reference | Member], Any]) -> TableIndex:
    """`Index(name, columns…)`."""
    made = with_columns(made, find)
    name = made.arguments[0] if made.arguments else made.keyword("name")
    keywords = dict(made.keywords)
    unique = made.keyword("unique", False)
    where = keywords.get("postgresql_where")
    facts = index_facts(keywords, made.complete)
    if where is not None and facts["where"] is UNKNOWN:
        facts["where"] = sql_of(where) or UNKNOWN
    facts["include"] = _included(keywords.get("postgresql_include"), facts["include"])
    keys = tuple(map(key_of, made.arguments[1:])) if made.complete else UNKNOWN
    return TableIndex(
        name=maybe_text(name),
        keys=keys if keys is UNKNOWN else _with_classes(keys, keywords.get("postgresql_ops")),
        unique=unique if isinstance(unique, bool) else UNKNOWN,
        **facts,
    )


def _included(value: Any, read: Any) -> Any:
    if not isinstance(value, tuple) or all(map(is_plain, value)):
        return read
    return tuple(column_name(each) or UNKNOWN for each in value)


def _with_classes(keys: tuple[IndexKey, ...], classes: Any) -> tuple[IndexKey, ...]:
    if classes is None:
        return keys
    if not isinstance(classes, dict):
        return tuple(replace(key, operator_class=UNKNOWN) for key in keys)
    return tuple(_with_class(key, classes) for key in keys)


def _with_class(key: IndexKey, classes: dict[Any, Any]) -> IndexKey:
    if key.expression is not None:
        return replace(key, operator_class=UNKNOWN) if classes else key
    name = classes.get(key.column)
    return (
        key
        if name is None
        else replace(key, operator_class=name if isinstance(name, str) else UNKNOWN)
    )


def texts(values: Sequence[Any]) -> tuple[Text, ...]:
    """Strings, and UNKNOWN for what is none."""
    return tuple(each if isinstance(each, str) else UNKNOWN for each in values)
