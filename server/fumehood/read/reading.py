"""What is read from one logical line: statements of unevaluated expressions.

A reading depends on the line's text alone, so equal lines share one. It holds no libcst node and no
offset; calls keep the path to their node.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

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
class Conditional:
    """`body if test else orelse`."""

    test: Expression
    body: Expression
    orelse: Expression


@dataclass(frozen=True, slots=True)
class Subscript:
    """`value[index]`, with one plain index."""

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
    | Conditional
    | Subscript
    | Named
    | Opaque
)


@dataclass(frozen=True, slots=True)
class Evaluate:
    """An expression statement; also what a statement evaluates and does nothing else with."""

    value: Expression


@dataclass(frozen=True, slots=True)
class Assign:
    """`targets = value`; a target that is no name or tuple of names is `Opaque`."""

    targets: tuple[Expression, ...]
    value: Expression


@dataclass(frozen=True, slots=True)
class Forget:
    """Names that get values which are not followed: `del`, `x += 1`, `global x`."""

    names: tuple[str, ...]
    value: Expression | None = None


@dataclass(frozen=True, slots=True)
class Mutate:
    """`name.append(…)` and the like: what `name` holds is another thing afterwards."""

    name: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Assert:
    """`assert test`."""

    test: Expression


@dataclass(frozen=True, slots=True)
class Import:
    """`import dotted as name`, `from dotted import attr as name`: names and what they stand for."""

    names: tuple[tuple[str, str], ...]


class Leave(StrEnum):
    """How a statement leaves its block."""

    RETURN = "return"
    RAISE = "raise"
    BREAK = "break"
    CONTINUE = "continue"


@dataclass(frozen=True, slots=True)
class Jump:
    """`return value`, `raise value`, `break`, `continue`."""

    how: Leave
    value: Expression | None = None


Statement = Evaluate | Assign | Forget | Mutate | Assert | Import | Jump


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function: `star` is "", "*" or "**"."""

    name: str
    default: Expression | None = None
    star: str = ""
    keyword_only: bool = False


@dataclass(frozen=True, slots=True)
class Define:
    """`def name(parameters):`."""

    name: str
    parameters: tuple[Parameter, ...]
    decorated: bool


@dataclass(frozen=True, slots=True)
class Class:
    """`class name:`."""

    name: str


@dataclass(frozen=True, slots=True)
class With:
    """`with expression as target, …:`."""

    items: tuple[tuple[Expression, Expression | None], ...]


@dataclass(frozen=True, slots=True)
class If:
    """`if test:`; also `elif test:` where `chained`; a test of None is `else:`."""

    test: Expression | None
    chained: bool = False


@dataclass(frozen=True, slots=True)
class For:
    """`for target in iterable:`."""

    target: Expression
    iterable: Expression


@dataclass(frozen=True, slots=True)
class Match:
    """`match subject:`."""

    subject: Expression


@dataclass(frozen=True, slots=True)
class Case:
    """`case values[0] | values[1] …:`; `values` is None for `_`, empty for any other pattern."""

    values: tuple[Expression, ...] | None
    binds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """A block that may run or not: while, try, except, finally, and broken headers."""

    word: str
    value: Expression | None = None
    binds: tuple[str, ...] = ()


Header = Define | Class | With | If | For | Match | Case | Branch


@dataclass(frozen=True, slots=True)
class Reading:
    """One logical line: a header with the statements on its own line, or statements alone.

    `plain` says that it binds no name and leaves no block, so that nothing after it depends on it.
    `alone` that it is one statement on a line of its own, which can be moved.
    """

    header: Header | None = None
    statements: tuple[Statement, ...] = ()
    plain: bool = True
    broken: bool = False

    @property
    def alone(self) -> bool:
        """Whether the line is one simple statement and nothing else."""
        return self.header is None and len(self.statements) == 1


NOTHING = Reading()
