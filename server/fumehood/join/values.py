"""What an expression evaluates to, as far as its text tells.

Plain Python values stand for themselves: str, numbers, None, tuples (for lists and sets too) and
dicts. All else that is known is one of the classes here; the rest is UNKNOWN.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from ..facts import UNKNOWN, Site

if TYPE_CHECKING:
    from ..cut import Piece
    from ..read.reading import Define

Value = Any


@dataclass(frozen=True, slots=True)
class Reference:
    """Something imported or built in, by its dotted name."""

    dotted: str


class Final(str):
    """A name that came through op.f(): no naming convention changes it."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Made:
    """What calling an imported thing gave, with its evaluated arguments.

    `base` is what a method was called on.
    """

    callee: str
    arguments: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]
    complete: bool
    site: Site | None
    base: Value = None

    def keyword(self, name: str, default: Value = None) -> Value:
        """The value of a keyword argument; UNKNOWN where `**` may have given it."""
        return dict(self.keywords).get(name, default if self.complete else UNKNOWN)


@dataclass(frozen=True, slots=True)
class Template:
    """A text of which some parts are not known; `text` has something else in their places."""

    text: str


@dataclass(frozen=True, slots=True)
class Member:
    """An attribute of some value, not called yet."""

    base: Value
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function of the same file, with the names that it can see."""

    define: Define
    piece: Piece
    names: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Marker:
    """A value known by what it is: the dialect, an engine, an autocommit block."""

    what: str


DIALECT = Marker("dialect")
ENGINE = Marker("engine")
AUTOCOMMIT = Marker("autocommit_block")

_PLAIN = (str, bytes, int, float, complex, bool, type(None), tuple, dict)
# A loop of more turns than this is read once, with an unknown variable.
MOST_TURNS = 200
# What projects call a function of their own that asks for the dialect.
_ASKS = re.compile(r"_?is_(postgresql|postgres|pg|mysql|mariadb|sqlite|oracle|mssql)")
_FIELD = re.compile(r"\{[^{}\w]*\w*([^{}]*)\}")


def is_plain(value: Value) -> bool:
    """Whether a value is a Python value that stands for itself."""
    return isinstance(value, _PLAIN)


def truth(value: Value) -> bool | None:
    """Whether a value is true; None where that is not known."""
    return bool(value) if is_plain(value) else None


def known(value: Value) -> bool:
    """Whether a value is plain through and through."""
    if isinstance(value, tuple):
        return all(known(item) for item in value)
    if isinstance(value, dict):
        return all(known(item) for item in value.values())
    return is_plain(value)


def call_method(base: Value, name: str, arguments: tuple[Value, ...]) -> Value:
    """A method of a plain value; UNKNOWN where it is none of those that are understood."""
    if isinstance(base, dict):
        view = _DICT_METHODS.get(name)
        if view and not arguments:
            return view(base)
        if (
            name == "get"
            and arguments
            and known(arguments[0])
            and not isinstance(arguments[0], dict)
        ):
            return base.get(*arguments)
        return UNKNOWN
    if isinstance(base, str) and name in _STR_METHODS and known(arguments):
        return _attempt(getattr(base, name), arguments)
    return UNKNOWN


def call_builtin(name: str, arguments: tuple[Value, ...], keywords: dict[str, Value]) -> Value:
    """A built-in function of plain values; UNKNOWN where it is none of those understood."""
    function = _BUILTINS.get(name)
    if name == "zip":
        keywords = {key: value for key, value in keywords.items() if key != "strict"}
    if function is None or (keywords and (name != "enumerate" or set(keywords) != {"start"})):
        return UNKNOWN
    values = tuple(tuple(item) if isinstance(item, dict) else item for item in arguments)
    if not all(is_plain(item) for item in (*values, *keywords.values())):
        return UNKNOWN
    return _attempt(function, values, keywords)


def asked_dialect(function: str) -> str | None:
    """The database that an imported `is_postgresql(bind)` asks for, by the function's name."""
    found = _ASKS.fullmatch(function.rpartition(".")[2])
    if found is None:
        return None
    return "postgresql" if found[1] in ("postgres", "pg") else found[1]


def is_dialect(asked: str, dialect: str) -> Value:
    """Whether a dialect is the one that is asked for; MariaDB is often taken for MySQL."""
    if asked != dialect and {asked, dialect} == {"mariadb", "mysql"}:
        return UNKNOWN
    return asked == dialect


