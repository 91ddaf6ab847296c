"""Whether an env.py lets autocommit blocks work, or needs none, told from its text.

A block commits the transaction that Alembic began. In one that somebody else began it fails, with a
bare AssertionError (MigrationContext.autocommit_block): where the connection given to configure()
is in a transaction already, or another is begun around run_migrations(). So env.py is followed here
as Python would run it online, and nothing is kept of it but its connections.

With an isolation level of AUTOCOMMIT nothing runs in a transaction: a block is not needed there.
`transactional_ddl=False` is no such thing: Alembic begins a transaction for each migration then
(MigrationContext.begin_transaction), in which CREATE INDEX CONCURRENTLY fails as before.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Sequence

from .environment_state import (
    CONTEXT,
    SECTION,
    UNKNOWN,
    Begun,
    Connection,
    Engine,
    Function,
    Module,
    State,
    Status,
    Value,
    is_autocommit,
)

_DEEPEST = 8  # calls of functions within each other
_MOST_CALLS = 1_000
_BUILTINS = frozenset(("getattr", "hasattr", "id", "isinstance", "print", "repr", "str", "type"))


_MAKE_ENGINE = frozenset(
    ("async_engine_from_config", "create_async_engine", "create_engine", "engine_from_config")
)


class _TooLongError(Exception):
    """More functions are called than are followed."""


def block_failure(text: str, path: str) -> str | None:
    """Why an autocommit block fails under this env.py, as a sentence; None where it may work.

    `path` is what the sentence calls the file.
    """
    verdicts = _run(text).verdicts
    first = next(iter(verdicts), None)
    if not isinstance(first, Begun) or not all(isinstance(each, Begun) for each in verdicts):
        return None
    return f"{path}:{first.line} {first.what}"


def runs_in_autocommit(text: str, section_autocommit: bool = False) -> bool:
    """Whether all that migrations do under this env.py is plainly committed at once, by itself.

    `section_autocommit`: the configuration's section gives its engines that isolation level.
    """
    found = _run(text, section_autocommit).autocommit
    return bool(found) and all(found)


def _run(text: str, section_autocommit: bool = False) -> _Run:
    """An env.py followed to its end; one that says nothing where it cannot be followed."""
    run = _Run(section_autocommit)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = ast.parse(text)
        run.block(module.body, State())
    except (SyntaxError, ValueError, RecursionError, MemoryError, _TooLongError):
        return _Run()
    return run


class _Run:
    """Follows statements. `verdicts` holds the status that each run_migrations() meets, and
    `autocommit` whether its connection is in autocommit.
    """

    def __init__(self, section_autocommit: bool = False) -> None:
        self._section_autocommit = section_autocommit
        self.verdicts: list[Status] = []
        self.autocommit: list[bool] = []
        self._calls: list[ast.AST] = []
        self._followed = 0

    def block(self, statements: Iterable[ast.stmt], state: State) -> bool:
        """Run statements; whether what stands behind them is reached."""
        return all(self._statement(statement, state) for statement in statements)

    def _statement(self, statement: ast.stmt, state: State) -> bool:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                state.names[statement.name] = Function(statement)
            case ast.ImportFrom() | ast.Import():
                _import(statement, state)
            case ast.With() | ast.AsyncWith():
                return self._with(statement, state)
            case ast.If():
                return self._if(statement, state)
            case ast.For() | ast.AsyncFor() | ast.While():
                self._loop(statement, state)
            case ast.Try():
                return self._try(statement, state)
            case ast.Assign():
                value = self._value(statement.value, state)
                for target in statement.targets:
                    state.bind(target, value)
            case ast.AnnAssign() | ast.AugAssign():
                state.bind(statement.target, self._value(statement.value, state))
            case _:
                for child in ast.iter_child_nodes(statement):
                    self._value(child, state)
        return not isinstance(statement, ast.Return | ast.Raise | ast.Break | ast.Continue)

    def _if(self, statement: ast.If, state: State) -> bool:
        self._value(statement.test, state)
        offline = _offline(statement.test, state)
        if offline is not None:
            return self.block(statement.body if offline else statement.orelse, state)
        other = state.copy()
        ends = self.block(statement.body, state), self.block(statement.orelse, other)
        if all(ends):
            state.join(other)
        elif ends[1]:
            state.become(other)
        return any(ends)

    def _loop(self, statement: ast.For | ast.AsyncFor | ast.While, state: State) -> None:
        head = statement.test if isinstance(statement, ast.While) else statement.iter
        self._value(head, state)
        before = state.copy()
        if not isinstance(statement, ast.While):
            state.bind(statement.target, UNKNOWN)
        if self.block(statement.body, state):
            state.join(before)
        else:
            state.become(before)

    def _try(self, statement: ast.Try, state: State) -> bool:
        before = state.copy()
        goes_on = self.block([*statement.body, *statement.orelse], state)
        for handler in statement.handlers:
            other = before.copy()
            other.status = dict.fromkeys(other.status, UNKNOWN)
            if not self.block(handler.body, other):
                continue
            if goes_on:
                state.join(other)
            else:
                state.become(other)
            goes_on = True
        return self.block(statement.finalbody, state) and goes_on

    def _with(self, statement: ast.With | ast.AsyncWith, state: State) -> bool:
        ended = []
        for item in statement.items:
            value = self._value(item.context_expr, state)
            if isinstance(value, Connection) and isinstance(state.status[value], Begun):
                ended.append(value)
            if item.optional_vars is not None:
                state.bind(item.optional_vars, value)
        goes_on = self.block(statement.body, state)
        state.status.update(dict.fromkeys(ended))
        return goes_on

    def _value(self, node: ast.AST | None, state: State) -> Value:
        match node:
            case ast.Name():
                return state.names.get(node.id, UNKNOWN)
            case ast.Await() | ast.Starred():
                return self._value(node.value, state)
            case ast.NamedExpr():
                value = self._value(node.value, state)
                state.bind(node.target, value)
                return value
            case ast.Attribute():
                module = self._value(node.value, state)
                found = isinstance(module, Module) and node.attr == CONTEXT.name
                return CONTEXT if found else UNKNOWN
            case ast.Call():
                return self._call(node, state)
            case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp():
                return UNKNOWN
            case ast.expr() | ast.keyword():
                for child in ast.iter_child_nodes(node):
                    self._value(child, state)
        return UNKNOWN

    def _call(self, node: ast.Call, state: State) -> Value:
        receiver: Value = UNKNOWN
        callee: Value = UNKNOWN
        source = node.func
        if isinstance(source, ast.Attribute):
            receiver, name = self._value(source.value, state), source.attr
        else:
            callee, name = self._value(source, state), getattr(source, "id", "")
        given = [self._value(each, state) for each in node.args]
        named = {each.arg or "**": self._value(each.value, state) for each in node.keywords}
        if receiver == CONTEXT:
            return self._alembic(name, given, named, state)
        if isinstance(callee, Function):
            return self._follow(callee, given, named, state)
        if isinstance(source, ast.Attribute) and name == "begin":
            return state.begin(source.value, receiver)
        if name == "connect":
            return state.connect(receiver)
        if name == "execution_options":
            return state.isolate(receiver, _level(node))
        if name == "get_section":
            return SECTION
        if name in _MAKE_ENGINE:
            return self._engine(node, given, named)
        if name in ("run", "run_sync") and given and isinstance(given[0], Function):
            own = [receiver] if name == "run_sync" else []
            return self._follow(given[0], [*own, *given[1:]], named, state)
        if name not in _BUILTINS:
            state.hand_over([*given, *named.values()])
        return state.use(receiver, name, node) if isinstance(receiver, Connection) else UNKNOWN

    def _engine(self, node: ast.Call, given: Sequence[Value], named: dict[str, Value]) -> Engine:
        """An engine by its own isolation level, else by that of the section it is made of."""
        level = _level(node)
        of = named.get("configuration", given[0] if given else UNKNOWN)
        of_section = of == SECTION and self._section_autocommit
        return Engine(of_section if level is None else is_autocommit(level))

    def _alembic(
        self, name: str, given: Sequence[Value], named: dict[str, Value], state: State
    ) -> Value:
        """A function of alembic.context."""
        if name == "configure":
            unread = UNKNOWN if "**" in named else None
            state.configure(named.get("connection", given[0] if given else unread))
        elif name == "run_migrations" and state.configured is not None:
            self.verdicts.append(state.transaction())
            self.autocommit.append(state.in_autocommit())
        return UNKNOWN

    def _follow(
        self, function: Function, given: Sequence[Value], named: dict[str, Value], state: State
    ) -> Value:
        """Run a function of the file. Names are looked up where it is called."""
        if function.node in self._calls or len(self._calls) >= _DEEPEST:
            state.hand_over([*given, *named.values()])
            return UNKNOWN
        self._followed += 1
        if self._followed > _MOST_CALLS:
            raise _TooLongError
        parts = function.node.args
        positional = [each.arg for each in (*parts.posonlyargs, *parts.args)]
        every = (*positional, *(each.arg for each in parts.kwonlyargs))
        outside = state.names
        state.names = {**outside, **dict.fromkeys(every, UNKNOWN)}
        state.names |= {**dict(zip(positional, given, strict=False)), **named}
        self._calls.append(function.node)
        self.block(function.node.body, state)
        self._calls.pop()
        state.names = outside
        return UNKNOWN


def _import(statement: ast.Import | ast.ImportFrom, state: State) -> None:
    for alias in statement.names:
        value: Value = UNKNOWN
        if isinstance(statement, ast.Import) and alias.name == "alembic.context" and alias.asname:
            value = CONTEXT
        elif isinstance(statement, ast.Import) and alias.name.partition(".")[0] == "alembic":
            value = Module("alembic")
        elif isinstance(statement, ast.ImportFrom) and statement.module == "alembic":
            value = Module(alias.name)
        state.names[alias.asname or alias.name.partition(".")[0]] = value


def _level(node: ast.Call) -> ast.expr | None:
    """The isolation level that a call is given, also among create_engine()'s execution options."""
    given = {each.arg: each.value for each in node.keywords}
    options = given.get("execution_options")
    if "isolation_level" not in given and isinstance(options, ast.Dict):
        keys = [key.value if isinstance(key, ast.Constant) else None for key in options.keys]
        given |= dict(zip(keys, options.values, strict=True))  # type: ignore[arg-type]
    return given.get("isolation_level")


def _offline(test: ast.expr, state: State) -> bool | None:
    """Whether a condition holds online, where it asks for the offline mode; else None."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = _offline(test.operand, state)
        return None if inner is None else not inner
    if isinstance(test, ast.Call) and isinstance(test.func, ast.Attribute):
        return False if test.func.attr == "is_offline_mode" else None
    return None
