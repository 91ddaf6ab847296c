"""What is kept of an env.py while it is followed: names, connections and their transactions."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

# What SQLAlchemy 2 begins a transaction for.
_EXECUTE = frozenset(
    ("exec_driver_sql", "execute", "scalar", "scalars", "stream", "stream_scalars")
)
_END = frozenset(("close", "commit", "invalidate", "rollback"))
_HARMLESS = frozenset(("get_execution_options", "get_isolation_level", "in_transaction"))


class Unknown(NamedTuple):
    """What the text does not tell."""

    told: bool = False


class Module(NamedTuple):
    """`alembic`, or something in it."""

    name: str


class Connection(NamedTuple):
    """A connection, or a transaction on it; with `engine`, perhaps the engine that made it."""

    number: int
    engine: bool = False


class Engine(NamedTuple):
    """An engine of known making; `autocommit`: its connections run nothing in a transaction."""

    autocommit: bool


class Section(NamedTuple):
    """What alembic.ini says in a section, to make an engine of."""

    told: bool = True


class Function(NamedTuple):
    node: ast.FunctionDef | ast.AsyncFunctionDef


class Begun(NamedTuple):
    """A transaction that Alembic does not know; `by_hand`: some begin() was called for it."""

    line: int
    what: str
    by_hand: bool


UNKNOWN: Final = Unknown()
CONTEXT: Final = Module("context")
SECTION: Final = Section()
Value = Unknown | Module | Connection | Engine | Function | Section
Status = Begun | Unknown | None  # None: in no transaction


@dataclass
class State:
    """One point in the run. `external` is the status that the connection given to configure() had;
    `configured` is that connection, None offline. `autocommit` are the connections on which nothing
    runs in a transaction.
    """

    names: dict[str, Value] = field(default_factory=dict)
    status: dict[Connection, Status] = field(default_factory=dict)
    configured: Connection | Unknown | None = None
    external: Status = None
    autocommit: frozenset[Connection] = frozenset()

    def copy(self) -> State:
        return replace(self, names=dict(self.names), status=dict(self.status))

    def become(self, other: State) -> None:
        self.names, self.status = other.names, other.status
        self.configured, self.external = other.configured, other.external
        self.autocommit = other.autocommit

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
        self.autocommit = frozenset(
            each
            for each in self.autocommit | other.autocommit
            if all(each in side.autocommit or each not in side.status for side in (self, other))
        )
        if (self.configured, self.external) != (other.configured, other.external):
            self.configured = self.external = UNKNOWN

    def bind(self, target: ast.expr, value: Value) -> None:
        if isinstance(target, ast.Name):
            self.names[target.id] = value
        elif isinstance(target, ast.Tuple | ast.List):
            for element in target.elts:
                self.bind(element, UNKNOWN)

    def connect(self, source: Value = UNKNOWN, engine: bool = False) -> Connection:
        """A new connection of an engine."""
        made = Connection(len(self.status), engine)
        self.status[made] = None
        if isinstance(source, Engine) and source.autocommit:
            self.autocommit |= {made}
        return made

    def begin(self, source: ast.expr, receiver: Value) -> Connection:
        """begin() of an engine or a connection: where it is not known which, the name is both."""
        connection = receiver
        if not isinstance(connection, Connection):
            connection = self.connect(receiver, engine=True)
            if not isinstance(receiver, Engine):
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

    def isolate(self, receiver: Value, level: ast.expr | None) -> Value:
        """execution_options() of an engine or a connection, perhaps with an isolation level."""
        if level is None:
            return receiver
        autocommit = is_autocommit(level)
        if not isinstance(receiver, Connection):
            return Engine(autocommit)
        self.autocommit = (
            self.autocommit | {receiver} if autocommit else self.autocommit - {receiver}
        )
        return receiver

    def in_autocommit(self) -> bool:
        """Whether what run_migrations() runs now is committed by itself."""
        return self.configured in self.autocommit

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
            if isinstance(connection, Engine):  # a connection of unknown making, isolated anew
                self.configured = self.connect(connection)
            self.external = UNKNOWN

    def transaction(self) -> Status:
        """The one in which run_migrations() runs now, but for Alembic's own."""
        if isinstance(self.configured, Connection) and not isinstance(self.external, Begun):
            now = self.status[self.configured]
            return now if isinstance(now, Begun) and now.by_hand else self.external
        return self.external


def is_autocommit(level: ast.expr | None) -> bool:
    """Whether an isolation level is written out as "AUTOCOMMIT"."""
    return isinstance(level, ast.Constant) and level.value == "AUTOCOMMIT"
