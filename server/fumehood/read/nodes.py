"""Unevaluated expressions, as one logical line says them. Calls keep the path to their node."""

from __future__ import annotations

from dataclasses import dataclass

# From a piece's statement to a node: field names and list indices (fumehood.syntax.node_at).
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal."""

    value: str | bytes | int | float | complex | bool | None


@dataclass(frozen=True, slots=True)
class Name:
    """A name, whatever it is bound to."""

    id: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """`value.attr`."""

    value: Expression
    attr: str


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a call: `star` is "", "*" or "**"."""

    value: Expression
    keyword: str | None = None
    star: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """`func(arguments)`, at `path` within its piece."""

    func: Expression
    arguments: tuple[Argument, ...]
    path: Path


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list, tuple or set display; starred items are `Starred`."""

    kind: str
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Starred:
    """`*value` in a display."""

    value: Expression


@dataclass(frozen=True, slots=True)
class Mapping:
    """A dict display; a key of None is `**value`."""

    items: tuple[tuple[Expression | None, Expression], ...]


@dataclass(frozen=True, slots=True)
class Joined:
    """An f-string whose fields are plain expressions."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Binary:
    """`left operator right`, with the operator as written."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Compare:
    """`left operator right operator right …`."""

    left: Expression
    comparisons: tuple[tuple[str, Expression], ...]


@dataclass(frozen=True, slots=True)
class Not:
    """`not value`."""

    value: Expression


@dataclass(frozen=True, slots=True)
class Unary:
    """`-value` or `~value`, with the operator as written."""

    operator: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Conditional:
    """`body if test else orelse`."""

    test: Expression
    body: Expression
    orelse: Expression


@dataclass(frozen=True, slots=True)
class Subscript:
    """`value[index]`; of several indices, `index` is the tuple."""

    value: Expression
    index: Expression


@dataclass(frozen=True, slots=True)
class Named:
    """`name := value`."""

    name: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Opaque:
    """Anything else; `parts` are the expressions in it, `binds` the names that it gives values.

    `hides` are a comprehension's own variables.
    """

    parts: tuple[Expression, ...] = ()
    binds: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()


Expression = (
    Constant
    | Name
    | Attribute
    | Call
    | Sequence
    | Starred
    | Mapping
    | Joined
    | Binary
    | Compare
    | Not
    | Unary
    | Conditional
    | Subscript
    | Named
    | Opaque
)
