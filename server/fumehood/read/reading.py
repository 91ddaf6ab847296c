"""What is read from one logical line: statements of unevaluated expressions.

A reading depends on the line's text alone, so equal lines share one. It holds no libcst node and no
offset.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .nodes import Argument, Expression


@dataclass(frozen=True, slots=True)
class Evaluate:
    """An expression statement; also what a statement evaluates and does nothing else with."""

    value: Expression


@dataclass(frozen=True, slots=True)
class Assign:
    """`targets = value`; a target that is no name, attribute or tuple of these is `Opaque`."""

    targets: tuple[Expression, ...]
    value: Expression
    annotation: Expression | None = None


@dataclass(frozen=True, slots=True)
class Declare:
    """`name: annotation`, without a value."""

    name: str
    annotation: Expression


@dataclass(frozen=True, slots=True)
class Forget:
    """Names that get values which are not followed: `del`, `x += 1`, `global x`.

    `operator` is that of an augmented assignment, as written without its "=".
    """

    names: tuple[str, ...]
    value: Expression | None = None
    operator: str | None = None


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


Statement = Evaluate | Assign | Declare | Forget | Mutate | Assert | Import | Jump


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function: `star` is "", "*" or "**"."""

    name: str
    default: Expression | None = None
    star: str = ""
    keyword_only: bool = False


@dataclass(frozen=True, slots=True)
class Define:
    """`def name(parameters) -> returns:`."""

    name: str
    parameters: tuple[Parameter, ...]
    decorators: tuple[Expression, ...] = ()
    returns: Expression | None = None

    @property
    def decorated(self) -> bool:
        """Whether it has any decorator."""
        return bool(self.decorators)


@dataclass(frozen=True, slots=True)
class Class:
    """`class name(arguments):`; the arguments are bases and keywords."""

    name: str
    arguments: tuple[Argument, ...] = ()
    decorators: tuple[Expression, ...] = ()


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
