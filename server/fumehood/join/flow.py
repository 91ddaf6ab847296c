"""Runs the statements of a file, block by block, without running anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..cut import Piece, Pieces
from ..facts import UNKNOWN, Context, Operation, Site
from ..read import nodes as n
from ..read import reading as r
from .blocks import Branch, Chain, entered, matched
from .evaluate import Evaluator
from .frame import Frame, Here
from .names import bind_arguments, bound_by, merged, tried
from .statements import Outcome, Statements
from .values import MOST_TURNS, Function, Value, truth

ENTRY_POINTS = ("upgrade", "downgrade")
# What loops and helpers may run in all, so that nested ones cannot stop the server.
_MOST_STEPS = 20_000
_DEEPEST_CALL = 12
_DEEPEST_BLOCK = 100  # Python itself takes no more levels of indentation


class Flow:
    """One run through a file.

    `operations` holds what each line met, `frames` where each line of plain statements ran, and
    `calling` the lines that called functions of the file.
    """

    def __init__(self, pieces: Pieces, dialect: str, autocommit: bool = False) -> None:
        self.pieces = pieces
        self.dialect = dialect
        self._autocommit = autocommit
        self.operations: dict[Piece, list[Operation]] = {}
        self.frames: dict[Piece, list[Frame]] = {}
        self.calling: set[Piece] = set()
        self.module = Frame({}, {}, Context(""))
        self._evaluator = Evaluator(self)
        self._statements = Statements(self._evaluator)
        self._steps = 0
        self._depth = 0

    def run_module(self) -> None:
        """Run the file's own statements; what functions may bind anew is not known."""
        self._block(range(len(self.pieces)), self.module)
        lines = (piece for piece in self.pieces if piece.word == "global")
        names = (name for piece in lines for name in bound_by(piece.reading))
        self.module.names = self.module.names | dict.fromkeys(names, UNKNOWN)

    def enter(self, name: str, function: Function) -> None:
        """Run an entry point."""
        locals_ = {parameter.name: UNKNOWN for parameter in function.define.parameters}
        # A decorator may begin a block around all of it.
        unsure = function.define.decorated and not self._autocommit
        context = Context(name, autocommit=UNKNOWN if unsure else self._autocommit)
        frame = Frame(locals_, self.module.names, context, calls=(function,))
        self._body(function.piece, frame)

    def again(self, piece: Piece, frame: Frame) -> Here:
        """Run one line as it runs in a frame."""
        here = Here(piece)
        self._statements.run(piece.reading.statements, frame.copy(), here)
        return here

    def _body(self, header: Piece, frame: Frame) -> Outcome:
        """Run what stands under a header, or behind it on its line."""
        if self._depth > _DEEPEST_BLOCK:
            return None
        self._depth += 1
        try:
            return self._body_of(header, frame)
        finally:
            self._depth -= 1

    def _body_of(self, header: Piece, frame: Frame) -> Outcome:
        if not header.opens:
            return self._line(header, header.reading.statements, frame)
        return self._block(self.pieces.block(self.pieces.index(header)), frame)

    def _block(self, indices: range, frame: Frame) -> Outcome:
        """Run the lines of a block, each with what stands under it."""
        index, chain = indices.start, Chain.OPEN
        branch: Branch | None = None
        while index < indices.stop:
            piece = self.pieces[index]
            if piece.blank:
                index += 1
                continue
            following = self.pieces.block(index).stop if piece.opens else index + 1
            header = piece.reading.header
            if isinstance(header, r.If):
                follows = header.chained and branch is not None
                chain = chain if follows else Chain.OPEN
                branch = (branch[0], branch[1] + 1) if follows and branch else (piece, 0)
                outcome, chain = self._if(piece, header, frame, chain, branch)
            else:
                branch = None
                if header is None:
                    outcome = self._line(piece, piece.reading.statements, frame)
                else:
                    outcome = self._header(piece, header, frame)
            if outcome is not None:
                self._finally(range(following, indices.stop), frame)
                return outcome
            index = following
        return None

    def _finally(self, indices: range, frame: Frame) -> None:
        """Run the `finally` of the statement that was left, passing by what else belongs to it."""
        index = indices.start
        while index < indices.stop:
            piece = self.pieces[index]
            if not piece.blank and piece.word not in ("except", "else", "finally"):
                return
            if piece.word == "finally":
                self._body(piece, frame)
                return
            index = self.pieces.block(index).stop if piece.opens else index + 1

    def _line(self, piece: Piece, statements: Sequence[r.Statement], frame: Frame) -> Outcome:
        """Run the statements of one line."""
        self._steps += bool(frame.prefix)
        here = Here(piece)
        if piece.reading.header is None:
            self.frames.setdefault(piece, []).append(frame.copy())
        outcome = self._statements.run(statements, frame, here)
        self._keep(here)
        return outcome

    def _keep(self, here: Here) -> None:
        if here.found:
            self.operations.setdefault(here.piece, []).extend(here.found)
        if here.called:
            self.calling.add(here.piece)

    def _evaluate(self, node: n.Expression | None, piece: Piece, frame: Frame) -> Value:
        """Evaluate an expression of a header."""
        here = Here(piece)
        value = self._evaluator.value(node, frame, here)
        self._keep(here)
        return value

    def _if(
        self, piece: Piece, header: r.If, frame: Frame, chain: Chain, branch: Branch
    ) -> tuple[Outcome, Chain]:
        """Run one branch of an `if` chain."""
        if chain is Chain.DECIDED:
            return None, chain
        test = True if header.test is None else truth(self._evaluate(header.test, piece, frame))
        return self._choose(piece, test, frame, chain, branch)

    def _choose(
        self, piece: Piece, test: bool | None, frame: Frame, chain: Chain, branch: Branch
    ) -> tuple[Outcome, Chain]:
        """Run one of several branches, as far as `test` says that its turn comes."""
        if test is False or chain is Chain.DECIDED:
            return None, chain
        if test and chain is Chain.OPEN:
            return self._body(piece, frame), Chain.DECIDED
        self._maybe(piece, frame, branch)
        return None, Chain.DECIDED if test else Chain.UNSURE

    def _match(self, piece: Piece, header: r.Match, frame: Frame) -> Outcome:
        """Run the cases of a match, as if each were a branch of an `if` chain."""
        subject, chain = self._evaluate(header.subject, piece, frame), Chain.OPEN
        block = self.pieces.block(self.pieces.index(piece))
        column = self.pieces[block.start].column if block else 0
        for number, index in enumerate(block):
            line = self.pieces[index]
            case = line.reading.header
            if not isinstance(case, r.Case) or line.column != column:
                continue
            frame.names = frame.names | dict.fromkeys(case.binds, UNKNOWN)
            values = case.values and [self._evaluate(each, line, frame) for each in case.values]
            test = matched(subject, values)
            outcome, chain = self._choose(line, test, frame, chain, (piece, number))
            if outcome is not None:
                return outcome
        return None

    def _maybe(self, piece: Piece, frame: Frame, branch: Branch | None = None) -> None:
        """Run a block that may run or not; what it binds differently is unknown afterwards."""
        branches = (*frame.context.branches, branch) if branch else frame.context.branches
        maybe = frame.copy(context=replace(frame.context, conditional=True, branches=branches))
        outcome = self._body(piece, maybe)
        left = None if outcome is None else outcome[0]
        frame.maybe_returned |= maybe.maybe_returned or left is r.Leave.RETURN
        if left not in (r.Leave.RETURN, r.Leave.RAISE):
            frame.names = merged(frame.names, maybe.names)

    def _header(self, piece: Piece, header: r.Header, frame: Frame) -> Outcome:
        match header:
            case r.Define(name):
                frame.bind(name, self._define(piece, header, frame))
            case r.Class(name):
                frame.bind(name, UNKNOWN)
            case r.With():
                return self._with(piece, header, frame)
            case r.For():
                return self._for(piece, header, frame)
            case r.Branch("try"):
                inner = frame.copy(context=replace(frame.context, tried=True))
                outcome = self._body(piece, inner)
                frame.names = inner.names
                frame.maybe_returned |= inner.maybe_returned
                frame.tried = tried(self._readings(piece))
                raised = outcome is not None and outcome[0] is r.Leave.RAISE
                return None if raised else outcome
            case r.Branch("finally"):
                return self._body(piece, frame)
            case r.Match():
                return self._match(piece, header, frame)
            case r.Branch("except") if frame.tried is None:
                return None
            case r.Branch(word, value, binds):
                self._evaluate(value, piece, frame)
                unsure = (*binds, *(frame.tried or ())) if word == "except" else binds
                frame.names = frame.names | dict.fromkeys(unsure, UNKNOWN)
                self._forget_bound(piece, frame)
                self._maybe(piece, frame)
        return None

    def _define(self, piece: Piece, header: r.Define, frame: Frame) -> Value:
        """A function; one that is decorated may do anything, but for the entry points."""
        if header.decorated and header.name not in ENTRY_POINTS:
            return UNKNOWN
        inner = frame is not self.module
        return Function(header, piece, frame.names if inner else {})

    def _with(self, piece: Piece, header: r.With, frame: Frame) -> Outcome:
        context = frame.context
        for item, target in header.items:
            value = self._evaluate(item, piece, frame.copy(context=context))
            context = entered(context, value, piece.text.strip())
            if target is not None:
                self._statements.assign(target, value, frame)
        inner = frame.copy(context=context)
        outcome = self._body(piece, inner)
        frame.names = inner.names
        frame.maybe_returned |= inner.maybe_returned
        return outcome

    def _for(self, piece: Piece, header: r.For, frame: Frame) -> Outcome:
        items = self._evaluate(header.iterable, piece, frame)
        items = tuple(items) if isinstance(items, dict) else items
        turns = isinstance(items, tuple) and len(items) <= MOST_TURNS and self._steps < _MOST_STEPS
        context = replace(frame.context, loop=True)
        if not turns:
            self._forget_bound(piece, frame)
            self._statements.assign(header.target, UNKNOWN, frame)
            self._maybe(piece, frame)
            return None
        for number, item in enumerate(items):
            prefix = (*frame.prefix, piece.label, number)
            turn = frame.copy(context=context, prefix=prefix)
            self._statements.assign(header.target, item, turn)
            outcome = self._body(piece, turn)
            frame.names = turn.names
            frame.maybe_returned |= turn.maybe_returned
            if outcome is not None and outcome[0] is r.Leave.BREAK:
                return None
            if outcome is not None and outcome[0] is not r.Leave.CONTINUE:
                return outcome
        return None

    def _forget_bound(self, piece: Piece, frame: Frame) -> None:
        """Names bound in a block that may run any number of times are not known in it."""
        frame.names = frame.names | dict.fromkeys(self._bound_in(piece), UNKNOWN)

    def _bound_in(self, piece: Piece) -> set[str]:
        """The names that a header's line and block bind."""
        return {name for reading in self._readings(piece) for name in bound_by(reading)}

    def _readings(self, piece: Piece) -> list[r.Reading]:
        block = self.pieces.block(self.pieces.index(piece)) if piece.opens else range(0)
        return [piece.reading, *(self.pieces[index].reading for index in block)]

    def call(self, function: Function, call: n.Call, frame: Frame, here: Here) -> Value:
        """Run a function of this file where it is called."""
        here.called = True
        arguments = self._evaluator.arguments(call, frame, here)
        deep = function in frame.calls or len(frame.calls) > _DEEPEST_CALL
        if deep or self._steps >= _MOST_STEPS:
            return UNKNOWN
        names = bind_arguments(function.define, *arguments)
        outer = self.module.names | function.names
        site = Site(here.piece, call.path)
        context = replace(frame.context, via=(*frame.context.via, site))
        inner = Frame(names, outer, context, here.next(frame), (*frame.calls, function))
        for parameter in function.define.parameters:
            if parameter.name not in names:
                default = self._evaluator.value(parameter.default, inner, Here(function.piece))
                inner.bind(parameter.name, default if parameter.default else UNKNOWN)
        outcome = self._body(function.piece, inner)
        if inner.maybe_returned:
            return UNKNOWN
        return outcome[1] if outcome is not None and outcome[0] is r.Leave.RETURN else None
