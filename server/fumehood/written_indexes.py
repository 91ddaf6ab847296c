"""The indexes that a class or Table() writes: its own, or those of the models that inherit them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .facts import UNKNOWN
from .join.values import Made
from .models.catalog import Catalog
from .models.facts import ClassKey, Model, ModelIndex, written_in
from .outline.parts import ClassOutline
from .read import nodes as n
from .read import reading as r

Path = tuple[str | int, ...]
# A model with an index of it.
Has = tuple[Model, ModelIndex]

_COLUMNS = frozenset(["Column", "mapped_column", "Field"])


def indexes_of(catalog: Catalog, key: ClassKey) -> Iterator[tuple[Has, ...]]:
    """The indexes that are written in a class, or for its table behind it; each with who has it."""
    model = catalog.model(key)
    if model is not None:
        for index in model.indexes:
            behind = index.origin.path == key[0] and index.origin.name.endswith(".Index")
            if behind or written_in(index.origin, key):
                yield ((model, index),)
        return
    outline = catalog.outline(key[0])
    held = None if outline is None else outline.classes.get(key[1])
    if held is None or not _may_index(held):
        return
    found: dict[object, list[Has]] = {}
    for heir in catalog.heirs(key):
        for index in heir.indexes:
            if written_in(index.origin, key):
                fact = index.index
                same = (index.origin, fact.keys, fact.unique, fact.method, fact.where, fact.include)
                found.setdefault(same, []).append((heir, index))
    yield from map(tuple, found.values())


def _may_index(outline: ClassOutline) -> bool:
    """Whether a class may give those that inherit from it an index."""
    return any(
        each.kind or name == "__table_args__" or "index" in _keywords(each.value)
        for name, each in outline.attributes.items()
    )


def _keywords(value: Any) -> set[str]:
    """The keywords of a call, and of calls that it is given."""
    if not isinstance(value, Made):
        return set()
    names = {name for name, _ in value.keywords}
    given = (*value.arguments, *(each for _, each in value.keywords))
    return names.union(*map(_keywords, given))


def path_to(index: ModelIndex, reading: r.Reading) -> Path:
    """The path to what makes an index in its line: `index=True`, or Index(); () is all of it."""
    statements = reading.statements if reading.header is None else ()
    calls = [call for each in statements for call in _calls(getattr(each, "value", None))]
    if index.column is None:
        paths = [each.path for each in calls if _is_named(each, index)]
    else:
        paths = [path for each in calls if (path := _index_keyword(each, index))]
    return paths[0] if len(paths) == 1 else ()


def _calls(node: Any) -> Iterator[n.Call]:
    match node:
        case n.Call():
            yield node
            for argument in node.arguments:
                yield from _calls(argument.value)
        case n.Sequence(_, items):
            for item in items:
                yield from _calls(item)
        case n.Binary(_, left, right):
            yield from _calls(left)
            yield from _calls(right)


def _is_named(call: n.Call, index: ModelIndex) -> bool:
    """Whether a call makes an index: by its name, else by its columns."""
    if _last(call.func) != "Index":
        return False
    given = [each.value for each in call.arguments if each.keyword is None and not each.star]
    given += [each.value for each in call.arguments if each.keyword == "name"]
    if not index.unnamed:
        name = index.index.name
        named = name if isinstance(name, str) else None
        return named is not None and n.Constant(named) in (*given[:1], *given[-1:])
    keys = () if index.index.keys is UNKNOWN else index.index.keys
    columns = [each.value if isinstance(each, n.Constant) else _last(each) for each in given[1:]]
    return given[:1] == [n.Constant(None)] and columns == [key.column for key in keys]


def _index_keyword(call: n.Call, index: ModelIndex) -> Path:
    """The path to `index=…` in the call that makes a column; () where it is another call."""
    if _last(call.func) not in _COLUMNS or index.index.keys is UNKNOWN:
        return ()
    first = call.arguments[0].value if call.arguments else None
    if isinstance(first, n.Constant) and first.value != index.index.keys[0].column:
        return ()  # in a Table(): another column
    numbers = [number for number, each in enumerate(call.arguments) if each.keyword == "index"]
    return (*call.path, "args", numbers[0]) if numbers else ()


def _last(node: Any) -> str:
    return node.attr if isinstance(node, n.Attribute) else getattr(node, "id", "")
