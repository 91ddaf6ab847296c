"""Expressions -> values, as far as the text of one file tells, with the operations met on the way."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from .. import facts
from ..facts import UNKNOWN, Batch, Context, Operation, Site
from ..read import reading as r
from . import values as v
from .operations import HARMLESS, OPERATIONS, Where, operation, sql_text
from .values import AUTOCOMMIT, DIALECT, ENGINE, Function, Made, Member, Reference, Value

if TYPE_CHECKING:
    from ..cut import Piece

# What sends SQL, as a method of a connection, session or engine.
_SENDS_SQL = frozenset(("execute", "exec_driver_sql", "scalar", "scalars"))
# Methods and functions that change nothing in the database.
_READS = frozenset(
    "fetchall fetchone scalar_one scalar_one_or_none mappings first all one get_columns get_indexes"
    " get_table_names get_foreign_keys get_unique_constraints get_pk_constraint has_table"
    " has_column get_x_argument is_offline_mode inspect print len getLogger info debug warning"
    " error getenv get append extend items keys values format join isinstance getattr hasattr"
    " nullcontext".split()
)


@dataclass(slots=True)
class Frame:
    """Where evaluation stands: the names in sight, and what operations met here run under.

    `names` is replaced, never changed, when a name is bound, so that a frame's copy keeps its own.
    """

    names: dict[str, Value]
    outer: dict[str, Value]
    context: Context
    prefix: tuple[int, ...] = ()
    calls: tuple[Function, ...] = ()
    maybe_returned: bool = False

    def copy(self, **changes: Any) -> Frame:
        """A frame of the same place that goes its own way."""
        return replace(self, **changes)

    def bind(self, name: str, value: Value) -> None:
        """Give a name a value."""
        self.names = {**self.names, name: value}


class Calls(Protocol):
    """Runs functions of the same file."""

    dialect: str

    def call(
        self, function: Function, call: r.Call, frame: Frame, here: Here
    ) -> Value:
        """What the call returns, its operations having been met."""


@dataclass(slots=True)
class Here:
    """The piece under evaluation, and the operations that were met in it."""

    piece: Piece
    found: list[Operation] = field(default_factory=list)
    met: int = 0  # operations and calls of functions so far, for their order
    called: bool = False  # a function of the file was called

    def next(self, frame: Frame) -> tuple[int, ...]:
        """The order of the next operation."""
        self.met += 1
        return (*frame.prefix, self.piece.label, self.met)


class Evaluator:
    """Evaluates expressions in a frame."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def value(self, node: r.Expression | None, frame: Frame, here: Here) -> Value:
        """What an expression is; UNKNOWN where the text does not tell."""
        method = _METHODS.get(type(node))
        return UNKNOWN if method is None else method(self, node, frame, here)

    def _constant(self, node: r.Constant, frame: Frame, here: Here) -> Value:
        return node.value

    def _name(self, node: r.Name, frame: Frame, here: Here) -> Value:
        if node.id in frame.names:
            return frame.names[node.id]
        if node.id in frame.outer:
            return frame.outer[node.id]
        if node.id in v.BUILTINS:
            return Reference(node.id)
        star = frame.outer.get("*")
        return Reference(f"{star.dotted}.{node.id}") if isinstance(star, Reference) else UNKNOWN

    def _attribute(self, node: r.Attribute, frame: Frame, here: Here) -> Value:
        base = self.value(node.value, frame, here)
        if isinstance(base, Reference):
            return Reference(f"{base.dotted}.{node.attr}")
        if node.attr == "dialect":
            return DIALECT
        if node.attr == "engine":
            return ENGINE
        if node.attr == "name" and base in (DIALECT, ENGINE):
            return self.calls.dialect
        return Member(base, node.attr)

    def _call(self, node: r.Call, frame: Frame, here: Here) -> Value:
        function = self.value(node.func, frame, here)
        if isinstance(function, Function):
            return self.calls.call(function, node, frame, here)
        positional, keywords, complete = self.arguments(node, frame, here)
        if isinstance(function, Reference):
            return self._call_reference(function, node, (positional, keywords, complete), frame, here)
        if isinstance(function, Member):
            return self._call_member(function, node, (positional, keywords, complete), frame, here)
        name = node.func.id if isinstance(node.func, r.Name) else "a call"
        self._other(name, node, frame, here)
        return UNKNOWN

    def arguments(
        self, node: r.Call, frame: Frame, here: Here
    ) -> tuple[tuple[Value, ...], dict[str, Value], bool]:
        """Positional and keyword arguments; False where some of them are hidden."""
        positional: list[Value] = []
        keywords: dict[str, Value] = {}
        complete = True
        for argument in node.arguments:
            value = self.value(argument.value, frame, here)
            if argument.keyword is not None:
                keywords[argument.keyword] = value
            elif argument.star == "":
                positional.append(value)
            elif argument.star == "*" and isinstance(value, tuple):
                positional += value
            elif argument.star == "**" and isinstance(value, dict):
                keywords.update(value)
            else:
                complete = False
                if argument.star == "*":
                    positional += [UNKNOWN] * 8  # what stands behind it has no known position
        return tuple(positional), keywords, complete

    def _call_reference(
        self, function: Reference, node: r.Call, given: Any, frame: Frame, here: Here
    ) -> Value:
        positional, keywords, complete = given
        package, _, name = function.dotted.rpartition(".")
        site = Site(here.piece, node.path)
        if function.dotted in v.BUILTINS:
            return v.call_builtin(name, positional, keywords) if complete else UNKNOWN
        made = Made(function.dotted, positional, tuple(keywords.items()), complete, site)
        if package != "alembic.op":
            if not _builds(function.dotted):
                self._other(function.dotted, node, frame, here)
            return made
        if name == "f":
            return positional[0] if positional else keywords.get("name", UNKNOWN)
        if name == "batch_alter_table":
            return _batch(made, _receiver(node.func), frame.context)
        if name in OPERATIONS:
            self._operation(name, node, given, frame, here, None)
        elif name not in HARMLESS:
            self._other(f"op.{name}", node, frame, here)
        return made

    def _call_member(
        self, function: Member, node: r.Call, given: Any, frame: Frame, here: Here
    ) -> Value:
        positional, keywords, complete = given
        base, name = function.base, function.name
        if name == "autocommit_block":
            return AUTOCOMMIT
        if isinstance(base, Batch):
            return self._call_batch(base, name, node, given, frame, here)
        if isinstance(base, str) and name == "format" and complete:
            return v.format_text(base, positional, keywords)
        if v.is_plain(base) and base is not None:
            return v.call_method(base, name, positional) if complete and not keywords else UNKNOWN
        if name in _SENDS_SQL:
            self._execute(node, positional, frame, here)
        elif name in ("create", "create_all"):
            self._create(base, node, frame, here)
        elif name not in _READS and not _made_of_sql(base):
            self._other(name, node, frame, here)
        callee = base.callee if isinstance(base, Made) else "?"
        return Made(f"{callee}.{name}", positional, tuple(keywords.items()), complete, None)

    def _call_batch(
        self, batch: Batch, name: str, node: r.Call, given: Any, frame: Frame, here: Here
    ) -> Value:
        if name == "f":
            return given[0][0] if given[0] else UNKNOWN
        if name in OPERATIONS:
            self._operation(name, node, given, frame, here, batch)
        elif name not in HARMLESS:
            self._other(f"batch_op.{name}", node, frame, here)
        return Made(f"alembic.op.{name}", given[0], (), True, None)

    def _operation(
        self, name: str, node: r.Call, given: Any, frame: Frame, here: Here, batch: Batch | None
    ) -> None:
        where = self._where(node, frame, here, batch)
        if where is not None:
            here.found.append(operation(name, where, *given))

    def _execute(
        self, node: r.Call, positional: tuple[Value, ...], frame: Frame, here: Here
    ) -> None:
        if where := self._where(node, frame, here, None):
            sql = sql_text(positional[0]) if positional else UNKNOWN
            here.found.append(facts.Execute(sql=sql, **_common(where)))

    def _create(self, base: Value, node: r.Call, frame: Frame, here: Here) -> None:
        """`Table(…).create(bind)`, `metadata.create_all(bind)`, or the creation of some type."""
        where = self._where(node, frame, here, None)
        if where is None:
            return
        if isinstance(base, Made) and base.callee.rpartition(".")[2] == "Table":
            name = base.arguments[0] if base.arguments else UNKNOWN
            table = name if isinstance(name, str) else UNKNOWN
            schema = base.keyword("schema")
            here.found.append(facts.CreateTable(**_common(where) | {"table": table, "schema": schema}))
        elif isinstance(base, Member) and base.name in ("__table__", "metadata"):
            here.found.append(facts.CreateTable(**_common(where) | {"table": UNKNOWN}))
        else:
            self._other("create", node, frame, here)

    def _other(self, name: str, node: r.Call, frame: Frame, here: Here) -> None:
        if name.rpartition(".")[2] in _READS:
            return
        if where := self._where(node, frame, here, None):
            here.found.append(facts.Other(name=name, **_common(where)))

    def _where(
        self, node: r.Call, frame: Frame, here: Here, batch: Batch | None
    ) -> Where | None:
        """What an operation met here runs under; None outside of upgrade() and downgrade()."""
        if not frame.context.function:
            return None
        site = Site(here.piece, node.path)
        context = frame.context
        if batch is not None:  # its operations run when it ends
            context = replace(context, autocommit=batch.autocommit)
        return Where(site, here.next(frame), context, _receiver(node.func), batch)

    def _sequence(self, node: r.Sequence, frame: Frame, here: Here) -> Value:
        found: list[Value] = []
        for item in node.items:
            if not isinstance(item, r.Starred):
                found.append(self.value(item, frame, here))
                continue
            value = self.value(item.value, frame, here)
            if not isinstance(value, tuple):
                return UNKNOWN
            found += value
        return tuple(found)

    def _mapping(self, node: r.Mapping, frame: Frame, here: Here) -> Value:
        found: dict[Value, Value] = {}
        for key, item in node.items:
            value = self.value(item, frame, here)
            name = self.value(key, frame, here) if key is not None else None
            if key is None and isinstance(value, dict):
                found.update(value)
            elif key is not None and isinstance(name, (str, int, tuple)) and v.known(name):
                found[name] = value
            else:
                return UNKNOWN
        return found

    def _joined(self, node: r.Joined, frame: Frame, here: Here) -> Value:
        parts = [self.value(part, frame, here) for part in node.parts]
        if all(isinstance(part, (str, int)) for part in parts):
            return "".join(str(part) for part in parts)
        return UNKNOWN

    def _binary(self, node: r.Binary, frame: Frame, here: Here) -> Value:
        left = self.value(node.left, frame, here)
        right = self.value(node.right, frame, here)
        if node.operator not in ("and", "or"):
            return v.binary(node.operator, left, right)
        decides = node.operator == "or"
        first, second = v.truth(left), v.truth(right)
        if first is not None:
            return left if first is decides else right
        return decides if second is decides else UNKNOWN

    def _compare(self, node: r.Compare, frame: Frame, here: Here) -> Value:
        left = self.value(node.left, frame, here)
        result: Value = True
        for operator, item in node.comparisons:
            right = self.value(item, frame, here)
            found = v.compare(operator, left, right)
            if found is False:
                return False
            result = UNKNOWN if found is UNKNOWN else result
            left = right
        return result

    def _not(self, node: r.Not, frame: Frame, here: Here) -> Value:
        truth = v.truth(self.value(node.value, frame, here))
        return UNKNOWN if truth is None else not truth

    def _conditional(self, node: r.Conditional, frame: Frame, here: Here) -> Value:
        truth = v.truth(self.value(node.test, frame, here))
        if truth is not None:
            return self.value(node.body if truth else node.orelse, frame, here)
        maybe = frame.copy(context=replace(frame.context, conditional=True))
        one = self.value(node.body, maybe, here)
        other = self.value(node.orelse, maybe, here)
        return one if v.known(one) and v.known(other) and one == other else UNKNOWN

    def _subscript(self, node: r.Subscript, frame: Frame, here: Here) -> Value:
        base = self.value(node.value, frame, here)
        index = self.value(node.index, frame, here)
        if not v.known(index) or isinstance(index, dict):
            return UNKNOWN
        if isinstance(base, dict):
            return base.get(index, UNKNOWN)
        if isinstance(base, tuple) and isinstance(index, int) and -len(base) <= index < len(base):
            return base[index]
        return UNKNOWN

    def _named(self, node: r.Named, frame: Frame, here: Here) -> Value:
        value = self.value(node.value, frame, here)
        frame.bind(node.name, value)
        return value

    def _opaque(self, node: r.Opaque, frame: Frame, here: Here) -> Value:
        hidden = dict.fromkeys((*node.binds, *node.hides), UNKNOWN)
        maybe = frame.copy(
            names=frame.names | hidden,
            context=replace(frame.context, conditional=True, loop=True),
        )
        for part in node.parts:
            self.value(part, maybe, here)
        for name in node.binds:
            frame.bind(name, UNKNOWN)
        return UNKNOWN


