"""Where the words of SQL stand, in code points."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any, NamedTuple

_COMMENTS = frozenset({"SQL_COMMENT", "C_COMMENT"})
_OPEN, _CLOSE, _STAR, _COMMA, _DOT, _SEMICOLON = (
    f"ASCII_{ord(sign)}" for sign in ("(", ")", "*", ",", ".", ";")
)


class Token(NamedTuple):
    """A word or a sign; `name` is the grammar's: "INDEX", "ASCII_44" for a comma."""

    name: str
    start: int
    end: int


class Tokens:
    """The words of SQL, or a run of them; places are offsets in the SQL, in code points."""

    def __init__(self, grammar: ModuleType, sql: str) -> None:
        self._sql = sql
        # PostgreSQL counts bytes.
        self._offsets = None if sql.isascii() else _code_points(sql)
        names = grammar.pg_query_pb2.Token
        found = (
            Token(names.Name(each.token), self._point(each.start), self._point(each.end))
            for each in grammar.scan(sql).tokens
        )
        self._tokens: Sequence[Token] = [each for each in found if each.name not in _COMMENTS]

    @property
    def start(self) -> int:
        """Where the first word begins."""
        return self._tokens[0].start

    @property
    def end(self) -> int:
        """Where the last word ends."""
        return self._tokens[-1].end

    @property
    def sql(self) -> str:
        """All of the SQL."""
        return self._sql

    def of(self, statement: Any) -> Tokens:
        """Those of one parsed statement."""
        start = self._point(statement.stmt_location)
        length = statement.stmt_len
        end = self._point(statement.stmt_location + length) if length else len(self._sql)
        inside = [each for each in self._tokens if start <= each.start < end]
        return self._run([each for each in inside if each.name != _SEMICOLON])

    def at(self, location: int) -> int:
        """A place that the grammar names."""
        return self._point(location)

    def behind(self, name: str) -> int | None:
        """Where the first word of a name ends."""
        return next((each.end for each in self._tokens if each.name == name), None)

    def parentheses(self) -> tuple[int, int]:
        """[start, end) of the first parentheses with what is in them; at the end where none are."""
        depth, start = 0, self.end
        for each in self._tokens:
            if each.name == _OPEN:
                start = start if depth else each.start
                depth += 1
            elif each.name == _CLOSE:
                depth -= 1
                if not depth:
                    return start, each.end
        return self.end, self.end

    def commands(self) -> list[Tokens]:
        """The parts of an ALTER TABLE behind the table's name, which commas separate."""
        tokens = self._tokens[self._behind_table() :]
        parts: list[list[Token]] = [[]]
        depth = 0
        for each in tokens:
            depth += (each.name == _OPEN) - (each.name == _CLOSE)
            if each.name == _COMMA and not depth:
                parts.append([])
            else:
                parts[-1].append(each)
        return [self._run(part) for part in parts] if all(parts) else []

    def _behind_table(self) -> int:
        """The index behind ALTER TABLE [IF EXISTS] [ONLY] name [*]."""
        index = 2
        while self._name(index) in ("IF_P", "EXISTS", "ONLY"):
            index += 1
        index += 1
        while self._name(index) == _DOT:
            index += 2
        return index + (self._name(index) == _STAR)

    def _name(self, index: int) -> str:
        return self._tokens[index].name if index < len(self._tokens) else ""

    def _run(self, tokens: Sequence[Token]) -> Tokens:
        run = object.__new__(Tokens)
        run._sql, run._offsets, run._tokens = self._sql, self._offsets, tokens
        return run

    def _point(self, offset: int) -> int:
        return offset if self._offsets is None else self._offsets[offset]


def _code_points(sql: str) -> list[int]:
    """For each byte of the SQL in UTF-8, and its end, the code point that it is in."""
    found = [index for index, sign in enumerate(sql) for _ in sign.encode("utf-8", "replace")]
    return [*found, len(sql)]
