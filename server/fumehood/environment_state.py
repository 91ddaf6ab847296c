"""What is kept of an env.py while it is followed: names, connections and their transactions."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

# What SQLAlchemy 2 begins a transaction for.
_EXECUTE = frozenset(
    ("exec_driver_sql", "execute", "scalar", "scalars", "stream", "stream_scalars")
)
_END = frozenset(("close", "commit", "invalidate", "rollback"))
_HARMLESS = frozenset(("get_execution_options", "get_isolation_level", "in_transaction"))


class Unknown(NamedTuple):
    """What the text does not tell."""


class Module(NamedTuple):
    """`alembic`, or something in it."""

    name: str


class Connection(NamedTuple):
    """A connection, or a transaction on it; with `engine`, perhaps the engine that made it."""

    number: int
    engine: bool = False


class Function(NamedTuple):
    node: ast.FunctionDef | ast.AsyncFunctionDef


class Begun(NamedTuple):
    """A transaction that Alembic does not know; `by_hand`: some begin() was called for it."""

    line: int
    what: str
    by_hand: bool


UNKNOWN: Final = Unknown()
CONTEXT: Final = Module("context")
Value = Unknown | Module | Connection | Function
Status = Begun | Unknown | None  # None: in no transaction


@dataclass
class State:
    """One point in the run. `external` is the status that the connection given to configure() had;
    `configured` is that connection, None offline.
    """

    names: dict[str, Value] = field(default_factory=dict)
    status: dict[Connection, Status] = field(default_factory=dict)
    configured: Connection | Unknown | None = None
    external: Status = None

    def copy(self) -> State:
        return State(dict(self.names), dict(self.status), self.configured, self.external)

    def become(self, other: State) -> None:
        self.names, self.status = other.names, other.status
        self.configured, self.external = other.configured, other.external

    def join(self, other: State) -> None:
        """Keep what holds whether this state came about or the other."""
        for name in self.names.keys() | other.names.keys():
            if self.names.get(name) != other.names.get(name):
                self.names[name] = UNKNOWN
        both = {**other.status, **self.status}
        self.status = {
            each: both[each] if self.status.get(each) == other.status.get(each) else UNKNOWN
            for each in both
        }
        if (self.configured, self.external) != (other.configured, other.external):
            self.configured = self.external = UNKNOWN

    def bind(self, target: ast.expr, value: Value) -> None:
        if isinstance(target, ast.Name):
            self.names[target.id] = value
        elif isinstance(target, ast.Tuple | ast.List):
            for element in target.elts:
                self.bind(element, UNKNOWN)

    def connect(self, engine: bool = False) -> Connection:
        made = Connection(len(self.status), engine)
        self.status[made] = None
        return made

    def begin(self, source: ast.expr, receiver: Value) -> Connection:
        """begin() of an engine or a connection: where it is not known which, the name is both."""
        connection = receiver
        if not isinstance(connection, Connection):
            connection = self.connect(engine=True)
            self.bind(source, connection)
        what = ast.unparse(source)
        instead = f"use {what}.connect()" if connection.engine else "leave that out"
        what = (
            f"runs migrations inside {what}.begin(), where an autocommit block fails: "
            f"{instead} and let Alembic begin the transaction."
        )
        self.status[connection] = Begun(source.lineno, what, by_hand=True)
        return connection

    def use(self, connection: Connection, name: str, node: ast.Call) -> Value:
        """A method of a connection is called."""
        if name == "execution_options":
            return connection
        if name in _END:
            self.status[connection] = None
        elif name in _EXECUTE:
            if not isinstance(self.status[connection], Begun):
                commit = f"{ast.unparse(node.func).rpartition('.')[0]}.commit()"
                what = (
                    "executes SQL before context.configure(), which begins a transaction in which "
                    f"an autocommit block fails: call {commit} after it."
                )
                self.status[connection] = Begun(node.lineno, what, by_hand=False)
        elif name not in _HARMLESS:
            self.hand_over([connection])
        return UNKNOWN

    def hand_over(self, values: Iterable[Value]) -> None:
        """Something unknown gets hold of these, and may execute or commit."""
        for value in values:
            if isinstance(value, Connection):
                status = self.status[value]
                begun = isinstance(status, Begun) and status.by_hand
                self.status[value] = status if begun else UNKNOWN

    def configure(self, connection: Value | None) -> None:
        """context.configure(); None: without a connection, and so offline."""
        if isinstance(connection, Connection):
            self.configured, self.external = connection, self.status[connection]
        else:
            self.configured = None if connection is None else UNKNOWN
            self.external = UNKNOWN

    def transaction(self) -> Status:
        """The one in which run_migrations() runs now, but for Alembic's own."""
        if isinstance(self.configured, Connection) and not isinstance(self.external, Begun):
            now = self.status[self.configured]
            return now if isinstance(now, Begun) and now.by_hand else self.external
        return self.external