_METHODS: dict[type, Any] = {
    r.Constant: Evaluator._constant,
    r.Name: Evaluator._name,
    r.Attribute: Evaluator._attribute,
    r.Call: Evaluator._call,
    r.Sequence: Evaluator._sequence,
    r.Mapping: Evaluator._mapping,
    r.Joined: Evaluator._joined,
    r.Binary: Evaluator._binary,
    r.Compare: Evaluator._compare,
    r.Not: Evaluator._not,
    r.Conditional: Evaluator._conditional,
    r.Subscript: Evaluator._subscript,
    r.Named: Evaluator._named,
    r.Opaque: Evaluator._opaque,
}


def _common(where: Where) -> dict[str, Any]:
    return {
        "site": where.site,
        "order": where.order,
        "context": where.context,
        "receiver": where.receiver,
        "batch": where.batch,
    }


def _receiver(func: r.Expression) -> str:
    """What stands before a method's name, as written; "" for a bare name, "?" for an expression."""
    if isinstance(func, r.Name):
        return ""
    return (_source(func.value) if isinstance(func, r.Attribute) else "") or "?"


def _source(node: r.Expression) -> str:
    if isinstance(node, r.Name):
        return node.id
    if isinstance(node, r.Attribute) and (base := _source(node.value)):
        return f"{base}.{node.attr}"
    return ""


def _batch(made: Made, receiver: str, context: Context) -> Batch:
    table = made.arguments[0] if made.arguments else made.keyword("table_name", UNKNOWN)
    schema = made.arguments[1] if len(made.arguments) > 1 else made.keyword("schema")
    recreate = made.keyword("recreate", "auto")
    assert made.site is not None
    others = {name for name, _ in made.keywords} - {"table_name", "schema", "recreate"}
    return Batch(
        table if isinstance(table, str) else UNKNOWN,
        schema if schema is None or isinstance(schema, str) else UNKNOWN,
        recreate if isinstance(recreate, str) else UNKNOWN,
        made.site,
        receiver,
        plain=not others and len(made.arguments) < 3 and made.complete,
        autocommit=context.autocommit,
    )


def _builds(dotted: str) -> bool:
    """Whether calling this imported thing only makes a value: a type, a column, a statement."""
    top = dotted.partition(".")[0]
    return top in ("sqlalchemy", "sqlmodel", "geoalchemy2", "datetime", "os", "uuid", "logging", "enum")


def _made_of_sql(base: Value) -> bool:
    """Whether a value is a statement or type under construction: its methods build on."""
    return isinstance(base, Made) and base.callee.startswith(("sqlalchemy.", "sqlmodel."))