def format_text(template: str, arguments: tuple[Value, ...], keywords: dict[str, Value]) -> Value:
    """`template.format(…)`."""
    if not known(arguments) or not known(keywords) or len(template) > 10_000:
        return UNKNOWN
    if any(field.strip("0123456789") for field in _FIELD.findall(template)):
        return UNKNOWN  # a width or an attribute: more than names in their places
    return _attempt(template.format, arguments, keywords)


def binary(operator: str, left: Value, right: Value) -> Value:
    """`left operator right` for the operators that build names and lists."""
    left, right = _no_longer_final(left), _no_longer_final(right)
    if operator == "+" and type(left) is type(right) and isinstance(left, (str, tuple, int)):
        return _attempt(lambda one, other: one + other, (left, right))
    if operator == "%" and isinstance(left, str):
        plain = known(right) and _percent_is_plain(left)
        return _attempt(left.__mod__, (right,)) if plain else Template(left)
    if operator == "+" and isinstance(left, (str, Template)) and right is UNKNOWN:
        return Template(_template(left))
    if operator == "+" and isinstance(left, Template) and isinstance(right, (str, Template)):
        return Template(_template(left) + _template(right))
    if operator == "|" and isinstance(left, dict) and isinstance(right, dict):
        return left | right
    return UNKNOWN


def joined(parts: list[Value]) -> Value:
    """The parts of an f-string as one text."""
    if all(isinstance(part, (str, int)) for part in parts):
        return "".join(str(part) for part in parts)
    return Template("".join(map(_template, parts)))


def _template(part: Value) -> str:
    if isinstance(part, Template):
        return part.text
    return str(part) if isinstance(part, (str, int)) else "?"


def compare(operator: str, left: Value, right: Value) -> Value:
    """`left operator right`; UNKNOWN unless both sides are plain."""
    if not known(left) or not known(right):
        return UNKNOWN
    function = _COMPARISONS.get(operator)
    return UNKNOWN if function is None else _attempt(function, (left, right))


def _attempt(
    function: Callable[..., Any],
    arguments: tuple[Value, ...],
    keywords: dict[str, Value] | None = None,
) -> Value:
    """Call a pure function of Python's own on values from the text; UNKNOWN where that fails."""
    try:
        result = function(*arguments, **(keywords or {}))
    except Exception:  # whatever the user's literal makes it raise
        return UNKNOWN
    if isinstance(result, (list, set, frozenset)):
        return tuple(result)
    return result if is_plain(result) else UNKNOWN


def _no_longer_final(value: Value) -> Value:
    return str(value) if isinstance(value, Final) else value


def _percent_is_plain(template: str) -> bool:
    return all(kind in "sd%" for kind in re.findall(r"%(?:\(\w+\))?(.)", template))


def _range(*arguments: int) -> tuple[int, ...]:
    found = range(*arguments)
    if len(found) > MOST_TURNS:
        raise ValueError("too many turns")
    return tuple(found)


_DICT_METHODS: dict[str, Callable[[dict[Value, Value]], tuple[Value, ...]]] = {
    "items": lambda value: tuple(value.items()),
    "keys": lambda value: tuple(value),
    "values": lambda value: tuple(value.values()),
}
_STR_METHODS = frozenset(
    [
        "startswith",
        "endswith",
        "lower",
        "upper",
        "strip",
        "lstrip",
        "rstrip",
        "replace",
        "split",
        "join",
        "title",
        "capitalize",
        "removeprefix",
        "removesuffix",
    ]
)
_BUILTINS: dict[str, Callable[..., Any]] = {
    "range": _range,
    "enumerate": lambda items, start=0: tuple(enumerate(items, start)),
    "zip": lambda *items: tuple(zip(*items, strict=False)),
    "list": lambda items=(): tuple(items),
    "tuple": lambda items=(): tuple(items),
    "set": lambda items=(): tuple(dict.fromkeys(items)),
    "frozenset": lambda items=(): tuple(dict.fromkeys(items)),
    "reversed": lambda items: tuple(reversed(items)),
    "sorted": lambda items: tuple(sorted(items)),
    "len": len,
    "str": lambda value: str(value) if isinstance(value, str) else UNKNOWN,
    "bool": bool,
    "dict": lambda items=(): dict(items),
    "textwrap.dedent": dedent,
}
BUILTINS = frozenset(_BUILTINS)
_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "in": lambda left, right: left in right,
    "not in": lambda left, right: left not in right,
    "is": lambda left, right: left == right,
    "is not": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}
