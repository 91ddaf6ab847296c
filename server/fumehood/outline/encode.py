"""Outlines as JSON and back, for what is kept between runs.

A value that is no plain JSON is a list with its kind first; a tuple's kind is "t".
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from ..facts import UNKNOWN
from ..join.values import Made, Member, Reference
from ..stepwise import finished
from .parts import Attribute, ClassOutline, Outline, Places, QueryOutline, Stray
from .symbols import SUBQUERY, Choice, Join, Maybe, Operated, Queried, Value

# To be raised when what is encoded changes: what older versions kept is then of no use.
VERSION = 3


def encoded(outline: Outline) -> dict[str, Any]:
    """An outline as what JSON can hold."""
    return {
        "names": _mapping(outline.names),
        "stars": list(outline.stars),
        "classes": [_class(each) for each in outline.classes.values()],
        "indexes": [[each.name, _value(each.made)] for each in outline.indexes],
        "queries": [[each.function, each.number, _query(each.query)] for each in outline.queries],
        "places": dict(outline.places.names),
        "query_places": [[start, list(path)] for start, path in outline.places.queries],
    }


def decoded(data: dict[str, Any]) -> Outline:
    """The outline that was encoded; KeyError, TypeError or ValueError where `data` is none."""
    return finished(decoding(data))


def decoding(data: dict[str, Any]) -> Generator[None, None, Outline]:
    """The same, in small steps."""
    classes: dict[str, ClassOutline] = {}
    for each in data["classes"]:
        outline = _decoded_class(each)
        classes[outline.name] = outline
        yield
    queries = []
    for function, number, query in data["queries"]:
        queries.append(QueryOutline(function, number, _decoded_query(query)))
        yield
    return Outline(
        _decoded_mapping(data["names"]),
        tuple(data["stars"]),
        classes,
        tuple(Stray(name, _decoded(made)) for name, made in data["indexes"]),
        tuple(queries),
        Places(
            dict(data["places"]),
            tuple((start, tuple(path)) for start, path in data["query_places"]),
        ),
    )


def _mapping(values: Any) -> dict[str, Any]:
    return {name: _value(value) for name, value in values.items()}


def _decoded_mapping(data: dict[str, Any]) -> dict[str, Value]:
    return {name: _decoded(value) for name, value in data.items()}


def _class(outline: ClassOutline) -> list[Any]:
    attributes = {
        name: [_value(each.value), _value(each.annotation), each.kind]
        for name, each in outline.attributes.items()
    }
    return [
        outline.name,
        _values(outline.bases),
        _mapping(outline.keywords),
        _values(outline.decorators),
        attributes,
        outline.closed,
    ]


def _decoded_class(data: list[Any]) -> ClassOutline:
    name, bases, keywords, decorators, attributes, closed = data
    return ClassOutline(
        name,
        _decoded_values(bases),
        _decoded_mapping(keywords),
        _decoded_values(decorators),
        {
            each: Attribute(_decoded(value), _decoded(annotation), kind)
            for each, (value, annotation, kind) in attributes.items()
        },
        closed,
    )


def _query(query: Queried) -> list[Any]:
    return [
        query.kind,
        _values(query.entities),
        _values(query.conditions),
        [[name, _value(value), joins] for name, value, joins in query.by_name],
        [[_value(each.target), _value(each.on), each.outer] for each in query.joins],
        _values(query.order_by),
        query.limited,
        query.known,
    ]


def _decoded_query(data: list[Any]) -> Queried:
    kind, entities, conditions, by_name, joins, order_by, limited, known = data
    return Queried(
        kind,
        _decoded_values(entities),
        _decoded_values(conditions),
        tuple((name, _decoded(value), number) for name, value, number in by_name),
        tuple(Join(_decoded(target), _decoded(on), outer) for target, on, outer in joins),
        _decoded_values(order_by),
        limited,
        known,
    )


def _values(values: tuple[Value, ...]) -> list[Any]:
    return [_value(each) for each in values]


def _decoded_values(data: list[Any]) -> tuple[Value, ...]:
    return tuple(_decoded(each) for each in data)


def _value(value: Value) -> Any:
    match value:
        case bool() | int() | float() | None:
            return value
        case str():
            return str(value)
        case tuple():
            return ["t", *_values(value)]
        case dict():
            return ["d", [[_value(key), _value(item)] for key, item in value.items()]]
        case Reference(dotted):
            return ["r", dotted]
        case Member(base, name):
            return ["a", _value(base), name]
        case Operated(operator, operands):
            return ["o", operator, *_values(operands)]
        case Maybe(inner):
            return ["?", _value(inner)]
        case Made():
            keywords = [[name, _value(item)] for name, item in value.keywords]
            arguments = _values(value.arguments)
            return ["m", value.callee, arguments, keywords, value.complete, _value(value.base)]
        case Queried() | Choice():
            return _value(SUBQUERY)
    return ["u"]


def _decoded(data: Any) -> Value:
    if not isinstance(data, list):
        return data
    return _DECODERS[data[0]](data)


def _decoded_made(data: list[Any]) -> Made:
    _, callee, arguments, keywords, complete, base = data
    items = tuple((name, _decoded(item)) for name, item in keywords)
    return Made(callee, _decoded_values(arguments), items, complete, None, _decoded(base))


_DECODERS: dict[str, Callable[[list[Any]], Value]] = {
    "t": lambda data: _decoded_values(data[1:]),
    "d": lambda data: {_decoded(key): _decoded(item) for key, item in data[1]},
    "r": lambda data: Reference(data[1]),
    "a": lambda data: Member(_decoded(data[1]), data[2]),
    "o": lambda data: Operated(data[1], _decoded_values(data[2:])),
    "?": lambda data: Maybe(_decoded(data[1])),
    "m": _decoded_made,
    "u": lambda data: UNKNOWN,
}
